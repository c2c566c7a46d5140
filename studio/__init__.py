"""How scenes become files."""

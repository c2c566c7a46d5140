"""Posts: markers become clips, drafts get suggestions, their arithmetic is checked."""

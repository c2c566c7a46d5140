"""Templates, film scripts and their licences, shipped with the package."""

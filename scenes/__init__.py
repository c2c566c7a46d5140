"""One file, one scene: the top level of this package is the table of contents."""

"""Where everything lies that can be made or fetched again: one folder per user, the same for all rooms."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_dir() -> Path:
    """The project's folder in the user's cache, below XDG_CACHE_HOME on every system; it may not exist."""
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base) / "nnreel" if base else Path(user_cache_path("nnreel", appauthor=False))

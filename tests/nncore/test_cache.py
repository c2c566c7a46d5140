"""The cache folder: the system's own, or below XDG_CACHE_HOME wherever that is set."""

from pathlib import Path

import pytest

import nncore.cache
from nncore.cache import cache_dir


def test_xdg_cache_home_is_honoured_on_every_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nncore.cache, "user_cache_path", lambda name, appauthor: tmp_path / "system" / name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    assert cache_dir() == tmp_path / "own" / "nnreel"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_dir() == tmp_path / "system" / "nnreel"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_dir() == tmp_path / "system" / "nnreel"

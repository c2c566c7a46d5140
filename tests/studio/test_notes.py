"""Notes in the cache: kept for the next run, written only when there are new ones, forgotten together."""

from pathlib import Path

import pytest

from studio.notes import Notes, known


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return known("some")


def test_notes_are_there_for_the_next_run(path: Path) -> None:
    notes = Notes(path, 2)
    notes.remember()
    assert not path.exists(), "nothing to write"
    notes["a"] = [1, 2]
    notes.remember()
    assert Notes(path, 2) == {"a": [1, 2]}


def test_unchanged_notes_are_not_written_again(path: Path) -> None:
    notes = Notes(path, 2)
    notes["a"] = 1
    notes.remember()
    path.unlink()
    notes.remember()
    assert not path.exists()


def test_too_many_notes_are_forgotten_together(path: Path) -> None:
    notes = Notes(path, 2)
    notes |= {"a": 1, "b": 2, "c": 3}
    notes.remember()
    assert Notes(path, 3) == notes
    few = Notes(path, 2)
    assert few == {}
    few["d"] = 4
    few.remember()
    assert Notes(path, 2) == {"d": 4}


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_file_holds_no_notes(path: Path, damage: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(damage)
    assert Notes(path, 2) == {}

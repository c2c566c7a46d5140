"""What `film` does with the command line's words, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.commands import check_folder, check_recordings
from studio.film.options import Options
from studio.progress import Progress


def run(
    name: str, output: Path, *, check: bool = False, recordings: Sequence[Path] = (), **options: Any
) -> str:
    """Makes the film, or only its table; what its maker should know follows the files."""
    wanted = Options(folder=output, recordings=tuple(recordings), **options).checked()
    check_recordings(recordings)
    if check:
        from studio.film.check import check_film

        return check_film(name, wanted)
    from studio.film.film import make_film

    check_folder(output)
    with Progress() as progress:
        made = make_film(name, wanted, progress)
        progress.done("" if made.anew else "Nothing has changed.")
    return "\n".join([*map(str, made.files), *(f"note: {note}" for note in made.notes)])

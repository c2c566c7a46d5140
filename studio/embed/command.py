"""What `embed` does with the command line's words, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput
from studio.commands import check_folder, check_recordings, request_for, with_recordings
from studio.embed import snippets
from studio.embed.formats import DEFAULT, MAX_BYTES, check_formats
from studio.embed.making import Options, stem_of
from studio.embed.pack import Pack, make_pack
from studio.embed.platforms import check_platforms, make_uploads, shot_for
from studio.embed.takes import Shot
from studio.engine import LocalEngine
from studio.files import write_bytes
from studio.progress import Progress


def shot_named(name: str, **look: Any) -> Shot:
    """The scene or the beat that SCENE or SCENE:BEAT names, without recordings.

    Raises: BadInput for what does not exist.
    """
    head, colon, tail = name.rpartition(":")
    is_file = head.endswith(".py") or not colon  # path/to/file.py:Class has a colon of its own
    scene, beat = (name, None) if is_file else (head, tail)
    request = request_for(scene, **look)
    if beat is not None:
        if not request.ref.recorded:
            raise BadInput(f"'{scene}' is an ordinary manim scene: it can only be embedded whole.")
        request.ref.check_beat(beat)
    return Shot(request, beat)


def embed(
    name: str,
    output: Path,
    *,
    recordings: Sequence[Path] = (),
    workers: int | None = None,
    formats: Sequence[str] = (),
    max_bytes: int | None = None,
    base_url: str | None = None,
    autoplay: bool = False,
    transparent: bool = False,
    platforms: Sequence[str] = (),
    snippet: str | None = None,
    aspect: str | None = None,
    sound: str = "off",
    **look: Any,
) -> str:
    """Makes the pack, or the platforms' upload files, and says what there is now."""
    shot = shot_named(name, aspect=aspect or "16:9", **look)
    options = Options(
        check_formats(formats or DEFAULT), max_bytes or MAX_BYTES, base_url, autoplay, transparent
    )
    places = check_platforms(platforms)
    for place in places:
        shot_for(shot, place, aspect)
    if snippet:
        snippets.check_kind(snippet)
    snippets.check_base(base_url or "")
    check_recordings(recordings)
    check_folder(output)
    with Progress() as progress:
        (request,) = with_recordings([shot.request], recordings, progress)
        shot, engine = replace(shot, request=request), LocalEngine(workers)
        if places:
            made = make_uploads(
                shot, places, output, progress, aspect=aspect, max_bytes=max_bytes, engine=engine
            )
            notes = _sounding([path for folder in made for path in folder.glob("*.mp4")], sound)[1]
            return "\n".join([str(path) for folder in made for path in sorted(folder.iterdir())] + notes)
        pack = make_pack(shot, output, options, progress, engine)
    copies, notes = _sounding([pack.folder / f"{pack.about['stem']}.mp4"], sound)
    return (
        pack.snippet(snippet).rstrip("\n")
        if snippet
        else "\n".join([summary(pack), *map(_sized, copies), *notes])
    )


def _sounding(clips: Sequence[Path], sound: str) -> tuple[list[Path], list[str]]:
    """(the clips' copies with sound, a note on each clip that has none)."""
    if sound == "off":
        return [], []
    from studio.film.clip_sound import sounding_copies

    return sounding_copies([clip for clip in clips if not clip.stem.endswith("-sound")], sound)


def _sized(path: Path) -> str:
    return f"{path}  {snippets.size_text(path.stat().st_size)}"


def summary(pack: Pack) -> str:
    """Every file with its size, what was lowered for it, and where the snippets are."""
    lines = []
    for each in pack.about["files"]:
        path = pack.folder / each["file"]
        lines.append(_sized(path))
        if each.get("lowered"):
            lines.append(f"  lowered: {'; '.join(each['lowered'])}")
    lines.append(f"{pack.folder / 'snippets'}  {', '.join(snippets.KINDS)}")
    return "\n".join(lines)


def interactive(
    name: str, output: Path, *, recordings: Sequence[Path] = (), theme: str = "dark", **ignored: Any
) -> str:
    """Writes the interactive twin and says where it is.

    Raises: BadInput for an option that has no meaning for it.
    """
    from studio.embed.pack import titles
    from studio.embed.twin import LIMIT, twin

    for option in ("platforms", "snippet", "autoplay", "transparent", "formats", "base_url"):
        if ignored.get(option):
            raise BadInput(
                f"--interactive makes one page: --{option.replace('_', '-')} has no meaning for it."
            )
    if ignored.get("sound", "off") != "off":
        raise BadInput("--interactive makes one page: --sound has no meaning for it.")
    shot = shot_named(name, theme=theme, params=ignored.get("params", ()))
    check_recordings(recordings)
    check_folder(output)
    with Progress() as progress:
        (request,) = with_recordings([shot.request], recordings, progress)
    shot = replace(shot, request=request)
    title, _ = titles(shot)
    page = twin(shot, title, ignored.get("max_bytes") or LIMIT)
    target = output / f"{stem_of(Shot(replace(request, preset='blog')))}-interactive.html"
    write_bytes(target, page.encode())
    return f"{target}  {snippets.size_text(len(page.encode()))}"

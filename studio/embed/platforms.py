"""Upload files for places that host the video themselves: each in the shape, length and form it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean
from studio.captions import Cue, alternative, cues_of, to_srt
from studio.embed.making import MOVING_PRESET, stem_of
from studio.embed.moving import GIF, fit
from studio.embed.pack import titles
from studio.embed.poster import poster, write_png
from studio.embed.takes import Shot, Take, draw
from studio.embed.video import H264, encode
from studio.engine import Engine
from studio.files import publishing, workspace, write_bytes
from studio.manifest import write_manifest
from studio.progress import Progress

#: Sharper than for pages: the platform encodes it again.
UPLOAD = replace(H264, name="upload", crf=17, rate=float("inf"))


@dataclass(frozen=True)
class Platform:
    """What a place takes: shapes (the first if none is asked for), preset, and how long a clip may be.

    `read_muted` says that captions have to be in the picture; `bytes` limits a GIF.
    Units: `shortest` and `longest` in seconds.
    """

    name: str
    title: str
    aspects: tuple[str, ...]
    preset: str
    read_muted: bool
    shortest: float
    longest: float
    gif: bool = False
    bytes: int = 0


#: Sources: the platforms' help pages on video uploads, as of 2026.
PLATFORMS = {
    each.name: each
    for each in (
        Platform("linkedin", "LinkedIn", ("1:1", "4:5"), "1080p30", True, 3, 1800),
        Platform("medium", "Medium", ("16:9", "1:1", "4:5"), MOVING_PRESET, True, 0, 600, True, 5_000_000),
        Platform("youtube", "YouTube", ("16:9", "9:16"), "hd", False, 1, 43_200),
        Platform("x", "X", ("16:9", "1:1", "9:16"), "blog", True, 0.5, 140),
    )
}


def check_platforms(names: Sequence[str]) -> tuple[Platform, ...]:
    """The platforms of those names. Raises: BadInput for an unknown one."""
    for name in names:
        if name not in PLATFORMS:
            known = ", ".join(PLATFORMS)
            raise BadInput(f"no platform '{name}'.{did_you_mean(name, PLATFORMS)} Platforms: {known}.")
    return tuple(PLATFORMS[name] for name in dict.fromkeys(names))


def shot_for(shot: Shot, platform: Platform, aspect: str | None) -> Shot:
    """The shot in the shape and form of a platform. Raises: BadInput for a shape it does not show."""
    if aspect is not None and aspect not in platform.aspects:
        raise BadInput(f"{platform.title} shows {' or '.join(platform.aspects)}, not {aspect}.")
    request = replace(
        shot.request,
        aspect=aspect or platform.aspects[0],
        preset=platform.preset,
        captions=platform.read_muted,
    )
    if shot.beat:
        request = replace(request, beat_seconds=((shot.beat, platform.shortest),))
    return replace(shot, request=request)


def make_uploads(
    shot: Shot,
    platforms: Sequence[Platform],
    folder: Path,
    progress: Progress,
    *,
    aspect: str | None = None,
    max_bytes: int | None = None,
    engine: Engine | None = None,
) -> list[Path]:
    """A folder of upload files for each platform, below the pack's; returns the folders.

    Raises: BadInput for a shape or a length that a platform does not take; OverBudget for a GIF.
    """
    shots = [shot_for(shot, platform, aspect) for platform in platforms]
    takes = draw([each.lossless() for each in shots], progress, engine)
    made = []
    for platform, own, take in zip(platforms, shots, takes, strict=True):
        target = folder / stem_of(shot) / platform.name
        progress.done(f"Encoding for {platform.title}")
        _make(platform, own, take, target, max_bytes or platform.bytes)
        made.append(target)
    return made


def _make(platform: Platform, shot: Shot, take: Take, target: Path, limit: int) -> None:
    stem = stem_of(replace(shot, request=replace(shot.request, aspect="16:9", preset="blog")))
    with workspace() as work:
        master = take.join(work / "master.mp4")
        _check_length(platform, master.ends[-1] / master.fps)
        lowered: tuple[str, ...] = ()
        clip = target / f"{stem}.mp4"
        if platform.gif:
            with publishing(target / f"{stem}.gif") as part:
                lowered = fit(master, part, GIF, limit).lowered
            manifest = _manifest_of(take, shot, work)
        else:
            with publishing(clip) as part:
                encode(master.path, part, UPLOAD)
            manifest = write_manifest(clip, [(replace(take.plan, request=shot.request), take.infos)])
    picture = poster(shot)
    with publishing(target / f"{stem}.png") as part:
        write_png(picture, part)
    cues = cues_of(manifest)
    if cues and not platform.read_muted:
        write_bytes(target / f"{stem}.srt", to_srt(cues).encode())
    write_bytes(target / "post.txt", post_text(platform, shot, cues, lowered).encode())


def _manifest_of(take: Take, shot: Shot, work: Path) -> Mapping[str, Any]:
    """The manifest of the master itself, for its beats' times."""
    return write_manifest(work / "master.mp4", [(replace(take.plan, request=shot.request), take.infos)])


def _check_length(platform: Platform, seconds: float) -> None:
    if seconds > platform.longest:
        raise BadInput(
            f"the clip lasts {seconds:.0f} s, and {platform.title} takes at most {platform.longest:g} s; "
            "name a single beat (SCENE:BEAT)."
        )
    if seconds < platform.shortest - 0.05:
        raise BadInput(
            f"the clip lasts {seconds:.1f} s, and {platform.title} takes at least {platform.shortest:g} s."
        )


def post_text(platform: Platform, shot: Shot, cues: Sequence[Cue], lowered: Sequence[str] = ()) -> str:
    """What to write beside the upload: a title, what it says, alternative text; YouTube's with chapters."""
    title, summary = titles(shot)
    if shot.beat:
        title = f"{title}: {shot.beat.replace('_', ' ')}"
    lines = [title, "", cues[0].text if shot.beat and cues else summary]
    if platform.name == "youtube" and cues and not shot.beat:
        # Chapters start at 0:00; where YouTube wants fewer or longer ones, it shows these as times to click.
        lines += ["", *(f"{_clock(cue.start)} {cue.beat.replace('_', ' ').capitalize()}" for cue in cues)]
    lines += ["", "Alternative text:", alternative(title, cues)]
    if lowered:
        lines += ["", f"To fit, lowered: {'; '.join(lowered)}."]
    return "\n".join(lines) + "\n"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"

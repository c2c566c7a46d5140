"""Makes a pack: a folder with one clip in every format, its poster, captions, texts and snippets.

`embed.json` in it says what every file is and what it was made from; it is written last. Made again, a pack
keeps the files that would come out the same, and nothing is published before everything is made.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.captions import Cue, alternative, caption_line, cues_of, to_srt, to_webvtt, transcript
from studio.embed import snippets
from studio.embed.formats import check_formats
from studio.embed.making import Making, Options, as_json, stem_of
from studio.embed.takes import Shot
from studio.engine import Engine
from studio.files import publishing, sweep_parts, workspace, write_bytes
from studio.locks import locked
from studio.manifest import read_manifest, write_manifest
from studio.outputs import lock_path
from studio.progress import Progress

SCHEMA = 1


@dataclass(frozen=True)
class Pack:
    """A finished pack; `about` is its embed.json."""

    folder: Path
    about: Mapping[str, Any]
    options: Options

    def snippet(self, kind: str, base_url: str | None = None) -> str:
        """The snippet of one kind; `base_url` is where this folder is as seen from the page."""
        base = self.options.base_url if base_url is None else base_url
        base = f"{self.folder.name}/" if base is None else base
        return snippets.snippet(self.about, kind, snippets.check_base(base), autoplay=self.options.autoplay)


def make_pack(
    shot: Shot, folder: Path, options: Options, progress: Progress, engine: Engine | None = None
) -> Pack:
    """Makes or updates the pack of a scene or a beat in a folder of its own below `folder`.

    Raises: BadInput for what does not exist; OverBudget for a GIF or WebP that cannot be as small as asked.
    """
    options = replace(options, formats=check_formats(options.formats))
    snippets.check_base(options.base_url or "")
    target = folder / stem_of(shot)
    with locked(lock_path(target.resolve()), wait=True), workspace() as work:
        sweep_parts(target)
        making = Making(shot, options, target, work)
        kept = making.kept()
        missing = [want for want in making.wants() if want.role not in kept]
        if missing:
            making.draw(missing, progress, engine)
            kept |= making.make(missing)
        about = _publish(making, kept)
        pack = Pack(target, about, options)
        _write_texts(pack)
        write_bytes(target / "embed.json", as_json(about))
    return pack


# -- publishing ---------------------------------------------------------------------------------------------


def _publish(making: Making, records: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Puts new files in their place, then the manifest; returns what embed.json says."""
    target = making.target
    for record in records.values():
        made = making.work / record["file"]
        if made.is_file():
            with publishing(target / record["file"]) as part:
                shutil.copyfile(made, part)
    clip = target / records["mp4"]["file"]
    if (making.work / clip.name).is_file():
        take = making.takes["plain"]
        plan = replace(take.plan, request=making.plain.request)
        write_manifest(clip, [(plan, take.infos)])
    return _about(making, read_manifest(clip), [records[want.role] for want in making.wants()])


def _about(making: Making, manifest: Mapping[str, Any], files: list[dict[str, Any]]) -> dict[str, Any]:
    cues, clip, scene = cues_of(manifest), manifest["clip"], manifest["scenes"][0]
    title, summary = titles(making.shot)
    caption = cues[0].text if making.shot.beat and cues else summary
    if making.shot.beat:
        title = f"{title}: {making.shot.beat.replace('_', ' ')}"
    return {
        "schema": SCHEMA,
        "stem": making.stem,
        "scene": scene["scene"],
        "beat": making.shot.beat,
        "title": title,
        "caption": caption,
        "label": f"Animation: {title}, {clip['seconds']:.0f} seconds",
        "alt": alternative(title, cues),
        "date": _date(making.target),
        **{key: clip[key] for key in ("width", "height", "fps", "seconds")},
        **{key: scene[key] for key in ("aspect", "theme", "params", "recordings")},
        "manifest": f"{making.stem}.json",
        "files": [*files, *_text_files(making.stem, cues)],
        "cues": [asdict(cue) for cue in cues],
    }


def titles(shot: Shot) -> tuple[str, str]:
    """The scene's title and its one-line summary."""
    ref = shot.request.ref
    if ref.library:
        from scenes.registry import scene_info

        info = scene_info(ref.name)
        return info.title, info.summary
    scene = ref.load()
    lines = (scene.__doc__ or "").strip().splitlines()
    return getattr(scene, "title", "") or ref.name, lines[0] if lines else ref.name


def _date(target: Path) -> str:
    """The day the pack was first made."""
    try:
        return str(json.loads((target / "embed.json").read_text(encoding="utf-8"))["date"])
    except (OSError, ValueError, KeyError, TypeError):
        return datetime.now(UTC).date().isoformat()


def _text_files(stem: str, cues: Sequence[Cue]) -> list[dict[str, Any]]:
    if not cues:
        return []
    kinds = (("vtt", "text/vtt"), ("srt", "application/x-subrip"), ("txt", "text/plain"))
    return [{"role": role, "file": f"{stem}.{role}", "type": kind} for role, kind in kinds]


def _write_texts(pack: Pack) -> None:
    """Captions, transcript, alternative text and every snippet."""
    about, folder = pack.about, pack.folder
    cues = [Cue(**cue) for cue in about["cues"]]
    texts = {f"{about['stem']}.alt.txt": about["alt"] + "\n"}
    if cues:
        texts[f"{about['stem']}.vtt"] = to_webvtt(cues, caption_line(about["aspect"]))
        texts[f"{about['stem']}.srt"] = to_srt(cues)
        texts[f"{about['stem']}.txt"] = transcript(about["title"], cues)
    for kind, template in snippets.KINDS.items():
        texts[f"snippets/{snippets.FILE_NAMES.get(kind, template)}"] = pack.snippet(kind)
    texts[f"snippets/{snippets.FILE_NAMES['hugo-shortcode']}"] = snippets.hugo_shortcode()
    if pack.options.autoplay:
        texts["autoplay.js"] = snippets.autoplay_script()
    for name, text in texts.items():
        write_bytes(folder / name, text.encode())

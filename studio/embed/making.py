"""The files of pictures in a pack: which are wanted, which are there already, how each is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from studio.embed import poster as posters
from studio.embed.alpha import write_alpha
from studio.embed.formats import DEFAULT, MAX_BYTES, VIDEO
from studio.embed.moving import KINDS, Kind, Master, fit
from studio.embed.takes import Shot, Take, draw, plan_of
from studio.embed.video import ALPHA, H264, Codec, encode, mime_of
from studio.engine import Engine, cores
from studio.manifest import digest_of, read_manifest
from studio.progress import Progress
from studio.request import clip_name

#: The picture that GIF and WebP are made from, captions drawn in.
MOVING_PRESET = "480p15"
#: Makes a file and returns what embed.json says of it.
Make = Callable[[Path], dict[str, Any]]
#: Raise when an encoder's settings change in a way that their names do not tell.
_ENCODING = 1


@dataclass(frozen=True)
class Options:
    """What a pack is to hold. `base_url` None: snippets stand in the pack's parent folder."""

    formats: tuple[str, ...] = DEFAULT
    max_bytes: int = MAX_BYTES
    base_url: str | None = None
    autoplay: bool = False
    transparent: bool = False


@dataclass(frozen=True)
class Want:
    """A file to be made: its role and name, what it is made from, and how."""

    role: str
    file: str
    key: str
    make: Make


def stem_of(shot: Shot) -> str:
    """The name of a pack's folder and the start of its files' names."""
    stem = clip_name(shot.request).removesuffix(".mp4")
    return f"{stem}-{shot.beat}" if shot.beat else stem


class Making:
    """One pack in the making: what is wanted, what is there, the takes it is made from."""

    def __init__(self, shot: Shot, options: Options, target: Path, work: Path) -> None:
        self.shot, self.options, self.target, self.work = shot, options, target, work
        self.stem = stem_of(shot)
        request = replace(shot.request, captions=False)
        self.plain = replace(shot, request=request)
        self.read_muted = replace(shot, request=replace(request, captions=True, preset=MOVING_PRESET))
        self.takes: dict[str, Take] = {}
        self.masters: dict[str, Master] = {}

    def wants(self) -> list[Want]:
        """Every file of pictures, the ones that can fail first."""
        keys = [list(plan_of(each.lossless()).keys) for each in (self.plain, self.read_muted)]
        found = []
        for name, kind in KINDS.items():
            if name in self.options.formats:
                limit = self.options.max_bytes
                make = self._moving(kind, limit)
                found.append(self._want(name, kind.suffix, [keys[1], kind.ladder, limit], make))
        codecs = [H264, *(VIDEO[name] for name in self.options.formats if name in VIDEO)]
        for codec in codecs:
            found.append(self._want(codec.name, codec.suffix, [keys[0], asdict(codec)], self._video(codec)))
        found += self._posters(keys[0])
        return found

    def _posters(self, keys: Sequence[str]) -> list[Want]:
        found = [
            self._want("poster-png", ".poster.png", [keys], self._poster(posters.write_png)),
            self._want("poster-webp", ".poster.webp", [keys], self._poster(posters.write_webp)),
        ]
        if self.options.transparent:
            settings = [keys, asdict(ALPHA)]
            found.append(self._want("alpha", ALPHA.suffix, settings, self._alpha))
            found.append(self._want("poster-alpha", ".poster-alpha.webp", settings, self._alpha_poster))
        return found

    def _want(self, role: str, suffix: str, made_of: Any, make: Make) -> Want:
        key = hashlib.sha256(as_json([_ENCODING, role, made_of])).hexdigest()[:24]
        return Want(role, self.stem + suffix, key, make)

    def kept(self) -> dict[str, dict[str, Any]]:
        """The files of an older pack that would come out the same, by role."""
        try:
            old = json.loads((self.target / "embed.json").read_text(encoding="utf-8"))
            records = {each["role"]: each for each in old["files"] if "key" in each}
            clip = read_manifest(self.target / f"{self.stem}.mp4")["clip"]["sha256"]
            found = {
                want.role: records[want.role]
                for want in self.wants()
                if self._same(want, records.get(want.role))
            }
        except Exception:  # whatever is wrong with what is there, it is made anew
            return {}
        if "mp4" in found and found["mp4"]["sha256"] != clip:
            del found["mp4"]
        if "poster-alpha" not in found:  # drawn in one go
            found.pop("alpha", None)
        return found

    def _same(self, want: Want, record: dict[str, Any] | None) -> bool:
        if record is None or (record["key"], record["file"]) != (want.key, want.file):
            return False
        return digest_of(self.target / want.file) == record["sha256"]

    def draw(self, missing: Sequence[Want], progress: Progress, engine: Engine | None) -> None:
        """Draws the takes that the missing files are made from."""
        shots = {"moving": self.read_muted, "plain": self.plain}
        roles = {"moving" if want.role in KINDS else "plain" for want in missing}
        wanted = {name: shot.lossless() for name, shot in shots.items() if name in roles}
        takes = draw(list(wanted.values()), progress, engine)
        for name, take in zip(wanted, takes, strict=True):
            self.takes[name] = take
            self.masters[name] = take.join(self.work / f"{name}.mp4")
        progress.done(f"Encoding {', '.join(want.file for want in missing)}")

    def make(self, missing: Sequence[Want]) -> dict[str, dict[str, Any]]:
        """Makes the missing files in the work folder; encoders run beside each other, drawing runs here."""
        drawn = [want for want in missing if want.role.startswith(("poster", "alpha"))]
        with ThreadPoolExecutor(max_workers=min(4, cores())) as pool:
            waiting = {want.role: pool.submit(self._make, want) for want in missing if want not in drawn}
            try:
                found = {want.role: self._make(want) for want in drawn}
                found |= {role: future.result() for role, future in waiting.items()}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return {want.role: found[want.role] for want in missing}

    def _make(self, want: Want) -> dict[str, Any]:
        path = self.work / want.file
        facts = want.make(path)
        about = {"bytes": path.stat().st_size, "sha256": digest_of(path), "key": want.key}
        return {"role": want.role, "file": want.file, **facts, **about}

    # -- how each file is made ------------------------------------------------------------------------------

    def _video(self, codec: Codec) -> Make:
        def make(path: Path) -> dict[str, Any]:
            master = self.masters["plain"]
            crf = encode(master.path, path, codec)
            size = {"width": master.width, "height": master.height}
            return {"type": mime_of(path), **size, "crf": crf, "lowered": _coarser(codec, crf)}

        return make

    def _moving(self, kind: Kind, limit: int) -> Make:
        def make(path: Path) -> dict[str, Any]:
            made = fit(self.masters["moving"], path, kind, limit)
            size = {"width": made.width, "height": made.height}
            return {"type": f"image/{kind.name}", **size, "lowered": list(made.lowered)}

        return make

    def _poster(self, write: Callable[[Any, Path], None]) -> Make:
        def make(path: Path) -> dict[str, Any]:
            pixels = self._telling
            write(pixels, path)
            kind = "png" if path.suffix == ".png" else "webp"
            return {"type": f"image/{kind}", "width": pixels.shape[1], "height": pixels.shape[0]}

        return make

    @cached_property
    def _telling(self) -> np.ndarray:
        return posters.poster(self.plain)

    def _alpha(self, path: Path) -> dict[str, Any]:
        crf, size = write_alpha(self.plain, path, self.work / f"{self.stem}.poster-alpha.webp")
        return {"type": mime_of(path), "width": size[0], "height": size[1], "crf": crf}

    def _alpha_poster(self, path: Path) -> dict[str, Any]:
        width, height = self.plain.request.quality.size(self.plain.request.aspect)
        return {"type": "image/webp", "width": width, "height": height}  # drawn with the clip


def _coarser(codec: Codec, crf: int) -> list[str]:
    if crf == codec.crf:
        return []
    return [f"quality crf {crf} instead of {codec.crf}, for {codec.rate / 1000:g} kB a second"]


def as_json(value: Any) -> bytes:
    """JSON for a file, dataclasses as objects."""
    return (json.dumps(value, ensure_ascii=False, indent=1, default=asdict) + "\n").encode()

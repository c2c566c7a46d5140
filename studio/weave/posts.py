"""Whole posts: read, every marker checked, every clip made, then the text written; all or nothing per run.

Nothing is drawn before all markers of all posts are known to be right, and no post is touched before all
clips are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput, did_you_mean
from studio.embed.pack import Options, make_pack
from studio.embed.snippets import check_kind
from studio.embed.takes import Shot
from studio.files import write_bytes
from studio.library import find_scene
from studio.progress import Progress
from studio.weave.markers import Marker, find_markers, woven

SUFFIXES = (".md", ".markdown", ".mdx")
LOOK = ("aspect", "theme", "preset")
OWN = (*LOOK, "snippet")
#: What each kind of snippet shows besides the MP4: pages that strip video get pictures that move.
SHOWN = {"markdown": ("gif", "webp")}
SHOWN_ELSE = ("av1",)
#: Where a post's clips go, beside the post.
CLIPS = "clips"

MakeShot = Callable[..., Shot]


@dataclass(frozen=True)
class Post:
    """A post as it was read."""

    path: Path
    text: str
    markers: tuple[Marker, ...]

    @property
    def name(self) -> str:
        """What messages call the post: its path as it was given."""
        return str(self.path)


@dataclass(frozen=True)
class Woven:
    """What weaving did to a post."""

    post: Path
    target: Path
    changed: bool
    clips: tuple[dict[str, Any], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "post": str(self.post),
            "target": str(self.target),
            "changed": self.changed,
            "clips": list(self.clips),
        }


def find_posts(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """(post, its path below the folder that was named) for files and whole folders.

    Raises: BadInput for a path that is no post, and for a folder without one.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if _is_post(each, path))
            if not inside:
                raise BadInput(f"{path} holds no post ({', '.join(SUFFIXES)}).")
            found += [(each, each.relative_to(path)) for each in inside]
        elif not path.is_file():
            raise BadInput(f"there is no post {path}.")
        else:
            found.append((path, Path(path.name)))
    return list(dict.fromkeys(found))


def _is_post(path: Path, below: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(below).parts)
    return path.suffix.lower() in SUFFIXES and path.is_file() and not hidden


def read_text(path: Path) -> str:
    """The post's text, every byte of it. Raises: BadInput where it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def read_post(path: Path) -> Post:
    """The post with its markers."""
    text = read_text(path)
    return Post(path, text, tuple(find_markers(text, str(path))))


def shots_of(post: Post, make_shot: MakeShot) -> Iterator[Shot]:
    """What each marker asks to be drawn. Raises: BadInput with the marker's file and line."""
    for marker in post.markers:
        look = {name: marker.options[name] for name in LOOK if name in marker.options}
        params = [f"{name}={value}" for name, value in marker.options.items() if name not in OWN]
        try:
            _check_names(marker)
            if "snippet" in marker.options:
                check_kind(marker.options["snippet"])
            yield make_shot(marker.scene, marker.beat, params=params, **look)
        except BadInput as error:
            raise BadInput(f"{post.path}:{marker.line}: {error}") from None


def _check_names(marker: Marker) -> None:
    known = [*OWN, *(find_scene(marker.scene).params or {})]
    for name in marker.options:
        if name not in known:
            raise BadInput(f"no option '{name}'.{did_you_mean(name, known)} Options: {', '.join(known)}.")


def weave(
    posts: Sequence[tuple[Post, Path]],
    make_shot: MakeShot,
    ready: Callable[[Sequence[Shot]], Sequence[Shot]],
    kind: str,
    options: Options,
    progress: Progress,
) -> list[Woven]:
    """Makes every clip the posts ask for and writes the posts to their targets.

    `make_shot` turns a marker's words into a shot, `ready` gives all shots their recordings.
    """
    check_kind(kind)
    asked = [list(shots_of(post, make_shot)) for post, _ in posts]
    flat = ready([shot for shots in asked for shot in shots])
    shots = iter(flat)
    texts, reports = [], []
    for post, target in posts:
        snippets, clips = [], []
        for marker in post.markers:
            folder = target.parent / CLIPS
            own = marker.options.get("snippet", kind)
            formats = ("mp4", *SHOWN.get(own, SHOWN_ELSE))
            pack = make_pack(next(shots), folder, replace(options, formats=formats), progress)
            base = f"{(options.base_url or CLIPS).rstrip('/')}/{pack.folder.name}/"
            snippets.append(pack.snippet(own, base))
            clips.append({"line": marker.line, "marker": marker.ref, "folder": str(pack.folder)})
        text = woven(post.text, post.markers, snippets)
        texts.append(text)
        reports.append(Woven(post.path, target, text != post.text, tuple(clips)))
    for (post, target), text in zip(posts, texts, strict=True):
        if text != post.text or target.resolve() != post.path.resolve():
            write_bytes(target, text.encode("utf-8"))
    return reports

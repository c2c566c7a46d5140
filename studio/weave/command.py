"""What `weave` does with its words: weave, suggest or check; what it prints and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.errors import BadInput
from studio.embed.takes import Shot
from studio.files import write_bytes
from studio.weave import check as checking
from studio.weave import suggest as suggesting
from studio.weave.posts import Post, find_posts, read_post, read_text, weave


def run(
    paths: Sequence[Path],
    *,
    suggest: bool,
    apply: bool,
    check: bool,
    output: Path | None,
    as_json: bool,
    **options: Any,
) -> tuple[str, bool]:
    """(what to print, whether all is right). Raises: BadInput for options that exclude each other."""
    if suggest and check:
        raise BadInput("give --suggest or --check, not both.")
    if apply and not suggest:
        raise BadInput("--apply goes with --suggest.")
    if check:
        return check_posts(paths, as_json)
    if suggest:
        return suggest_posts(paths, output, apply, as_json), True
    return weave_posts(paths, output, as_json=as_json, **options), True


def check_posts(paths: Sequence[Path], as_json: bool) -> tuple[str, bool]:
    """(what to print, whether all is right) for the arithmetic of all posts."""
    found = [
        finding for path, _ in find_posts(paths) for finding in checking.check(read_text(path), str(path))
    ]
    if as_json:
        return json.dumps([finding.to_json() for finding in found], ensure_ascii=False, indent=1), not found
    return "\n".join(map(str, found)) or "nothing that could be computed is wrong.", not found


def suggest_posts(paths: Sequence[Path], output: Path | None, apply: bool, as_json: bool) -> str:
    """A clip for each section that asks for one; with `apply` the markers are written into the posts."""
    lines, listed = [], []
    for path, below in find_posts(paths):
        text = read_text(path)
        suggestions = suggesting.suggest(text)
        for each in suggestions:
            where = each.heading or "(before the first heading)"
            lines.append(f"{path}:{each.line}: {where} -> {each.scene}: {each.reason}")
            about = {"post": str(path), "line": each.line, "heading": each.heading, "scene": each.scene}
            listed.append({**about, "score": each.score, "reason": each.reason, "after": each.after})
        if apply and suggestions:
            target = path if output is None else output / below
            write_bytes(target, suggesting.apply(text, suggestions).encode("utf-8"))
    if as_json:
        return json.dumps(listed, ensure_ascii=False, indent=1)
    return "\n".join(lines) or "no section asks for a clip that is not there."


def weave_posts(
    paths: Sequence[Path],
    output: Path | None,
    *,
    snippet: str,
    base_url: str | None,
    recordings: Sequence[Path],
    as_json: bool,
    **look: Any,
) -> str:
    """Weaves all posts; says which changed."""
    from studio.commands import check_recordings, request_for, with_recordings
    from studio.embed.pack import Options
    from studio.progress import Progress

    check_recordings(recordings)
    posts: list[tuple[Post, Path]] = []
    for path, below in find_posts(paths):
        posts.append((read_post(path), path if output is None else output / below))
    if output is not None and len({target for _, target in posts}) < len(posts):
        raise BadInput(f"two posts would both become one file in {output}; weave them apart.")

    def make_shot(scene: str, beat: str | None, **own: Any) -> Shot:
        request = request_for(scene, **{**look, **own})
        return Shot(request, request.ref.check_beat(beat) if beat else None)

    with Progress() as progress:

        def ready(shots: Sequence[Shot]) -> list[Shot]:
            requests = with_recordings([shot.request for shot in shots], recordings, progress)
            return [replace(s, request=r) for s, r in zip(shots, requests, strict=True)]

        reports = weave(posts, make_shot, ready, snippet, Options(base_url=base_url), progress)
    if as_json:
        return json.dumps([report.to_json() for report in reports], ensure_ascii=False, indent=1)
    return "\n".join(
        f"{report.target}: {len(report.clips)} clips, {'changed' if report.changed else 'as it was'}"
        for report in reports
    )

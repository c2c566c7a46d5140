"""The library's scenes as text or JSON, read from their source text without importing manim."""

from __future__ import annotations

import json

from scenes.registry import scene_infos


def listing(as_json: bool) -> str:
    """Every scene with its title and beats, in the order of the story."""
    infos = scene_infos()
    if as_json:
        return json.dumps(
            [
                {
                    "name": info.name,
                    "title": info.title,
                    "summary": info.summary,
                    "part": info.part,
                    "order": info.order,
                    "concept": list(info.concept),
                    "recipes": list(info.recipes),
                    "params": info.params,
                    "beats": [{"name": name, "caption": caption} for name, caption in info.beats],
                }
                for info in infos
            ],
            indent=2,
            ensure_ascii=False,
        )
    width = max((len(info.name) for info in infos), default=0)
    return "\n".join(f"{info.name:<{width}}  {info.title} ({len(info.beats)} beats)" for info in infos)

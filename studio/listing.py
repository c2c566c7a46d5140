"""The library's scenes as text or JSON, read from their source text without importing manim."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scenes.registry import SceneInfo, scene_infos

#: What a scene's parameter types are called in a JSON schema.
SCHEMA_TYPES = {"int": "integer", "float": "number", "str": "string"}
SCHEMA_WORDS = {
    "default": "default",
    "min": "minimum",
    "max": "maximum",
    "choices": "enum",
    "help": "description",
}
MOST_CONCEPTS = 3


def listing(as_json: bool) -> str:
    """Every scene with its length, recipes and concepts, in the order of the story."""
    infos = scene_infos()
    if as_json:
        return json.dumps([_described(info) for info in infos], indent=2, ensure_ascii=False)
    rows = [_row(info) for info in infos]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)] if rows else []
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    return "\n".join(lines)


def _row(info: SceneInfo) -> tuple[str, ...]:
    runs = info.recipes[0] + (f" +{len(info.recipes) - 1}" if len(info.recipes) > 1 else "")
    concepts = ", ".join(info.concept[:MOST_CONCEPTS])
    return (info.name, f"{info.seconds} s", f"{len(info.beats)} beats", runs, concepts)


def _described(info: SceneInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "title": info.title,
        "summary": info.summary,
        "part": info.part,
        "order": info.order,
        "seconds": info.seconds,
        "concept": list(info.concept),
        "recipes": list(info.recipes),
        "params": params_schema(info.params),
        "beats": [{"name": name, "caption": caption} for name, caption in info.beats],
    }


def params_schema(params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A scene's parameters as a JSON schema of one object."""
    properties = {
        name: {
            "type": SCHEMA_TYPES[entry["type"]],
            **{word: entry[key] for key, word in SCHEMA_WORDS.items() if key in entry},
        }
        for name, entry in params.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}

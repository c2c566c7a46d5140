"""Keeps the README true: its tree from the files' docstrings, its table of scenes from their sources.

`python .setup/readme.py` rewrites what stands between the markers; a test holds the README to it.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("nncore", "scenes", "studio", "benchmarks")
WIDTH, COLUMN = 120, 32


def files() -> list[Path]:
    """The rooms' Python files that git knows, in the tree's order: files before folders."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", *(f"{room}/**.py" for room in ROOMS)],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    paths = [Path(name) for name in listed if (ROOT / name).is_file()]
    return sorted(paths, key=lambda path: [(True, part) for part in path.parts[:-1]] + [(False, path.name)])


def purpose(path: Path) -> str:
    """The first line of the file's docstring, cut where it would not fit."""
    doc = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
    return textwrap.shorten(doc.split("\n")[0].rstrip(".:"), WIDTH - COLUMN, placeholder=" …")


def tree() -> str:
    """The rooms, folder by folder, a line for each file."""
    lines: list[str] = []
    folder = None
    for path in files():
        if path.parent != folder:
            folder = path.parent
            head = purpose(folder / "__init__.py") if (ROOT / folder / "__init__.py").is_file() else ""
            lines.append(f"{folder.as_posix()}/".ljust(COLUMN) + head)
        if path.name != "__init__.py":
            lines.append(f"{'  ' * len(path.parent.parts)}{path.name}".ljust(COLUMN) + purpose(path))
    return "```text\n" + "\n".join(line.rstrip() for line in lines) + "\n```"


def scenes() -> str:
    """The library as a table, in the order of the story."""
    sys.path.insert(0, str(ROOT))
    from scenes.registry import scene_infos

    lines = ["| scene | what it shows | seconds | drawn from |", "|---|---|---|---|"]
    for info in scene_infos():
        runs = ", ".join(f"`{name}`" for name in info.recipes)
        lines.append(f"| `{info.name}` | {info.summary} | {info.seconds} | {runs} |")
    return "\n".join(lines)


def written(readme: str) -> str:
    """The README with its generated parts as they are now."""
    for name, make in (("tree", tree), ("scenes", scenes)):
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = readme.split(begin)
        readme = f"{before}{begin}\n{make()}\n{end}{rest.split(end)[1]}"
    return readme


if __name__ == "__main__":
    where = ROOT / "README.md"
    where.write_text(written(where.read_text(encoding="utf-8")), encoding="utf-8")

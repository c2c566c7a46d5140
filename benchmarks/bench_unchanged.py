"""What is done again: nothing where nothing changed, the later beats where one was edited; short commands.

Works on a copy of the project in a temporary folder. From the repository:
python benchmarks/bench_unchanged.py [--repeats 3] [--preset blog] [--every 1] [--scene Softmax] [--beat 3]
"""

from __future__ import annotations

import ast
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from side_by_side import ROOT, fresh, library, options, ours, recipes_of, timed, which

from scenes.registry import SceneInfo, scene_info

PARTS = ("nncore", "scenes", "studio", "assets")
SHORT_REPEATS = 15


def copied(folder: Path) -> Path:
    """A copy of the project."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "render.py", folder)
    return folder


def edit(path: Path, scene: str, beat: str, value: int) -> None:
    """Gives a beat a statement that draws nothing: other code, the same pictures."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and node.name == scene:
            methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
            start = methods[beat].body[0]
            lines = text.splitlines(keepends=True)
            lines.insert(start.lineno - 1, " " * start.col_offset + f"_edited = {value}\n")
            path.write_text("".join(lines), encoding="utf-8")


def segments(cache: Path) -> dict[str, list[str]]:
    """The beats of every cached segment by its key."""
    sidecars = [path for path in (cache / "segments").glob("[!.]*.json") if "~" not in path.name]
    found = {path.stem: json.loads(path.read_text(encoding="utf-8"))["beats"] for path in sidecars}
    return {key: [beat["name"] for beat in beats] for key, beats in found.items()}


class Project:
    """A copy of the project with a cache of its own; all its chosen scenes are drawn once."""

    def __init__(
        self, home: Path, infos: Sequence[SceneInfo], preset: str, *, everything: bool, derived: bool
    ) -> None:
        self.home, self.root = home, copied(home / "project")
        self.environment = fresh(home / "run", recipes_of(infos), derived=derived)
        scenes = ["--all"] if everything else [info.name for info in infos]
        self.command = ours(scenes, preset, root=self.root)(home / "run")
        self.first = self.again()

    def again(self) -> float:
        """Renders all; returns the seconds that took."""
        return timed(self.command, self.environment, self.home / "run")[0]

    def edited(self, info: SceneInfo, index: int, value: int) -> tuple[float, list[str]]:
        """(seconds, names of the beats drawn again) once one beat is edited."""
        cache = self.home / "run" / "cache" / "nnreel"
        source = self.root / info.path.relative_to(ROOT)
        before = segments(cache)
        edit(source, info.name, info.beats[index][0], value)
        seconds = self.again()
        new = [name for key, names in segments(cache).items() if key not in before for name in names]
        return seconds, sorted(new, key=[name for name, _ in info.beats].index)

    def short(self, *words: str) -> float:
        """The median seconds of a command that answers at once."""
        command = [sys.executable, str(self.root / "render.py"), *words]
        return statistics.median(
            timed(command, self.environment, self.home / "run")[0] for _ in range(SHORT_REPEATS)
        )


def report(project: Project, info: SceneInfo, index: int, repeats: int) -> None:
    """Prints the figures."""
    print(f"drawn for the first time: {project.first:.1f} s", flush=True)
    unchanged = statistics.median(project.again() for _ in range(repeats))
    print(f"again, nothing changed: {unchanged:.2f} s", flush=True)
    found = [project.edited(info, index, value) for value in range(repeats)]
    wanted = [name for name, _ in info.beats[index:]]
    for _, drawn in found:
        if drawn != wanted:
            raise SystemExit(f"beat '{wanted[0]}' of {info.name} was edited; drawn again were {drawn}")
    seconds = statistics.median(seconds for seconds, _ in found)
    print(
        f"again, beat '{wanted[0]}' of {info.name} edited ({index + 1} of {len(info.beats)}): "
        f"{seconds:.2f} s, drawn: {', '.join(wanted)}, and nothing else",
        flush=True,
    )
    for words in ("--help", "list"):
        print(f"{words}: {project.short(words):.3f} s")


def main(arguments: Sequence[str]) -> None:
    """Prints a line for each of first time, unchanged, edited, `--help`, `list`."""
    parser = options(__doc__ or "", every=True, preset="blog")
    parser.add_argument("--scene", default="Softmax", help="the scene that is edited")
    parser.add_argument("--beat", type=int, default=3, help="the number of the beat that is edited")
    chosen = parser.parse_args(arguments)
    info = scene_info(chosen.scene)
    infos = library(chosen.every)
    if info not in infos:
        infos.append(info)
    print(f"{which(infos, chosen.every)}, {chosen.preset}, median of {chosen.repeats}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        project = Project(
            Path(name), infos, chosen.preset, everything=chosen.every == 1, derived=chosen.derived
        )
        report(project, info, chosen.beat - 1, chosen.repeats)


if __name__ == "__main__":
    main(sys.argv[1:])

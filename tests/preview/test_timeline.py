"""What can be played while a scene is being drawn, how errors read, and the page's colours."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from running import ROOT, SCENES

from nncore.errors import BadInput
from scenes.kit.style import THEMES, contrast
from studio.library import find_scene
from studio.media import probe
from studio.plan import ScenePlan
from studio.preview import timeline, watch
from studio.preview.failures import described
from studio.preview.jobs import WatchedJob, stamps_of
from studio.preview.server import PAGE
from studio.preview.session import Session
from studio.preview.tasks import draw, still, survey
from studio.segments import SegmentInfo, SegmentStore

ROLES = (
    "background",
    "surface",
    "ink",
    "muted",
    "faint",
    "accent",
    "positive",
    "negative",
    "output",
    "wrong",
)


def segment(name: str, key: str = "", **facts) -> SegmentInfo:
    beats = [{"name": name, "caption": name, "frames": 10}]
    return SegmentInfo(key or name, 10, "", 0, beats, [], **facts)


@pytest.fixture
def reel(session: Session) -> timeline.Reel:
    """Three beats, nothing drawn."""
    plan = ScenePlan(session.request, ("a", "b", "c"), ())
    return timeline.Reel(plan, session.ref, (), (None, None, None))


def test_old_beats_are_played_until_they_are_drawn_anew(reel: timeline.Reel) -> None:
    done = replace(reel, fresh=(segment("slide"), segment("weight"), segment("edge")))
    changed = replace(reel, fresh=(segment("slide"), None, None), old=done.leftovers())
    assert [(info.key, fresh) for info, fresh in changed.parts()] == [
        ("slide", True), ("weight", False), ("edge", False),
    ]  # fmt: skip
    assert not changed.complete
    assert done.complete


def test_what_was_drawn_while_the_code_changed_is_not_kept(reel: timeline.Reel) -> None:
    torn = replace(reel, fresh=(segment("slide"), segment("weight", only_for="run"), None))
    assert list(torn.leftovers()) == ["slide"]


def test_what_is_looked_at_is_drawn_first(reel: timeline.Reel, tmp_path: Path) -> None:
    jobs = reel.jobs(SegmentStore(tmp_path), 2, "edge")
    assert sorted(key for job in jobs for key in job.keys) == ["a", "b", "c"]
    assert "c" in jobs[0].keys
    assert [job.first for job in jobs[1:]] == sorted(job.first or 0 for job in jobs[1:])


def test_beats_are_listed_before_anything_is_known_of_them(reel: timeline.Reel) -> None:
    beats = timeline.beats_of(reel, {})
    assert [beat["name"] for beat in beats] == ["slide", "weight", "edge"]
    assert all(beat["frames"] > 0 and not beat["known"] and beat["numbers"] == [] for beat in beats)


def test_a_saved_file_makes_a_job_out_of_date(reel: timeline.Reel, tmp_path: Path) -> None:
    file = tmp_path / "scene.py"
    file.write_text("one")
    stamps = stamps_of([str(file), str(tmp_path / "gone.py")])
    job = WatchedJob(reel.plan.request, 0, ("a",), 1.0, tmp_path, "run", stamps=stamps)
    assert job.is_current()
    file.write_text("two")
    assert not job.is_current()


def test_the_tasks_of_a_worker(session: Session, tmp_path: Path) -> None:
    sent: list[tuple] = []
    still(sent.append, session.request, "slide", 4)
    assert sent[0][0] == "still"
    assert sent[0][1].startswith(b"\x89PNG")
    assert sent[0][2:] == ("slide", 4)
    still(sent.append, session.request, "weight", 999)
    sent.clear()
    survey(sent.append, session.request)
    facts = {message[1]["name"]: message[1] for message in sent}
    assert list(facts) == ["slide", "weight", "edge"]
    assert [each["kind"] for each in facts["edge"]["findings"]] == ["out of frame"]
    assert facts["edge"]["numbers"][0]["since"] == "weight"
    store = SegmentStore(tmp_path / "segments")
    store.prepare()
    reel = timeline.plan_reel(session.request, store, None)
    (job,) = reel.jobs(store, 1, "slide")
    draw(lambda _: None, job)
    reel = timeline.plan_reel(session.request, store, None)
    beats = reel.join(store, tmp_path / "clip.mp4")
    assert probe(tmp_path / "clip.mp4").frames == sum(beat["frames"] for beat in beats)
    assert [beat["frames"] for beat in beats] == [each["frames"] for each in facts.values()]


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "broken.py"
        path.write_text(text)
        return path

    return write


def failed(make: Callable[[], object], own: Path | None = None) -> dict:
    try:
        make()
    except Exception as error:
        return described(error, own)
    raise AssertionError("it did not fail")


def test_an_error_names_the_line_of_the_scene_not_of_a_library(broken: Callable[[str], Path]) -> None:
    path = broken("import json\n\ndef scene():\n    json.loads('{')\n")
    code = compile(path.read_text(), str(path), "exec")
    space: dict = {}
    exec(code, space)
    failure = failed(space["scene"], path)
    assert failure["place"] == "broken.py:4 in scene"
    assert failure["title"].startswith("JSONDecodeError: ")
    assert [here for number, _, here in failure["excerpt"] if number == 4] == [True]


def test_a_syntax_error_names_its_line(broken: Callable[[str], Path]) -> None:
    path = broken("x = 1\ny = (\n")
    failure = failed(lambda: find_scene(f"{path}:Any"), path)
    assert failure["title"] == "SyntaxError: '(' was never closed"
    assert failure["place"] == "broken.py:2"


def test_our_own_errors_are_shown_as_they_are() -> None:
    failure = described(BadInput("there is no such thing."))
    assert failure["title"] == "there is no such thing."
    assert failure["excerpt"] == []


def test_code_and_manifests_matter_and_nothing_else() -> None:
    names = ("scenes/a.py", "run/manifest.json", "a.npy", "scenes/.a.py.swp", ".hidden.py", "scenes/a.pyc")
    assert [name for name in names if watch.matters(watch.Change.modified, name)] == list(names[:2])
    places = watch.places_of(find_scene(f"{SCENES}:Slides"), [("tiny", str(SCENES.parent))])
    assert places == [ROOT / "scenes", ROOT / "nncore", ROOT / "studio/manim_adapter", SCENES.parent]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_has_the_scenes_colours(theme: str) -> None:
    css = (PAGE / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colors = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", blocks[theme == "light"]))
    assert {role: colors[role] for role in ROLES} == {role: THEMES[theme][role] for role in ROLES}
    assert contrast(colors["muted"], colors["surface"]) >= 4.5
    assert contrast(colors["accent"], colors["surface"]) >= 4.5


def test_the_server_draws_nothing() -> None:
    tree = [
        name
        for file in ("command", "session", "server", "timeline", "errands", "choices", "warm", "watch")
        for node in ast.walk(ast.parse((ROOT / f"studio/preview/{file}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or node.names[0].name]
    ]
    assert not [name for name in tree if name.startswith(("manim", "studio.manim_adapter", "scenes.kit"))]
    assert "studio.preview.tasks" not in tree

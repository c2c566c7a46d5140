"""What holds for every scene: its storyboard, its layout in every shape and theme, its sources."""

import ast
from functools import lru_cache

import pytest

from nncore.recording import Recording
from nncore.sources import Source, resolve
from scenes.kit.beats import CAPTION_LINE, CAPTION_LINES, reading_time
from scenes.kit.text import wrap_characters
from scenes.registry import FOLDER, SceneInfo, load_scene, scene_info, scene_infos
from studio.demo import SCENES as DEMO
from studio.files import workspace
from studio.lint import lint
from studio.manim_adapter import FrameSink, run_scene
from studio.request import Request
from studio.runs import ensure_recording

SCENES = scene_infos()
#: Literals a scene may hold are shares of a layout and seconds; figures this long would be data.
LONGEST_LITERAL = 4


@lru_cache(maxsize=64)
def recordings(recipes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((recipe, str(ensure_recording(recipe))) for recipe in recipes)


def request(info: SceneInfo, **options) -> Request:
    return Request(info.name, preset="preview", recordings=recordings(info.recipes), **options)


def run(info: SceneInfo, **options):
    """The scene after it has run to its end without drawing."""
    wanted = request(info, **options)
    with workspace() as folder:
        scene, _ = run_scene(wanted.build, wanted.stage(), FrameSink(), folder)
    return scene


@pytest.fixture(params=SCENES, ids=lambda info: info.name)
def info(request) -> SceneInfo:
    return request.param


def test_source_text_and_class_tell_the_same(info):
    scene = load_scene(info.name)
    assert [beat.name for beat in scene.beats] == [name for name, _ in info.beats]
    assert [beat.caption for beat in scene.beats] == [caption for _, caption in info.beats]
    assert scene.recipes == info.recipes
    assert info.title
    assert info.summary
    assert info.concept
    assert 3 <= len(info.beats) <= 7


def test_places_in_the_story_are_taken_once():
    places = [(info.part, info.order) for info in SCENES]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("aspect", ["16:9", "1:1", "4:5", "9:16"])
def test_layout_is_clean_in_the_dark_theme(info, aspect):
    assert [str(finding) for finding in lint(request(info), (aspect,), ("dark",))] == []


def test_layout_is_clean_in_the_light_theme(info):
    assert [str(finding) for finding in lint(request(info), ("16:9",), ("light",))] == []


def test_numbers_come_from_their_sources_and_captions_fit(info):
    scene = run(info)
    opened = {name: Recording.open(folder) for name, folder in recordings(info.recipes)}
    by_name = {recording.name: recording for recording in opened.values()}
    for entry in scene.ledger:
        value = resolve(by_name[entry.recording], Source.from_json(entry.source))
        assert entry.template.format(value) == entry.text
    for name, _ in info.beats:
        caption = scene.captions[name]
        assert "{" not in caption
        lines = wrap_characters(caption, CAPTION_LINE)
        assert len(lines) <= CAPTION_LINES
    shown = sum(reading_time(caption) for caption in scene.captions.values())
    assert shown <= scene.renderer.time + 1.0
    assert 19.5 <= scene.renderer.time <= 60, "a scene takes 20 to 60 seconds"
    assert abs(info.seconds - scene.renderer.time) < 2, "`seconds` says how long it takes"


def test_the_demo_takes_45_to_75_seconds():
    assert 45 <= sum(run(scene_info(name)).renderer.time for name in DEMO) <= 75


def test_scenes_hold_no_data_and_no_randomness():
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                digits = repr(node.value).replace(".", "").strip("0-")
                assert len(digits) <= LONGEST_LITERAL, (
                    f"{path.name}:{node.lineno}: {node.value} looks like data"
                )
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("random", "default_rng"), f"{path.name}:{node.lineno}: randomness"


def test_an_unknown_scene_is_answered_with_the_closest():
    with pytest.raises(Exception, match="Did you mean 'ForwardPass'"):
        scene_info("ForwardPas")

"""The check of a film says how long everything will be, without drawing it."""

import pytest
from small_film import FILM, TINY

from nncore.errors import BadInput
from studio.film import measure
from studio.film.check import check_film
from studio.film.options import Options
from studio.manifest import read_manifest


@pytest.fixture
def check(tiny, tmp_path, monkeypatch):
    """The film's table, in a cache in which nothing is drawn."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def table(text=FILM, **options) -> str:
        path = tmp_path / "small.toml"
        path.write_text(text, encoding="utf-8")
        return check_film(str(path), Options(**({"preset": TINY, "recordings": (tiny.path,)} | options)))

    return table


@pytest.mark.parametrize("voice", ["none", "espeak"])
def test_the_check_says_how_long_the_film_will_be(check, make, here, voice):
    before = check(voice=voice)
    assert here.drawn == []
    made = make(voice=voice)
    manifest = read_manifest(made.files[0])
    rows = [line.split() for line in before.splitlines() if not line.startswith("note:")]
    assert rows[-1][:4] == ["0:" + f"{int(manifest['clip']['seconds']):02}", "A", "small", "film"]
    chapters = manifest["film"]["chapters"]
    seconds = [manifest["clip"]["seconds"], *(each["end"] - each["start"] for each in chapters)]
    assert [float(row[-1]) for row in (rows[-1], *rows[1:-1])] == pytest.approx(seconds, abs=0.051)
    assert rows[-1][-3] == "5"
    assert [line.removeprefix("note: ") for line in before.splitlines()[len(rows) :]] == list(made.notes)
    assert check(voice=voice) == before


def test_beats_in_another_order_are_measured_too(check, make):
    text = FILM.replace('["first", "third"]', '["third", "first"]')
    (row,) = [line for line in check(text).splitlines() if "A small film" in line]
    assert float(row.split()[-1]) == pytest.approx(
        read_manifest(make(text).files[0])["clip"]["seconds"], abs=0.051
    )


def test_a_check_without_recordings_guesses(check):
    assert "not trained yet" in check(recordings=())


def test_a_scene_that_cannot_run_is_named_with_its_place(check, studio_folder):
    (studio_folder / "broken.py").write_text(
        "from scenes.kit.beats import beat\nfrom scenes.kit.recorded_scene import RecordedScene\n\n\n"
        'class Broken(RecordedScene):\n    title = "Broken"\n    part = 0\n    order = 0\n\n'
        '    @beat("It breaks.")\n'
        "    def breaks(self) -> None:\n        raise ZeroDivisionError(3)\n",
        encoding="utf-8",
    )
    text = FILM.replace('samples.py:Measured"', 'broken.py:Broken"').replace("lines.again", "lines.breaks")
    with pytest.raises(BadInput, match=r"small.toml:14: Broken cannot be drawn: ZeroDivisionError: 3"):
        check(text.replace("Three.third", "Three.first"))


def test_what_was_measured_is_not_measured_again(check, monkeypatch):
    before = check()
    runs = []
    monkeypatch.setattr(measure, "_run", lambda request, last, _: runs.append((request.ref.name, last)) or {})
    assert check() == before
    assert runs == []
    with pytest.raises(KeyError):
        check(FILM.replace("The same once more", "Once more just the same"))
    assert runs == [("Measured", "again")]


@pytest.mark.parametrize("voice", ["none", "espeak"])
@pytest.mark.parametrize(
    ("name", "least", "most"), [("how-neural-networks-learn", 300, 420), ("sixty-seconds", 55, 62)]
)
def test_the_films_that_ship_are_as_long_as_they_say(tmp_path, monkeypatch, name, least, most, voice):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    table = check_film(name, Options(preset=TINY, voice=voice))
    rows = [line for line in table.splitlines() if not line.startswith("note:")]
    assert least <= float(rows[-1].split()[-1]) <= most

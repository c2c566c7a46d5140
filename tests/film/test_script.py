"""Film files: what is wrong with one is said with its line, and the films that ship are in order."""

import pytest
from small_film import FILM

from nncore.errors import BadInput
from scenes.registry import scene_info, scene_infos
from studio.film.cut import unfilled
from studio.film.script import films, read_film
from studio.film.sound.data import soundings
from studio.film.subtitles import paged, read_translation
from studio.film.words import problem_with, spoken


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("samples.py:Three", "ForwardPas", 9, "no scene 'ForwardPas'. Did you mean 'ForwardPass'?"),
        ("samples.py:Three", "samples.py:Tree", 9, "Did you mean 'Three'?"),
        ('"third"]', '"thrid"]', 10, "Three has no beat 'thrid'. Did you mean 'third'?"),
        ("lines.again", "lines.agian", 16, "Measured has no beat 'agian'. Did you mean 'again'?"),
        ("transition = \"card\"", "transition = \"crad\"", 15, "Did you mean 'card'?"),
        ("transition = \"card\"", "params.shift = 1", 15, "parameter 'shift' is unknown"),
        ("The same once more, in the film's own words.", "  ", 16, "the line is empty"),
        ("The same once more", "The <b>same</b> once more", 16, "'<b>' is markup"),
        ("The same once more", "The **same** once more", 16, "'**' is markup"),
        ("The same once more", "The same {", 16, "braces hold recorded facts"),
        ("Two scenes in a row.", "", 4, "the line is empty"),
        ("subtitle", "subtittle", 3, "no field 'subtittle'. Did you mean 'subtitle'?"),
        ('title = "A small film"', "title = 3", 2, "wrong kind of value"),
        ("Three.third", "Three.second", 5, "the film does not show 'Three.second'"),
        ("[[scene]]", "[[scene]", 8, "not TOML"),
        ('["first", "third"]', "[]", 10, "no beats are listed"),
        ('["first", "third"]', "[1]", 10, "Three has no beat '1'"),
        ('["first", "third"]', '[["third"]]', 8, "Three has no beat"),
        ("samples.py:Three", "samples.py:Plain", 9, "Plain has no beats"),
        ("A small film", " ", 2, "'title' is empty"),
        ("Two scenes\"", "Two <i>scenes</i>\"", 3, "'<i>' is markup"),
        ("Two scenes\"", "Two scenes " + 100 * "!" + "\"", 3, "111 characters do not fit a card"),
        ('["That was all."]', '["That", "**was** all."]', 6, "'**' is markup"),
        ('["That was all."]', "[3]", 6, "words in quotation marks"),
        ("transition = \"card\"", "chapter = \"`x`\"", 15, "'`' is markup"),
        ("[[scene]]", "[scene]", 8, "wrong kind of value"),
        ("transition = \"card\"", "seconds.agian = 9", 15, "Measured has no beat 'agian'. Did you mean"),
        ("transition = \"card\"", "seconds.again = 99", 15, "again lasts 99; seconds are 0 to 60."),
        ("transition = \"card\"", f'chapter = "{27 * "x"}"', 15, "27 characters do not fit over a picture"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path, old, new, line, says):
    path = tmp_path / "film.toml"
    text = FILM if old != "[[scene]]" or new == "[[scene]" else FILM[: FILM.rindex("[[scene]]")]
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        read_film(str(path))
    (message,) = str(raised.value).splitlines()
    assert message.startswith(f"{path}:{line}: ")
    assert says in message


def test_all_problems_are_said_at_once(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text(FILM.replace('"third"]', '"x"]').replace('"card"', '"x"'), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        read_film(str(path))
    assert len(str(raised.value).splitlines()) == 2


def test_headings_follow_the_chapters(tmp_path):
    path = tmp_path / "film.toml"
    named = 'name = "ForwardPass"\nchapter = "It reads"\n'
    more = '[[scene]]\nname = "GradientDescent"\nchapter = ""\n[[scene]]\nname = "Softmax"\n'
    path.write_text(f'title = "A film"\n[[scene]]\n{named}{more}', encoding="utf-8")
    shots = read_film(str(path)).shots
    assert [shot.chapter for shot in shots] == ["It reads", "", scene_info("Softmax").title]
    assert [shot.heading for shot in shots] == ["It reads", "It reads", ""]


def test_beats_whose_lead_is_left_out_are_entered(tmp_path):
    path = tmp_path / "film.toml"
    scene = '[[scene]]\nname = "samples.py:Three"\nbeats = '
    for rest, entered in (
        ('["first", "second", "third"]', [()]),
        ('["first", "third"]', [("third",)]),
        ('["third", "first", "second"]', [("third",)]),
        (f'["second"]\n{scene}["third"]', [("second",), ()]),
        (f'["second"]\n{scene}["third"]\nparams.shift = 2', [("second",), ("third",)]),
    ):
        path.write_text(f'title = "A film"\n{scene}{rest}\n', encoding="utf-8")
        assert [shot.enters for shot in read_film(str(path)).shots] == entered


def test_a_film_needs_scenes_and_a_name_that_exists(tmp_path):
    path = tmp_path / "film.toml"
    path.write_text('title = "Nothing"\n', encoding="utf-8")
    with pytest.raises(BadInput, match="at least one"):
        read_film(str(path))
    with pytest.raises(BadInput, match="Did you mean 'sixty-seconds'"):
        read_film("sixty-second")
    with pytest.raises(BadInput, match="no file"):
        read_film("missing.toml")


@pytest.mark.parametrize("name", films())
def test_the_films_that_ship_are_in_order(name):
    film = read_film(name)
    assert film.shots
    for shot in film.shots:
        for beat in shot.beats:
            words = shot.words(beat)
            assert not problem_with(words)
            assert len(paged(unfilled(words))) == 1, f"{shot.scene}.{beat} takes more than two lines"
    assert film.opening == "" or len(paged(film.opening)) == 1


def test_the_full_film_tells_both_parts():
    parts = [scene_info(shot.scene).part for shot in read_film("how-neural-networks-learn").shots]
    assert set(parts) == {1, 2}
    assert parts[:-1] == sorted(parts[:-1])
    assert parts[-1] == 1  # it ends where it began, with the digits
    assert read_film("sixty-seconds").aspect == "9:16"


def test_every_sound_belongs_to_a_beat_that_exists():
    beats = {f"{info.name}.{beat}": info for info in scene_infos() for beat, _ in info.beats}
    for name, sounding in soundings().items():
        assert name in beats, f"assets/sounds.toml: {name}"
        assert not sounding.recipe or sounding.recipe in beats[name].recipes


def test_symbols_are_said_as_words():
    assert spoken("−1 × 2 ≈ W₁, 1,437 digits") == "minus 1 times 2 about W one, 1437 digits"


def test_a_translation_names_lines_of_the_film(tmp_path, in_studio):
    film = tmp_path / "film.toml"
    film.write_text(FILM, encoding="utf-8")
    path = tmp_path / "de.toml"
    fields = 'language = "de"\nlangauge = "de"\nwho = "me"\n'
    path.write_text(fields + '[lines]\n"Thre.first" = "Eins."\n"title" = "<i>"\n', encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        read_translation(path, read_film(str(film)))
    field, other, one, two = str(raised.value).splitlines()
    assert field == f"{path}:2: no field 'langauge'. Did you mean 'language'? Fields: language, lines."
    assert other.startswith(f"{path}:3: no field 'who'.")
    assert one.startswith(f"{path}:5: the film has no line 'Thre.first'. Did you mean")
    assert two.startswith(f"{path}:6: '<i>' is markup")

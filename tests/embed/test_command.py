"""`embed` on the command line: what it prints, what it refuses before anything is drawn."""

import sys
from pathlib import Path

import av
import pytest
from conftest import SCENES

import render
from nncore.errors import BadInput
from studio.embed import command
from studio.embed.command import shot_named

SIGNS = f"{SCENES}:Signs"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs the command in this process: (exit code, output, errors)."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnreel", "embed", *words, "-o", str(tmp_path / "out")])
        code = 0
        try:
            render.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def here(here, monkeypatch):
    """Draws in this process."""
    monkeypatch.setattr(command, "LocalEngine", lambda workers: here)
    return here


def test_names() -> None:
    assert shot_named("ForwardPass").beat is None
    assert shot_named("ForwardPass:hidden_fires").beat == "hidden_fires"
    assert (shot_named(SIGNS).request.scene, shot_named(SIGNS).beat) == (SIGNS, None)
    named = shot_named(f"{SIGNS}:blue")
    assert (named.request.scene, named.beat) == (SIGNS, "blue")
    with pytest.raises(BadInput, match="it can only be embedded whole"):
        shot_named(f"{SCENES.parents[1] / 'studio' / 'sample_scenes.py'}:Plain:second")


def test_a_pack_may_have_sound(run, here, tmp_path: Path) -> None:
    code, out, _ = run(SIGNS, "--preset", "90p10", "--format", "mp4", "--sound", "full")
    assert code == 0
    folder = tmp_path / "out" / "Signs-90p10"
    silent, sounding = folder / "Signs-90p10.mp4", folder / "Signs-90p10-sound.mp4"
    assert str(sounding) in out
    assert sounding.with_suffix(".json").is_file()
    kinds = []
    for path in (silent, sounding):
        with av.open(str(path)) as container:
            kinds.append([stream.type for stream in container.streams])
    assert kinds == [["video"], ["video", "audio"]]
    assert "no meaning" in run(SIGNS, "--interactive", "--sound", "data")[2]


def test_what_it_prints(run, here, tmp_path: Path) -> None:
    code, out, _ = run(SIGNS, "--preset", "90p10", "--format", "mp4", "--format", "gif")
    assert code == 0
    folder = tmp_path / "out" / "Signs-90p10"
    first = out.splitlines()[0].split("  ")
    assert first[0] == str(folder / "Signs-90p10.gif")
    assert first[1].endswith("kB")
    assert str(folder / "snippets") in out
    named = {Path(line.split("  ")[0]) for line in out.splitlines()}
    assert all(path.exists() for path in named)


def test_a_snippet_alone(run, here) -> None:
    words = (f"{SIGNS}:blue", "--preset", "90p10", "--format", "mp4", "--snippet", "html")
    code, out, _ = run(*words, "--base-url", "https://example.org/v")
    assert code == 0
    assert out.startswith('<figure class="nnreel"')
    assert 'src="https://example.org/v/Signs-90p10-blue.mp4"' in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ForwardPas",), "Did you mean 'ForwardPass'?"),
        (("ForwardPass:hiden_fires",), "Did you mean 'hidden_fires'?"),
        (("ForwardPass", "--format", "web"), "Did you mean 'webp'?"),
        (("ForwardPass", "--platform", "tube"), "no platform 'tube'"),
        (
            ("ForwardPass", "--platform", "linkedin", "--aspect", "9:16"),
            "LinkedIn shows 1:1 or 4:5, not 9:16",
        ),
        (("ForwardPass", "--snippet", "hug"), "Did you mean 'hugo'?"),
        (("ForwardPass", "--base-url", "a b"), "--base-url 'a b'"),
        (("ForwardPass", "--theme", "darc"), "Did you mean 'dark'?"),
        (("ForwardPass", "--interactive", "--autoplay"), "--autoplay has no meaning"),
    ],
)
def test_refused_before_anything_is_drawn(run, tmp_path: Path, words, said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("nnreel: ")
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "out").exists()


def test_a_budget_that_cannot_be_met(run, here, tmp_path: Path) -> None:
    code, out, err = run(SIGNS, "--preset", "90p10", "--max-bytes", "1000")
    assert (code, out) == (2, "")
    assert "no GIF of 1,000 bytes: the smallest, with" in err
    assert not list(tmp_path.rglob("*.mp4"))

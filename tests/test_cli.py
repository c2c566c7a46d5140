"""The command line: answers at once, one line for what is wrong, the right exit code, nothing half done."""

import errno
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import render
from scenes.registry import scene_infos

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "studio" / "sample_scenes.py"
TINY = ("--preset", "90p10")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch, capsys, tmp_path) -> Run:
    """Runs a command in this process, in an empty folder: (exit code, output, errors)."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnreel", *words])
        code = 0
        try:
            render.main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.mark.parametrize("words", ["--help", "list", "list --json", "--version", "render --help"])
def test_quick_commands_import_nothing_heavy(words):
    code = (
        "import sys, render; sys.argv = ['nnreel', *sys.argv[1:]]\n"
        "try: render.main()\n"
        "finally: print([m for m in ('manim', 'av', 'numpy', 'scipy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().endswith("[]")


def test_list_shows_every_scene(run):
    _, text, _ = run("list")
    _, data, _ = run("list", "--json")
    names = [info.name for info in scene_infos()]
    assert [line.split()[0] for line in text.splitlines()] == names
    assert [each["name"] for each in json.loads(data)] == names
    assert all(each["beats"] and each["title"] and each["concept"] for each in json.loads(data))
    assert all(20 <= each["seconds"] <= 60 for each in json.loads(data))
    digit = next(each for each in json.loads(data) if each["name"] == "ForwardPass")["params"]["properties"][
        "digit"
    ]
    assert (digit["type"], digit["minimum"], digit["maximum"]) == ("integer", 0, 9)


SCENE = f"{SAMPLES}:Three"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["rendr"], 2, "Did you mean 'render'?"),
        (["render"], 2, "no scene named"),
        (["render", "ForwardPas"], 2, "Did you mean 'ForwardPass'?"),
        (["render", "ForwardPass", "Nope"], 2, "Nope"),
        (["render", f"{SAMPLES}:Tree"], 2, "Did you mean 'Three'?"),
        (["render", str(SAMPLES)], 2, ":Class"),
        (["render", "nowhere.py:Three"], 2, "nowhere.py"),
        (["render", SCENE, "--preset", "blogg"], 2, "Did you mean 'blog'?"),
        (["render", SCENE, "--aspect", "16x9"], 2, "Did you mean '16:9'?"),
        (["render", SCENE, "--theme", "drak"], 2, "Did you mean 'dark'?"),
        (["render", SCENE, "--set", "shift"], 2, "NAME=VALUE"),
        (["render", SCENE, "--set", "shit=1"], 2, "Did you mean 'shift'?"),
        (["render", SCENE, "--set", "shift=9"], 2, "0 to 2"),
        (["render", SCENE, "--set", "shift=a"], 2, "int"),
        (["render", SCENE, "--workers", "0"], 2, "workers"),
        (["render", SCENE, "--bogus"], 2, "no option '--bogus'"),
        (["still", SCENE, "--beat", "secnd", "-o", "a.png"], 2, "Did you mean 'second'?"),
        (["still", SCENE, "--beat", "second", "--at", "1", "-o", "a.png"], 2, "not both"),
        (["still", SCENE, "--at", "99", *TINY, "-o", "a.png"], 2, "nothing at 99 s"),
        (["still", SCENE, "--at", "-1", *TINY, "-o", "a.png"], 2, "nothing at -1 s"),
        (["still", SCENE, "-o", "a.gif"], 2, "end with .png"),
        (["strip", SCENE, "--beat", "first", "-n", "1", "-o", "a.png"], 2, "at least 2"),
        (["train", "digts"], 2, "Did you mean 'digits'?"),
        (["verify", "nowhere.mp4"], 4, "nowhere.mp4"),
        (["render", SCENE, "--recording", "nowhere"], 4, "nowhere"),
        (["cache", "clera"], 2, "clear"),
    ],
)
def test_bad_input_is_one_line(run, words, code, said):
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.startswith("nnreel: ")
    assert err.count("\n") == 1
    assert list(Path().rglob("*")) == []


def size_of(name: str) -> tuple[int, int]:
    with Image.open(name) as image:
        return image.size


def test_still_sheet_and_strip(run):
    assert run("still", SCENE, *TINY, "-o", "still.png")[0] == 0
    assert run("still", SCENE, *TINY, "--at", "0.5", "--aspect", "9:16", "-o", "sub/at.png")[0] == 0
    assert run("sheet", SCENE, *TINY, "-o", "sheet.png")[0] == 0
    code, out, _ = run("strip", SCENE, *TINY, "--beat", "second", "-n", "3", "-o", "strip.png")
    assert (code, out) == (0, "strip.png\n")
    assert size_of("still.png") == (160, 90)
    assert size_of("sub/at.png") == (90, 160)
    assert size_of("sheet.png")[0] > 3 * 160


def test_render_prints_where_the_clip_is(run):
    code, out, err = run("render", SCENE, *TINY, "-o", "clips", "--workers", "1")
    assert (code, out) == (0, "clips/Three-90p10.mp4\n")
    assert re.match(r"Drawing Three\n", err)
    assert sorted(path.name for path in Path("clips").iterdir()) == ["Three-90p10.json", "Three-90p10.mp4"]
    code, out, _ = run("cache", "info")
    assert "3 segments" in out
    assert "3 segments removed" in run("cache", "clear")[1]
    assert run("verify", "clips/Three-90p10.mp4")[0] == 0


def test_a_disagreement_ends_with_4(run):
    run("render", SCENE, *TINY, "-o", ".", "--workers", "1")
    manifest = json.loads(Path("Three-90p10.json").read_text(encoding="utf-8"))
    manifest["clip"]["frames"] += 1
    Path("Three-90p10.json").write_text(json.dumps(manifest), encoding="utf-8")
    code, out, err = run("verify", "Three-90p10.mp4")
    assert (code, out) == (4, "")
    assert "the manifest says" in err


def test_output_that_cannot_be_written_ends_with_74(run):
    Path("file").write_text("in the way", encoding="utf-8")
    for words in (
        ["render", SCENE, *TINY, "-o", "file/clips"],
        ["still", SCENE, *TINY, "-o", "file/a.png"],
    ):
        code, out, err = run(*words)
        assert (code, out) == (74, "")
        assert err.count("\n") == 1
        assert "file" in err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_closed_disk_ends_with_74(run, monkeypatch, number):
    def full(*args, **kwargs):
        raise OSError(number, os.strerror(number), "some/where")

    monkeypatch.setattr("studio.commands.still", full)
    code, _, err = run("still", SCENE, "-o", "a.png")
    assert (code, err) == (74, f"nnreel: some/where: {os.strerror(number)}\n")


def test_ctrl_c_ends_with_130(run, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("studio.commands.still", interrupted)
    assert run("still", SCENE, "-o", "a.png")[0] == 130


def test_files_that_may_not_grow_leave_the_last_clip(tmp_path):
    """The system refuses files above a size, as a full disk does, in the workers and in the parent."""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, str(ROOT / "render.py"), "render", SCENE, *TINY]
    command += ["-o", str(tmp_path / "out"), "--workers", "1"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    subprocess.run([sys.executable, str(ROOT / "render.py"), "cache", "clear"], env=environment, check=True)
    (tmp_path / "out" / "Three-90p10.json").write_bytes(b"{}")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))

    done = subprocess.run(command, env=environment, capture_output=True, text=True, preexec_fn=limited)
    assert done.returncode == 74, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "Three-90p10.mp4").read_bytes() == before["Three-90p10.mp4"]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_the_doctor_finds_all_in_order(run):
    code, out, _ = run("doctor")
    assert code == 0
    assert {line.split()[1] for line in out.splitlines()} >= {
        "python",
        "libraries",
        "fonts",
        "drawing",
        "encoding",
    }


def test_the_doctor_names_what_is_missing(run, monkeypatch):
    def gone() -> str:
        raise OSError(2, "no such font")

    monkeypatch.setattr("studio.doctor.CHECKS", {"fonts": gone})
    code, _, err = run("doctor")
    assert code == 5
    assert "fonts" in err
    assert "no such font" in err

"""Posts: all markers checked before anything is drawn, all clips made before a post is touched."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

import render
from nncore.errors import BadInput
from studio.weave.posts import find_posts

MARKER = "<!-- nnreel: ForwardPass aspect=1:1 theme=light digit=5 -->"
POST = f"# A\r\n\r\nText.\r\n\r\n{MARKER}\r\n\r\nEnd, no newline"


def weave(*words: str | Path) -> Result:
    return CliRunner().invoke(render.cli, ["weave", *map(str, words)])


@pytest.fixture
def drawn(monkeypatch):
    """Packs that are not drawn: what was asked for is kept, snippets say what they are."""
    asked = []

    def make_pack(shot, folder, options, progress):
        asked.append((shot, folder, options))
        name = f"{shot.request.scene}-{shot.beat or 'whole'}"
        return SimpleNamespace(folder=folder / name, snippet=lambda kind, base: f"[{kind} {base}]")

    monkeypatch.setattr("studio.weave.posts.make_pack", make_pack)
    monkeypatch.setattr("studio.commands.with_recordings", lambda requests, given, progress: list(requests))
    return asked


def write(path: Path, text: str = POST) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def test_a_post_is_woven_in_place_and_stays_the_same_the_second_time(tmp_path, drawn):
    post = write(tmp_path / "post.md")
    result = weave(post)
    assert result.exit_code == 0, result.exception
    once = post.read_bytes()
    assert b"[html clips/ForwardPass-whole/]\r\n" in once
    assert once.startswith(b"# A\r\n\r\nText.\r\n")
    assert once.endswith(b"\r\nEnd, no newline")
    assert "as it was" in weave(post).output
    assert post.read_bytes() == once
    shot, folder, _ = drawn[0]
    assert (shot.request.aspect, shot.request.theme, shot.request.params) == (
        "1:1",
        "light",
        (("digit", "5"),),
    )
    assert folder == tmp_path / "clips"


def test_copies_go_to_a_folder_of_their_own_with_the_folders_they_were_in(tmp_path, drawn):
    for name in ("one.md", "deep/two.markdown", "deep/notes.txt", ".hidden/three.md"):
        write(tmp_path / "posts" / name)
    result = weave(tmp_path / "posts", "-o", tmp_path / "out", "--json", "--base-url", "/media/")
    told = json.loads(result.stdout)
    assert [Path(each["target"]).relative_to(tmp_path / "out").as_posix() for each in told] == [
        "deep/two.markdown", "one.md",
    ]  # fmt: skip
    assert (tmp_path / "posts" / "one.md").read_bytes() == POST.encode()
    assert "[html /media/ForwardPass-whole/]" in (tmp_path / "out" / "one.md").read_text(encoding="utf-8")


def test_a_marker_can_choose_its_kind_of_snippet_and_only_its_formats_are_made(tmp_path, drawn):
    post = write(tmp_path / "p.md", "<!-- nnreel: Softmax snippet=markdown -->\n\n<!-- nnreel: Scale -->\n")
    assert weave(post).exit_code == 0
    assert [options.formats for _, _, options in drawn] == [("mp4", "gif", "webp"), ("mp4", "av1")]
    assert "[markdown clips/" in post.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ("ForwardPas", "Did you mean 'ForwardPass'"),
        ("ForwardPass:outputs_decides", "Did you mean 'outputs_decide'"),
        ("ForwardPass aspct=1:1", "Did you mean 'aspect'"),
        ("ForwardPass aspect=3:2", "3:2"),
        ("ForwardPass digit=11", "0 to 9"),
        ("ForwardPass snippet=htm", "Did you mean 'html'"),
        ("ForwardPass big", "NAME=VALUE"),
    ],
)
def test_a_wrong_marker_is_named_with_file_and_line_and_no_post_is_touched(tmp_path, drawn, marker, says):
    good, bad = write(tmp_path / "a.md"), write(tmp_path / "b.md", f"x\n\n<!-- nnreel: {marker} -->\n")
    error = weave(good, bad).exception
    assert isinstance(error, BadInput)
    assert says in str(error)
    assert str(error).startswith(f"{bad}:3: ")
    assert good.read_bytes() == POST.encode()
    assert drawn == []


def test_what_is_not_utf_8_is_named_and_not_touched(tmp_path, drawn):
    post = tmp_path / "latin.md"
    post.write_bytes("caf\xe9\n".encode("latin-1"))
    error = weave(post).exception
    assert isinstance(error, BadInput)
    assert "not UTF-8" in str(error)
    assert post.read_bytes() == b"caf\xe9\n"


def test_paths_that_hold_no_post_are_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no post"):
        find_posts([tmp_path / "nothing.md"])
    with pytest.raises(BadInput, match="holds no post"):
        find_posts([tmp_path])


def test_check_exits_1_where_something_is_wrong_and_lists_it_as_json(tmp_path):
    post = write(tmp_path / "p.md", "# T\n\nSo 784 × 128 = 100,325.\n")
    result = weave("--check", post, "--json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["line"], finding["true"]) == (3, "100,352")
    assert weave("--check", write(tmp_path / "q.md", "784 × 128 = 100,352.\n")).exit_code == 0


def test_suggestions_can_be_applied_to_a_copy(tmp_path):
    text = "# Post\n\n## Softmax\n\nThe softmax turns scores into probabilities that sum to 1.\n"
    post = write(tmp_path / "p.md", text)
    assert "Softmax" in weave("--suggest", post).output
    assert weave("--suggest", "--apply", post, "-o", tmp_path / "out").exit_code == 0
    assert post.read_text(encoding="utf-8") == text
    assert "<!-- nnreel: Softmax -->" in (tmp_path / "out" / "p.md").read_text(encoding="utf-8")
    assert isinstance(weave("--apply", post).exception, BadInput)


def test_a_real_clip_is_made_once_and_found_again(tmp_path):
    post = write(tmp_path / "p.md", "<!-- nnreel: ForwardPass:pixels_are_numbers -->\n")
    assert weave(post, "--preset", "64p5").exit_code == 0
    (folder,) = (tmp_path / "clips").iterdir()
    made = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.mp4")}
    assert len(made) == 2
    woven = post.read_bytes()
    assert f'src="clips/{folder.name}/'.encode() in woven
    assert weave(post, "--preset", "64p5").exit_code == 0
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.mp4")} == made
    assert post.read_bytes() == woven

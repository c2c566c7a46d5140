"""The README is true: its tree and table are those of the sources, every command it names exists."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import render

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_tree_and_the_scenes_are_as_the_files_say():
    readme = runpy.run_path(str(ROOT / ".setup" / "readme.py"))
    assert readme["written"](README) == README, "run `python .setup/readme.py`"


def test_every_command_is_in_the_readme_and_every_command_of_the_readme_exists():
    lines = re.findall(r"^(?: {4}|.*`)(?:\./run|nnreel) ([a-z]+)\b", README, re.MULTILINE)
    named = {*lines, *re.findall(r"`\./run ([a-z]+)\b", README)} - {"test"}
    assert named <= set(render.cli.commands)
    assert set(render.cli.commands) <= named


def test_every_option_the_readme_gives_is_an_option_of_its_command():
    for line in re.findall(r"^ {4}\./run (.+)$", README, re.MULTILINE):
        words = line.split("#")[0].split()
        name = words[0]
        if name not in render.cli.commands:
            continue
        params = render.cli.commands[name].params
        known = {option for param in params for option in (*param.opts, *param.secondary_opts)}
        assert {word for word in words[1:] if word.startswith("-")} <= known, line


def test_pictures_and_links_are_there():
    for target in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_help_says_something_of_every_option():
    for name, command in render.cli.commands.items():
        assert command.help, name
        for param in command.params:
            if param.param_type_name == "option":
                assert param.help, f"{name} {param.opts}"


def test_the_version_is_the_same_everywhere():
    import nncore

    told = subprocess.run(
        [sys.executable, str(ROOT / "render.py"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert nncore.__version__ in told
    assert f"[{nncore.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

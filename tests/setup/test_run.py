"""`./run` as a person types it: refusals that change nothing, and one environment from clone to repair."""

import os
import signal
import time
from pathlib import Path

import pytest
from toy_project import ToyProject


@pytest.fixture
def toy(tmp_path: Path) -> ToyProject:
    return ToyProject(tmp_path)


def test_no_python_that_is_new_enough(toy: ToyProject) -> None:
    toy.python('[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1')
    toy.shims.manager("apt-get")
    code, out, err = toy.run("demo")
    assert (code, out) == (5, "")
    assert "needs Python 3.11 or newer; found Python 3.9.2" in err
    assert "apt-get install python3.11 python3.11-venv" in err


def test_a_named_python_that_does_not_suit(toy: ToyProject) -> None:
    code, _, err = toy.run("demo", NNREEL_PYTHON="/no/such/python")
    assert code == 5
    assert "NNREEL_PYTHON=/no/such/python is not a Python 3.11 or newer" in err


def test_without_rights_nothing_is_touched(toy: ToyProject) -> None:
    (toy.shims.folder / "pkg-config").unlink()
    for manager in ("apt-get", "brew"):
        toy.shims.manager(manager)
    code, out, err = toy.run("demo")
    assert (code, out) == (5, "")
    assert "missing on this machine: pkg-config" in err
    assert "apt-get install -y pkg-config" in err or "brew install pkgconf" in err
    assert not (toy.root / ".venv").exists()
    assert toy.shims.calls == []


def kill_when(process_started: Path, toy: ToyProject) -> None:
    """Start ./run and kill it, and all it started, once this file is there."""
    process = toy.start("demo")
    while not process_started.exists() and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_the_life_of_an_environment(toy: ToyProject) -> None:
    # Killed while .venv is made: the next run starts over; that one finds no package and says so.
    kill_when(toy.root / ".venv" / "bin" / "python", toy)
    assert toy.stamp.read_text() == "unfinished"
    wheel = next(toy.wheels.glob("pytest-*"))
    aside = wheel.rename(toy.root / wheel.name)
    code, out, err = toy.run("demo")
    assert (code, out) == (5, "")
    assert "did not finish here" in err
    assert "The next ./run starts over" in err
    assert toy.stamp.read_text() == "unfinished"

    # Two at once: one makes it, the other waits; both run what was asked, where they were called from.
    aside.rename(wheel)
    elsewhere = toy.root.parent / "elsewhere"
    elsewhere.mkdir()
    both = [toy.start("demo", "--flag", "two words", cwd=elsewhere) for _ in range(2)]
    ends = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [out for out, _ in ends] == [f"render {elsewhere} demo --flag two words\n"] * 2
    assert sum("making .venv" in err for _, err in ends) == 1

    # From then on: no set-up, not even a python3 on PATH, nothing but the command's own output; no network.
    toy.python("exit 1")
    assert toy.run("--yes", "list") == (0, f"render {toy.root} list\n", "")
    assert toy.run("test", "-k", "one name") == (0, "pytest -k one name\n", "")
    browser = toy.shims.folder / "chromium"
    browser = browser.rename(browser.with_name("chromium-away"))
    toy.shims.manager("apt-get")
    toy.shims.manager("brew")
    code, out, err = toy.run("test")
    assert (code, out) == (0, "pytest\n")
    assert "missing on this machine: Chromium for the tests" in err
    browser.rename(browser.with_name("chromium"))
    link = elsewhere / "linked-run"
    link.symlink_to(toy.root / "run")
    linked = toy.start("list", program=link, PYTHONPATH="/none", PYTHONHOME="/none")
    assert linked.communicate() == (f"render {toy.root} list\n", "")

    # The folder moved: what points to the old place is not used.
    moved = toy.root.rename(toy.root.with_name("moved"))
    toy.root = moved
    code, out, err = toy.run("list")
    assert (code, out) == (5, "")
    assert "needs Python 3.11" in err
    toy.root = moved.rename(moved.with_name("clone"))

    # The pins changed: brought up to date in place.
    toy.python(toy.real_python)
    toy.lock.write_text(toy.lock.read_text() + "# changed\n")
    code, out, err = toy.run("list")
    assert (code, out) == (0, f"render {toy.root} list\n")
    assert "updating .venv" in err

"""What the machine lacks is named, asked about, and installed; where it cannot be, the command is told."""

import io
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from machine_shims import Shims

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHON = ["Python headers", "Python's venv with pip"]
LINUX = ["C compiler", "pkg-config", *PYTHON, "cairo headers", "pango headers"]
INSTALL = {
    "apt-get": f"apt-get install -y gcc libc6-dev pkg-config python{VERSION}-dev python{VERSION}-venv "
    "libcairo2-dev libpango1.0-dev",
    "dnf": "dnf install -y gcc pkgconf-pkg-config python3-devel cairo-devel pango-devel",
    "pacman": "pacman -S --needed --noconfirm gcc pkgconf python cairo pango",
    "brew": "brew install pkgconf cairo",
}


class Bare:
    """A machine on which nothing is installed yet, with one package manager."""

    def __init__(self, shims: Shims, machine: ModuleType, patch: pytest.MonkeyPatch, manager: str) -> None:
        self.shims, self.manager = shims, manager
        system = "Darwin" if manager == "brew" else "Linux"
        headers = [shims.installed(name) for name in (f"python{VERSION}-dev", "python3-devel", "python")]
        venv = shims.installed(f"python{VERSION}-venv")
        whole = system == "Darwin"  # Python comes whole there
        patch.setattr(machine.platform, "system", lambda: system)
        patch.setattr(machine.platform, "machine", lambda: "x86_64")
        patch.setattr(machine.sys, "base_prefix", "/usr")
        patch.setattr(machine, "has_python_headers", lambda: whole or any(path.exists() for path in headers))
        patch.setattr(machine, "has_venv", lambda: manager != "apt-get" or venv.exists())
        patch.setattr(machine, "_default_python", lambda: True)
        shims.manager(manager)
        shims.tool("xcode-select")
        shims.tool("cc", *(() if whole else ("gcc",)))
        there = {
            "pkg-config": shims.any_of("pkg-config", "pkgconf-pkg-config", "pkgconf"),
            "cairo": shims.any_of("libcairo2-dev", "cairo-devel", "cairo"),
            "pango": shims.any_of("libpango1.0-dev", "pango-devel", "pango"),
        }
        libraries = f"case $2 in cairo) {there['cairo']} ;; pangocairo) {there['pango']} ;; esac"
        shims.script("pkg-config", f"{{ {there['pkg-config']}; }} || exit 127\n{libraries}")


@pytest.fixture
def bare(
    shims: Shims, machine: ModuleType, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Bare:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return Bare(shims, machine, monkeypatch, getattr(request, "param", "apt-get"))


@pytest.mark.parametrize("bare", ["apt-get", "dnf", "pacman", "brew"], indirect=True)
def test_a_bare_machine_is_completed(
    bare: Bare, bootstrap: ModuleType, machine: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    bare.shims.sudo()
    wanted = ["pkg-config", "cairo headers"] if bare.manager == "brew" else list(LINUX)
    if bare.manager in ("dnf", "pacman"):
        wanted.remove("Python's venv with pip")
    assert [piece.name for piece in machine.missing_pieces()] == wanted
    bootstrap.provide_system_packages(yes=True)
    assert machine.missing_pieces() == []
    told = capfd.readouterr().err
    assert f"missing on this machine: {', '.join(wanted)}." in told
    line = INSTALL[bare.manager]
    before = ["sudo", "apt-get update"] if bare.manager == "apt-get" else []
    sudo = [] if bare.manager == "brew" else ["sudo"]
    assert bare.shims.calls == [*before, *sudo, line]
    assert f"{' '.join([*sudo, line])}\n" in told


@pytest.mark.parametrize("bare", ["apt-get", "dnf", "pacman"], indirect=True)
def test_browser_and_voice_come_with_the_tests_alone(
    bare: Bare, bootstrap: ModuleType, machine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.find_browser() is None
    package = bare.shims.installed("chromium")
    bare.shims.tool("espeak-ng", "espeak-ng")
    monkeypatch.setattr(machine, "find_browser", lambda: str(package) if package.exists() else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bootstrap.provide_system_packages(yes=True, for_tests=True)
    assert bare.shims.calls[-1] == f"{INSTALL[bare.manager].split(' gcc')[0]} chromium espeak-ng"
    count = len(bare.shims.calls)
    bootstrap.provide_system_packages(yes=True, for_tests=True)
    assert len(bare.shims.calls) == count


def test_root_needs_no_sudo(bare: Bare, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.shims.sudo()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bootstrap.provide_system_packages(yes=True)
    assert bare.shims.calls == ["apt-get update", INSTALL["apt-get"]]


def test_without_rights_the_exact_command_is_told(bare: Bare, bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.provide_system_packages(yes=True)
    assert f"As root, run:\n  apt-get update && {INSTALL['apt-get']}\n" in str(caught.value)
    assert bare.shims.calls == []


class Terminal(io.StringIO):
    """Someone at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False)]
)
def test_a_person_is_asked(
    bare: Bare, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool
) -> None:
    bare.shims.sudo()
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    if agreed:
        bootstrap.provide_system_packages(yes=False)
        assert INSTALL["apt-get"] in bare.shims.calls
    else:
        with pytest.raises(bootstrap.SetupError, match="nothing installed"):
            bootstrap.provide_system_packages(yes=False)
        assert bare.shims.calls == []


def test_nobody_there_to_ask(bare: Bare, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.shims.sudo()
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(bootstrap.SetupError, match="--yes"):
        bootstrap.provide_system_packages(yes=False)
    assert bare.shims.calls == []


def test_a_failed_install_says_what_to_run(bare: Bare, bootstrap: ModuleType) -> None:
    bare.shims.sudo()
    bare.shims.manager("apt-get", exit_code=100)
    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.provide_system_packages(yes=True)
    assert "exit 100" in str(caught.value)
    assert f"sudo {INSTALL['apt-get']}" in str(caught.value)
    # A failed update alone is not the end.
    assert bare.shims.calls == ["sudo", "apt-get update", "sudo", INSTALL["apt-get"]]


def test_an_install_that_brings_nothing_is_noticed(bare: Bare, bootstrap: ModuleType) -> None:
    bare.shims.sudo()
    bare.shims.script("apt-get", "exit 0")
    with pytest.raises(bootstrap.SetupError, match=r"still missing .* C compiler, pkg-config"):
        bootstrap.provide_system_packages(yes=True)


def test_no_package_manager(bare: Bare, bootstrap: ModuleType) -> None:
    (bare.shims.folder / "apt-get").unlink()
    with pytest.raises(bootstrap.SetupError, match=r"a package manager .* C compiler, pkg-config"):
        bootstrap.provide_system_packages(yes=True)


def test_headers_of_a_python_from_elsewhere(
    bare: Bare, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "base_prefix", "/opt/python")
    with pytest.raises(bootstrap.SetupError, match=r"brings here: Python headers\..*NNREEL_PYTHON"):
        bootstrap.provide_system_packages(yes=True)


def test_a_compiler_without_system_headers_is_missing(shims: Shims, machine: ModuleType) -> None:
    shims.script("cc", "exit 1")
    assert not machine.has_compiler()
    shims.script("cc", "exit 0")
    assert machine.has_compiler()


def test_other_processors_need_a_cxx_compiler(
    bare: Bare, machine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    assert [piece.name for piece in machine.missing_pieces()] == [*LINUX, "C++ compiler"]


def test_pip_itself_is_pinned(bootstrap: ModuleType) -> None:
    (line,) = bootstrap.pinned_pip().splitlines()
    assert line.startswith("pip==")
    assert "--hash=sha256:" in line


def test_settings_that_would_install_elsewhere_are_dropped(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    environment = bootstrap.clean_environment()
    assert "/elsewhere" not in environment.values()
    assert environment["PIP_USER"] == "0"


def test_a_foreign_venv_is_left_alone(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs = tmp_path / ".venv"
    theirs.mkdir()
    (theirs / "precious").write_text("")
    monkeypatch.setattr(bootstrap, "VENV", theirs)
    monkeypatch.setattr(bootstrap, "STAMP", theirs / "nnreel-setup")
    with pytest.raises(bootstrap.SetupError, match="was not made by"):
        bootstrap.make_venv("key", {})
    assert [path.name for path in theirs.iterdir()] == ["precious"]


def test_the_python_of_the_environment_names_its_version(bootstrap: ModuleType) -> None:
    path = Path(bootstrap.stable_python())
    assert path.samefile(sys._base_executable)  # type: ignore[attr-defined]
    assert path.name in (f"python{VERSION}", Path(sys._base_executable).name)  # type: ignore[attr-defined]

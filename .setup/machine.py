"""What this machine lacks before the pinned packages can be built, and the commands that install it.

pycairo and manimpango come as source on Linux (on macOS: pycairo alone), so a C compiler, pkg-config and the
headers of Python, cairo and pango have to be there. Standard library only: nothing is installed yet.
"""

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MINIMUM_CAIRO = "1.15.10"
MINIMUM_PANGO = "1.30.0"


@dataclass(frozen=True)
class Manager:
    """A system package manager: the commands before and for an install; whether only root may run them."""

    name: str
    before: tuple[str, ...]
    install: tuple[str, ...]
    as_root: bool = True


MANAGERS = {
    "Linux": (
        Manager("apt-get", ("apt-get", "update"), ("apt-get", "install", "-y")),
        Manager("dnf", (), ("dnf", "install", "-y")),
        Manager("pacman", (), ("pacman", "-S", "--needed", "--noconfirm")),
    ),
    "Darwin": (Manager("brew", (), ("brew", "install"), as_root=False),),
}


@dataclass(frozen=True)
class Piece:
    """Something the machine must have: how to see that it is there, and which package brings it."""

    name: str
    present: Callable[[], bool]
    packages: Mapping[str, tuple[str, ...]]
    command: tuple[str, ...] = ()  # where no package manager brings it


def succeeds(*command: str) -> bool:
    """Whether the command exists and ends with 0; its output is dropped."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return False


def compiles(command: str, suffix: str) -> bool:
    """Whether the compiler turns a program that includes a system header into an object file."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, f"probe{suffix}")
        program.write_text('#include <stdio.h>\nint main(void) { return puts("") < 0; }\n')
        return succeeds(command, "-c", str(program), "-o", str(program.with_suffix(".o")))


def has_compiler() -> bool:
    """Whether a C compiler and its system headers work."""
    if platform.system() == "Darwin" and not succeeds("xcode-select", "-p"):
        return False  # /usr/bin/cc is then a stub that opens a dialog
    names = shlex.split(os.environ.get("CC", ""))[:1] or ["cc", "gcc", "clang"]
    return any(compiles(name, ".c") for name in names)


def has_cxx_compiler() -> bool:
    """Whether a C++ compiler works."""
    names = shlex.split(os.environ.get("CXX", ""))[:1] or ["c++", "g++", "clang++"]
    return any(compiles(name, ".cpp") for name in names)


def pkg_config(*arguments: str) -> bool:
    """Whether pkg-config exists and says yes."""
    return succeeds(os.environ.get("PKG_CONFIG", "pkg-config"), *arguments)


def has_python_headers() -> bool:
    """Whether Python.h of the running Python is there."""
    return Path(sysconfig.get_path("include"), "Python.h").is_file()


def has_venv() -> bool:
    """Whether this Python can make a virtual environment with pip; Debian packages that part apart."""
    return find_spec("ensurepip") is not None


def _packages(apt: str = "", dnf: str = "", pacman: str = "", brew: str = "") -> dict[str, tuple[str, ...]]:
    """Package names by package manager, from words in one string each."""
    named = {"apt-get": apt, "dnf": dnf, "pacman": pacman, "brew": brew}
    return {manager: tuple(words.split()) for manager, words in named.items() if words}


def _default_python() -> bool:
    """Whether the running Python is the one the system calls python3."""
    return Path("/usr/bin/python3").resolve() == Path(sys.executable).resolve()


def _python_packages() -> dict[str, tuple[str, ...]]:
    """The packages with this Python's headers; none if it did not come from the system's package manager."""
    if sys.base_prefix != "/usr":
        return {}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    fedora = "python3-devel" if _default_python() else f"python{version}-devel"
    return _packages(apt=f"python{version}-dev", dnf=fedora, pacman="python")


def needed_pieces() -> list[Piece]:
    """Everything this kind of machine must have, in the order in which to name it."""
    mac = platform.system() == "Darwin"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    pieces = [
        Piece(
            "C compiler",
            has_compiler,
            _packages(apt="gcc libc6-dev", dnf="gcc", pacman="gcc"),
            ("xcode-select", "--install") if mac else (),
        ),
        Piece(
            "pkg-config",
            lambda: pkg_config("--version"),
            _packages(apt="pkg-config", dnf="pkgconf-pkg-config", pacman="pkgconf", brew="pkgconf"),
        ),
        Piece("Python headers", has_python_headers, _python_packages()),
        Piece("Python's venv with pip", has_venv, _packages(apt=f"python{version}-venv")),
        Piece(
            "cairo headers",
            lambda: pkg_config(f"--atleast-version={MINIMUM_CAIRO}", "cairo"),
            _packages(apt="libcairo2-dev", dnf="cairo-devel", pacman="cairo", brew="cairo"),
        ),
    ]
    if not mac:  # manimpango brings pango along there
        pieces.append(
            Piece(
                "pango headers",
                lambda: pkg_config(f"--atleast-version={MINIMUM_PANGO}", "pangocairo"),
                _packages(apt="libpango1.0-dev", dnf="pango-devel", pacman="pango"),
            )
        )
    if not mac and platform.machine() != "x86_64":  # moderngl and glcontext are built there too
        packages = _packages(apt="g++", dnf="gcc-c++", pacman="gcc")
        pieces.append(Piece("C++ compiler", has_cxx_compiler, packages))
    return pieces


def find_browser() -> str | None:
    """The Chromium or Chrome that the tests drive, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and platform.system() == "Darwin":
        apps = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
        return next((str(path) for app in apps if (path := Path("/Applications", app)).exists()), None)
    return found


def tests_pieces() -> list[Piece]:
    """What only the tests need."""
    browser = _packages(apt="chromium", dnf="chromium", pacman="chromium", brew="google-chrome")
    voice = _packages(apt="espeak-ng", dnf="espeak-ng", pacman="espeak-ng", brew="espeak-ng")
    return [
        Piece("Chromium for the tests", lambda: find_browser() is not None, browser),
        Piece("espeak-ng for the tests", lambda: succeeds("espeak-ng", "--version"), voice),
    ]


def missing_pieces(for_tests: bool = False) -> list[Piece]:
    """The needed pieces that are not there; `for_tests`: of those that only the tests need."""
    return [piece for piece in (tests_pieces() if for_tests else needed_pieces()) if not piece.present()]


def find_manager() -> Manager | None:
    """The first package manager on PATH that belongs to this system."""
    return next((m for m in MANAGERS.get(platform.system(), ()) if shutil.which(m.name)), None)


def install_commands(missing: Sequence[Piece], manager: Manager | None, sudo: bool) -> list[tuple[str, ...]]:
    """The commands that bring the missing pieces, in order; `sudo`: with it where only root may."""
    commands = [piece.command for piece in missing if piece.command]
    if manager is None:
        return commands
    packages = dict.fromkeys(name for piece in missing for name in piece.packages.get(manager.name, ()))
    if packages:  # ordered, each once
        prefix = ("sudo",) if manager.as_root and sudo else ()
        commands += [(*prefix, *manager.before)] if manager.before else []
        commands.append((*prefix, *manager.install, *packages))
    return commands


def without_remedy(missing: Sequence[Piece], manager: Manager | None) -> list[str]:
    """Names of the missing pieces that none of the commands brings."""
    name = manager.name if manager else ""
    return [piece.name for piece in missing if not piece.command and not piece.packages.get(name)]

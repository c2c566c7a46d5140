"""A project small enough to be set up for real, offline: the true `run` and bootstrap, one toy package."""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from machine_shims import Shims

ROOT = Path(__file__).resolve().parents[2]
UTILITIES = ("dirname", "cat", "cksum", "readlink")

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "toy"
version = "1"
"""

BACKEND = """
import pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "toy-1-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("toy.pth", str(pathlib.Path.cwd()))
        wheel.writestr("toy-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: toy\\nVersion: 1\\n")
        tags = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr("toy-1.dist-info/WHEEL", tags)
        wheel.writestr("toy-1.dist-info/RECORD", "")
    return name
"""

RENDER = """
import os, sys
import pytest
print("render", os.getcwd(), *sys.argv[1:])
"""


def write_wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> str:
    """A wheel of these files; the line that pins it."""
    info = f"{name}-{version}.dist-info"
    tags = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        for place, content in {f"{info}/METADATA": metadata.encode(), f"{info}/WHEEL": tags, **files}.items():
            wheel.writestr(place, content)
        wheel.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def pip_wheel(folder: Path) -> str:
    """This environment's pip as a wheel again; the line that pins it."""
    pip = importlib.metadata.distribution("pip")
    places = [p for p in pip.files or [] if p.parts[0] == "pip" and p.suffix != ".pyc"]
    return write_wheel(folder, "pip", pip.version, {p.as_posix(): p.read_binary() for p in places})


class ToyProject:
    """A fresh clone on a machine that has everything, or not."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.wheels = folder / "wheels"
        self.shims = Shims(folder / "shims")
        self.wheels.mkdir()
        (self.root / ".setup").mkdir(parents=True)
        for place in ("run", ".setup/bootstrap.py", ".setup/machine.py"):
            shutil.copy(ROOT / place, self.root / place)
        for place, text in {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "render.py": RENDER}.items():
            (self.root / place).write_text(text)
        (self.root / ".setup" / "build.lock").write_text(pip_wheel(self.wheels))
        fake = b"import sys; print('pytest', *sys.argv[1:])"
        pin = write_wheel(self.wheels, "pytest", "0", {"pytest/__init__.py": b"", "pytest/__main__.py": fake})
        self.lock = self.root / "requirements.lock"
        self.lock.write_text(pin)
        self.stamp = self.root / ".venv" / "nnreel-setup"
        for name in UTILITIES:
            (self.shims.folder / name).symlink_to(shutil.which(name) or name)
        for name in ("cc", "c++", "pkg-config", "xcode-select", "chromium", "espeak-ng"):
            self.shims.tool(name)
        self.real_python = f'exec "{sys._base_executable}" "$@"'  # type: ignore[attr-defined]
        self.python(self.real_python)

    def python(self, body: str) -> None:
        """What the machine's python3 does."""
        self.shims.script("python3", body)

    def environment(self) -> dict[str, str]:
        """Nothing of the real machine on PATH, packages from the folder of wheels alone."""
        return {
            "PATH": str(self.shims.folder),
            "HOME": str(self.root.parent),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_NO_CACHE_DIR": "1",
        }

    def start(
        self, *arguments: str, cwd: Path | None = None, program: Path | None = None, **more: str
    ) -> subprocess.Popen[str]:
        """Start ./run in a process group of its own."""
        return subprocess.Popen(
            [str(program or self.root / "run"), *arguments],
            cwd=cwd or self.root,
            env=self.environment() | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, cwd: Path | None = None, **more: str) -> tuple[int, str, str]:
        """./run to its end: exit code, stdout, stderr."""
        process = self.start(*arguments, cwd=cwd, **more)
        out, err = process.communicate()
        return process.returncode, out, err

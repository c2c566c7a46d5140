"""A machine whose programs and packages are small scripts in one folder."""

from pathlib import Path


class Shims:
    """Scripts that stand for a machine's programs; `calls` is what was called, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "calls.log"
        folder.mkdir()

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def script(self, name: str, body: str) -> None:
        """A program; it runs in /bin/sh, and only shell builtins are there for it."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def tool(self, name: str, *packages: str) -> None:
        """A program that works once one of these packages is installed (without any: always)."""
        self.script(name, self.any_of(*packages) if packages else ":")

    def any_of(self, *packages: str) -> str:
        """The shell's test for one of these packages being installed."""
        return " || ".join(f"[ -e '{self.installed(package)}' ]" for package in packages)

    def manager(self, name: str, exit_code: int = 0) -> None:
        """A package manager that notes its call and installs the packages named."""
        install = f'for word in "$@"; do : > "{self.folder}/has-$word"; done' if exit_code == 0 else ""
        self.script(name, f'echo "{name} $*" >> {self.log}\n{install}\nexit {exit_code}')

    def sudo(self) -> None:
        """sudo that notes that it was asked and runs the rest."""
        self.script("sudo", f'echo sudo >> {self.log}\n[ "$1" = -n ] && shift\nexec "$@"')

    def installed(self, package: str) -> Path:
        return self.folder / f"has-{package}"

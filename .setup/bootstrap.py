"""Makes the .venv that `run` runs in, and repairs it: called only when its stamp is missing or stale.

It stands apart from the rooms because it runs before any of them can be imported: standard library only.
In order: one at a time (a lock), what the machine lacks, .venv, the pinned packages with their hashes checked
(also those that only build others), the project itself, and last the stamp. Whatever stops it on the way
leaves no stamp, and the next run starts over.
"""

import argparse
import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import machine

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "nnreel-setup"
LOG = VENV / "nnreel-setup.log"
LOCK = ROOT / "requirements.lock"
BUILD_LOCK = ROOT / ".setup" / "build.lock"
UNFINISHED = "unfinished"
PHASES = ("Collecting", "Building", "Installing", "Successfully")


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(text: str) -> None:
    """One line for the person, on stderr: stdout belongs to the command that runs afterwards."""
    print(f"nnreel: {text}", file=sys.stderr, flush=True)


@contextmanager
def one_at_a_time() -> Iterator[int]:
    """Hold the set-up lock; pip inherits it, so that it outlasts a bootstrap that was killed alone."""
    descriptor = os.open(__file__, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another ./run is setting up; waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def agreed(question: str) -> bool:
    """Whether a person at the terminal says yes."""
    if not sys.stdin.isatty():
        return False
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def provide_system_packages(yes: bool, for_tests: bool = False) -> None:
    """Name what the machine lacks (for the tests alone, or at all) and install it, or say how to.

    Raises: SetupError where something is still missing afterwards.
    """
    missing = machine.missing_pieces(for_tests)
    if not missing:
        return
    say(f"missing on this machine: {', '.join(piece.name for piece in missing)}.")
    manager = machine.find_manager()
    sudo = os.geteuid() != 0 and shutil.which("sudo") is not None
    commands = machine.install_commands(missing, manager, sudo)
    by_hand = " && ".join(shlex.join(command) for command in commands)
    orphans = machine.without_remedy(missing, manager)
    if orphans:
        known = manager.name if manager else "a package manager (apt-get, dnf, pacman; brew on macOS)"
        raise SetupError(
            f"no package of {known} brings here: {', '.join(orphans)}. Install by hand"
            + (f", with the rest: {by_hand}" if by_hand else "")
            + "; for another Python: NNREEL_PYTHON=/path/to/python3 ./run ..."
        )
    if manager and manager.as_root and os.geteuid() != 0 and not sudo:
        raise SetupError(f"no right to install. As root, run:\n  {by_hand}\nthen ./run again.")
    say(f"to install it:\n  {by_hand}")
    if not yes and not agreed("Run this now? [y/N]"):
        raise SetupError("nothing installed. Run the line above, or ./run --yes ..., then ./run again.")
    run_installers(commands, by_hand)
    still = machine.missing_pieces(for_tests)
    if still:
        names = ", ".join(piece.name for piece in still)
        raise SetupError(
            f"still missing after the install: {names}. Let it finish, or run by hand:\n  {by_hand}"
        )


def run_installers(commands: Sequence[Sequence[str]], by_hand: str) -> None:
    """Run the system's install commands, their output shown; a failed `update` alone is not the end."""
    terminal = sys.stdin.isatty()
    for command in commands:
        if command[0] == "sudo" and not terminal:
            command = ("sudo", "-n", *command[1:])  # nobody is there to type a password
        done = subprocess.run(
            command,
            stdin=None if terminal else subprocess.DEVNULL,
            stdout=sys.stderr,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode and "update" not in command:
            raise SetupError(f"the install failed (exit {done.returncode}). Run by hand:\n  {by_hand}")


def stable_python() -> str:
    """The path of this Python that names its version, so that .venv never points at a different one later."""
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    versioned = base.with_name(f"python{sys.version_info.major}.{sys.version_info.minor}")
    return str(versioned if versioned.exists() and versioned.samefile(base) else base)


def write_stamp(text: str) -> None:
    """Publish the stamp whole."""
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, STAMP)


def make_venv(key: str, environment: dict[str, str]) -> None:
    """Leave a .venv to install into: the one that is there if it was finished in this folder, else a new one.

    Raises: SetupError where .venv is not of our making.
    """
    old = STAMP.read_text() if STAMP.is_file() else ""
    ours = not VENV.exists() or not any(VENV.iterdir()) or any(VENV.glob(f"{STAMP.name}*"))
    if VENV.is_symlink() or not ours:
        raise SetupError(f"{VENV} was not made by ./run. Move it away, then ./run again.")
    same_place = old.splitlines()[-1:] == key.splitlines()[-1:]
    if same_place and machine.succeeds(str(PYTHON), "-m", "pip", "--version"):
        write_stamp(UNFINISHED)
        say("the pinned versions changed; updating .venv.")
        return
    if VENV.exists():
        say("a set-up did not finish here, or the folder moved; starting over.")
        write_stamp(UNFINISHED)  # still ours if this is stopped half-way
        for entry in VENV.iterdir():
            if entry != STAMP:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    VENV.mkdir(exist_ok=True)
    write_stamp(UNFINISHED)
    python = stable_python()
    say(f"making .venv with Python {sys.version.split()[0]} ({python}).")
    done = subprocess.run([python, "-m", "venv", str(VENV)], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"could not make .venv: {(done.stdout + done.stderr).strip()}")


def pip(arguments: Sequence[str], environment: dict[str, str], lock: int) -> None:
    """Run .venv's pip, its output in the log and one line of it at a time on a terminal.

    Raises: SetupError with the end of the log.
    """
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    tail: list[str] = []
    terminal = sys.stderr.isatty()
    with (
        LOG.open("a") as log,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=environment, pass_fds=[lock],
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            if not line.startswith(("WARNING:", "Looking in")):
                tail = [*tail[-11:], line]
            if terminal and line.startswith(PHASES):
                short = line.split(" (from")[0].strip()[:76]
                print(f"\r\033[K  {short}", end="", file=sys.stderr, flush=True)
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if process.returncode:
        raise SetupError(
            f"the install of the pinned packages stopped (all of it is in {LOG}):\n{''.join(tail)}"
            "It needs a network this once. The next ./run starts over."
        )


def clean_environment() -> dict[str, str]:
    """The environment without what would make pip install elsewhere or otherwise than pinned."""
    foreign = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"PIP_USER": "0", "PYTHONNOUSERSITE": "1", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}


def pinned_pip() -> str:
    """The lines of the build lock that pin pip itself."""
    entries = BUILD_LOCK.read_text().replace("\\\n", "").splitlines()
    return "\n".join(line for line in entries if line.startswith("pip=="))


def install(environment: dict[str, str], lock: int) -> None:
    """Install pip as pinned, every pinned package, then the project in place."""
    say("installing the pinned packages, some of them built here; about a minute the first time.")
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as own:
        own.write(pinned_pip())
        own.flush()
        pip(["install", "--require-hashes", "-r", own.name], environment, lock)
    constraint = ["--build-constraint", str(BUILD_LOCK)]
    pip(["install", "--require-hashes", "-r", str(LOCK), *constraint], environment, lock)
    pip(["install", "--no-deps", *constraint, "-e", str(ROOT)], environment, lock)


def main() -> int:
    """Set up; 0 when .venv is ready, 5 when something is missing, 130 when interrupted."""
    parser = argparse.ArgumentParser(description="Makes the .venv that ./run runs in.")
    parser.add_argument("--yes", action="store_true", help="install system packages without asking")
    parser.add_argument("--for-tests", action="store_true", help="only provide what the tests need besides")
    parser.add_argument("key", help="what the stamp is to hold; ./run computes it")
    options = parser.parse_args()
    yes = options.yes or os.environ.get("CI", "").lower() in ("1", "true")
    try:
        with one_at_a_time() as lock:
            if options.for_tests:
                provide_system_packages(yes, for_tests=True)
                return 0
            if PYTHON.exists() and STAMP.is_file() and STAMP.read_text() == options.key:
                return 0  # another ./run has just made it
            provide_system_packages(yes)
            environment = clean_environment()
            make_venv(options.key, environment)
            install(environment, lock)
            write_stamp(options.key)
            say("ready.")
            return 0
    except SetupError as error:
        say(str(error))
        return 5
    except OSError as error:
        say(f"could not set up: {error}")
        return 5
    except KeyboardInterrupt:
        say("interrupted; the next ./run starts over.")
        return 130


if __name__ == "__main__":
    sys.exit(main())

"""Voices: nobody (timed by reading), espeak-ng, the user's own WAV files, or any program.

What a program has spoken is kept in the cache by voice and words, so only a changed line is spoken again.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nncore.cache import cache_dir
from nncore.errors import BadInput, MissingPiece, did_you_mean
from studio.files import write_bytes
from studio.film.audio import SAMPLE_RATE, read_sound
from studio.film.words import Line, reading_seconds, spoken
from studio.media import BrokenClip

#: A voice program is stopped when one line takes longer, in seconds.
TIME_LIMIT = 60.0
LONGEST_LINE = 120.0
KINDS = ("none", "espeak", "recorded", "command")
_WORDS_A_MINUTE = "155"
_ACCENTS = {"en": "en-us", "pt": "pt-br", "zh": "cmn"}
_QUIET = 10 ** (-45 / 20)


@dataclass(frozen=True)
class Spoken:
    """How one line sounds; None: it is only read.

    Shapes: samples float32 (n,), one channel, silence cut off at both ends. Units: seconds.
    """

    seconds: float
    samples: np.ndarray | None = None

    @property
    def digest(self) -> str:
        """What decides how it sounds."""
        data = b"" if self.samples is None else self.samples.tobytes()
        return hashlib.sha256(data + repr(round(self.seconds, 6)).encode()).hexdigest()


class Voice(Protocol):
    """Someone who speaks lines."""

    speaks: bool

    def speak(self, line: Line) -> Spoken:
        """The line as sound, or how long it takes to read.

        Raises: BadInput or MissingPiece saying what is wrong with which line.
        """


def voice_for(text: str, language: str = "en") -> Voice:
    """The voice that `--voice` names: none, espeak, `recorded DIR` or `command PROGRAM ...`.

    Raises: BadInput for another name, MissingPiece where the program is not there.
    """
    kind, _, rest = text.strip().partition(" ")
    if rest and kind in ("none", "espeak"):
        raise BadInput(f"--voice {kind} takes nothing after it, not '{rest}'.")
    if kind == "none":
        return Nobody()
    if kind == "espeak":
        return Program(espeak_command(language))
    if kind == "recorded":
        return Recorded(_folder_of(rest.strip()))
    if kind == "command":
        return Program(_words_of(rest))
    raise BadInput(
        f"no voice '{kind}'.{did_you_mean(kind, KINDS)} Voices: none, espeak, recorded DIR, command '...'."
    )


def _folder_of(name: str) -> Path:
    if not name or not Path(name).is_dir():
        missing = f"; there is no folder '{name}'" if name else ""
        raise BadInput(
            f"--voice recorded takes a folder of WAV files, Scene.beat.wav and title.wav{missing}."
        )
    return Path(name)


def espeak_command(language: str) -> tuple[str, ...]:
    """The command that speaks with espeak-ng.

    Raises: MissingPiece where it is not installed.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise MissingPiece(
            "espeak-ng is not on this machine; install the package espeak-ng, or --voice none."
        )
    return (program, "-v", _ACCENTS.get(language, language), "-s", _WORDS_A_MINUTE, "--stdin", "-w", "{wav}")


def _words_of(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise BadInput(f"--voice command: {error} in {command!r}.") from error
    if not words:
        raise BadInput(
            '--voice command takes a program that turns text into WAV, such as "piper -m VOICE -f {wav}".'
        )
    if shutil.which(words[0]) is None:
        raise MissingPiece(f"the voice program '{words[0]}' is not on this machine.")
    return words


class Nobody:
    """Timed by how long it takes to read each line and look at its picture."""

    speaks = False

    def speak(self, line: Line) -> Spoken:
        return Spoken(reading_seconds(line.text))


@dataclass(frozen=True)
class Recorded:
    """The user's own WAV files, `Scene.beat.wav` in a folder; `title.wav` is said over the title card."""

    folder: Path
    speaks = True

    def speak(self, line: Line) -> Spoken:
        path = self.folder / f"{line.name}.wav"
        if not path.is_file():
            near = did_you_mean(
                path.name, [each.name for each in self.folder.glob("*.wav") if each.is_file()]
            )
            raise BadInput(f"{line.place}: no recording {path}.{near} It says: {line.text}")
        return _heard(path, f"{line.place}: {path}", BadInput)


@dataclass(frozen=True)
class Program:
    """A program. `{wav}` in its words is the file it writes, else it writes to stdout; `{text}` is the line,
    else it reads that from stdin.
    """

    command: tuple[str, ...]
    speaks = True

    def speak(self, line: Line) -> Spoken:
        words = spoken(line.text)
        home = cache_dir() / "voice"
        kept = home / f"{self._key(words)}.wav"
        if not kept.is_file():
            with tempfile.TemporaryDirectory() as folder:
                made = Path(folder) / "line.wav"
                self._run(line, words, made)
                _heard(made, f"{line.place}: {self.name}", MissingPiece)
                write_bytes(kept, made.read_bytes())
        return _heard(kept, f"{line.place}: {self.name}", MissingPiece)

    @property
    def name(self) -> str:
        return Path(self.command[0]).name

    def _key(self, words: str) -> str:
        program = Path(shutil.which(self.command[0]) or self.command[0])
        state = program.stat()
        about = [*self.command, words, str(state.st_size), str(state.st_mtime_ns)]
        return hashlib.sha256("\0".join(about).encode()).hexdigest()[:32]

    def _run(self, line: Line, words: str, wav: Path) -> None:
        takes_text = any("{text}" in word for word in self.command)
        gives_file = any("{wav}" in word for word in self.command)
        command = [word.replace("{wav}", str(wav)).replace("{text}", words) for word in self.command]
        out = run_limited(command, b"" if takes_text else words.encode(), f"{line.place}: {self.name}")
        if not gives_file:
            wav.write_bytes(out)
        if not wav.is_file() or not wav.stat().st_size:
            raise MissingPiece(f"{line.place}: {self.name} ended without a WAV for: {line.text}")


def run_limited(command: Sequence[str], given: bytes, what: str) -> bytes:
    """What a program writes to stdout; it and all it started are killed at the time limit.

    Raises: MissingPiece if it fails or takes too long.
    """
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    try:
        process = subprocess.Popen(command, start_new_session=os.name == "posix", **pipes)
    except OSError as error:
        raise MissingPiece(f"{what} cannot be started: {error.strerror}.") from error
    try:
        out, errors = process.communicate(given, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise MissingPiece(
            f"{what} took longer than {TIME_LIMIT:g} s for one line and was stopped."
        ) from None
    finally:
        if process.poll() is None:
            _kill(process)
    if process.returncode:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise MissingPiece(f"{what} failed with code {process.returncode}: {last[0]}")
    return bytes(out)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _heard(path: Path, what: str, kind: type[BadInput] | type[MissingPiece]) -> Spoken:
    """A sound file's samples without the silence around them."""
    try:
        samples = read_sound(path).mean(axis=0, dtype=np.float32)
    except BrokenClip as error:
        raise kind(f"{what}: not a sound that can be read ({error})") from error
    peak = float(np.abs(samples).max(initial=0.0))
    if peak < 1e-4:
        raise kind(f"{what}: there is no sound in it.")
    loud = np.flatnonzero(np.abs(samples) > peak * _QUIET)
    samples = samples[loud[0] : loud[-1] + 1].copy()
    seconds = len(samples) / SAMPLE_RATE
    if seconds > LONGEST_LINE:
        raise kind(f"{what}: {seconds:.0f} s for one line; at most {LONGEST_LINE:.0f} s.")
    fade = min(len(samples) // 2, SAMPLE_RATE // 200)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    samples[:fade] *= ramp
    samples[len(samples) - fade :] *= ramp[::-1]
    return Spoken(seconds, samples)

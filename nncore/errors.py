"""What can go wrong, and the exit code each kind ends the command with.

Every message is one line: what was wrong, which value, what to do. Only render.py prints them.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class NNReelError(Exception):
    """A problem the user can read and act on; `exit_code` is what the command line ends with."""

    exit_code = 1


class BadInput(NNReelError):
    """The request itself was wrong: an unknown name, a value out of range."""

    exit_code = 2


class RecordingError(NNReelError):
    """A recording or data file is missing, cut off, altered or of an unknown form."""

    exit_code = 4


class MissingPiece(NNReelError):
    """Something this machine needs (a library, a font, a program) is not there."""

    exit_code = 5


class Busy(NNReelError):
    """Another process holds what this one needs."""

    exit_code = 6


class OutputError(NNReelError):
    """The result could not be written: no space, no permission."""

    exit_code = 74


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """A sentence naming the choice closest to `name`, or an empty string where none is close."""
    choices = list(choices)
    lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    return f" Did you mean '{lower[close[0]]}'?" if close else ""

"""What recorded numbers sound like: from a recording to notes, ticks and gliding tones.

Neurons are soft notes whose loudness is the recorded activation; an update is a tick whose loudness is how
far the parameters moved; the loss is a tone that falls as the loss does. Which beat has which sound is data
too: `assets/sounds.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nncore.errors import BadInput, did_you_mean
from nncore.recording import Recording
from studio.film.sound.tones import Event, Glide, Note, Tick

SOUNDS = Path(__file__).resolve().parents[3] / "assets" / "sounds.toml"
#: The notes of A major pentatonic over three octaves, in Hz.
SCALE = tuple(220.0 * 2 ** (octave + step / 12) for octave in range(3) for step in (0, 2, 4, 7, 9))
LOSS_LOW, LOSS_HIGH = 130.0, 880.0
#: At most so many neurons are heard at once, the strongest; and so many ticks in a second.
NEURONS, TICKS_A_SECOND = 24, 9.0
_FADE_POINTS = 200


@dataclass(frozen=True)
class Sounding:
    """What a beat sounds like: kinds (`neurons`, `loss`, `steps`) and which numbers of which recording.

    `step` is first, last or a number; `digit` chooses the probe by its label, -1: the one its scene shows.
    """

    kinds: tuple[str, ...]
    recipe: str = ""
    layer: int = 1
    step: str = "last"
    digit: int = -1


KINDS = ("neurons", "loss", "steps")


@cache
def soundings() -> Mapping[str, Sounding]:
    """The sound of each beat that has one, by `Scene.beat`."""
    table = tomllib.loads(SOUNDS.read_text(encoding="utf-8"))
    return {f"{scene}.{beat}": _sounding(f"{scene}.{beat}", entry) for scene, beats in table.items()
            for beat, entry in beats.items()}  # fmt: skip


def _sounding(name: str, entry: dict[str, Any]) -> Sounding:
    kinds = tuple(entry.get("kinds", ()))
    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(
                f"{SOUNDS}: {name}: no sound '{kind}'.{did_you_mean(kind, KINDS)} {', '.join(KINDS)}."
            )
    given = {key: value for key, value in entry.items() if key != "kinds"}
    return Sounding(kinds, **given)


def events(sounding: Sounding, recording: Recording, start: float, seconds: float) -> list[Event]:
    """The beat's notes, ticks and tones. Units: start and seconds in seconds."""
    found: list[Event] = []
    if "neurons" in sounding.kinds:
        found += neurons(recording, sounding, start, seconds)
    if "loss" in sounding.kinds:
        found.append(falling_loss(recording, start, seconds))
    if "steps" in sounding.kinds:
        found += steps(recording, start, seconds)
    return found


def neurons(recording: Recording, sounding: Sounding, start: float, seconds: float) -> list[Event]:
    """A note for each neuron that fires, in their order; its level is its share of the strongest recorded."""
    step = {"first": int(recording.steps[0]), "last": int(recording.steps[-1])}.get(sounding.step)
    step = int(sounding.step) if step is None else step
    probe = _probe(recording, sounding.digit)
    active = np.clip(np.asarray(recording.a(sounding.layer, step)[probe], float).ravel(), 0, None)
    strongest = max(float(recording.a(sounding.layer, int(each))[probe].max()) for each in recording.steps)
    if not strongest > 0:
        return []
    heard = np.sort(np.argsort(-active, kind="stable")[:NEURONS])
    heard = heard[active[heard] > 0]
    found: list[Event] = []
    for place, unit in enumerate(heard):
        when = start + seconds * place / max(len(heard), 1)
        pitch = SCALE[int(unit * len(SCALE) / len(active))]
        pan = 0.7 * (2 * unit / max(len(active) - 1, 1) - 1)
        found.append(Note(when, pitch, float(active[unit] / strongest), pan))
    return found


def _probe(recording: Recording, digit: int) -> int:
    fitting = np.flatnonzero(np.asarray(recording.probe_y) == digit)
    return int(fitting[0]) if len(fitting) else 0


def falling_loss(recording: Recording, start: float, seconds: float) -> Glide:
    """The training loss over the run as a tone, time compressed as on screen (log steps)."""
    losses, at = recording.evals("loss_train"), recording.eval_steps
    if not np.isfinite(losses).any():
        losses, at = recording.series("loss_batch"), np.arange(recording.n_steps)
    good = np.isfinite(losses) & (losses > 0)
    losses, at = losses[good], at[good]
    if not len(losses):
        return Glide(start, seconds, (LOSS_LOW, LOSS_LOW), 0.0)
    steps = np.expm1(np.linspace(0, np.log1p(at[-1]), _FADE_POINTS))
    height = np.interp(steps, at, np.log(losses))
    low, high = float(np.log(losses).min()), float(np.log(losses).max())
    share = (height - low) / (high - low) if high > low else np.zeros_like(height)
    return Glide(start, seconds, tuple((LOSS_LOW * (LOSS_HIGH / LOSS_LOW) ** share).tolist()))


def steps(recording: Recording, start: float, seconds: float) -> list[Event]:
    """A tick for recorded steps at even log times; its level is the update's share of the largest heard."""
    places = np.unique(
        np.expm1(np.linspace(0, np.log1p(recording.n_steps), int(seconds * TICKS_A_SECOND) + 1))
    )
    chosen = sorted({int(np.searchsorted(recording.steps, place)) for place in places})
    chosen = [index for index in chosen if index + 1 < len(recording.steps)]
    sizes = [update_size(recording, index) for index in chosen]
    largest = max(sizes, default=0.0)
    if not np.isfinite(largest) or largest <= 0:
        return []
    last = float(np.log1p(recording.n_steps))
    found: list[Event] = []
    for index, size in zip(chosen, sizes, strict=True):
        when = start + seconds * float(np.log1p(recording.steps[index])) / last
        if np.isfinite(size) and size > 0:
            found.append(Tick(when, size / largest))
    return found


def update_size(recording: Recording, index: int) -> float:
    """How far a step moves all parameters together: from one snapshot to the next, a mean over the steps."""
    here, there = int(recording.steps[index]), int(recording.steps[index + 1])
    before, after = recording.params(here), recording.params(there)
    squares = sum(float(((after[key].astype(float) - before[key]) ** 2).sum()) for key in before)
    return float(np.sqrt(squares)) / (there - here)

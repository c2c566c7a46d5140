"""The interactive twin: one HTML file in which a reader scrubs through the recording behind a clip.

Everything is inside the file and it asks no network for anything. Numbers are quantised to bytes, differences
from snapshot to snapshot deflated; the page says how exact they are.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nncore.errors import BadInput
from studio.embed.moving import OverBudget
from studio.embed.takes import Shot

if TYPE_CHECKING:
    from nncore.recording import Recording

#: Bytes that the whole file may have; fewer neurons are shown until it fits.
LIMIT = 1_000_000
_EVALS = ("loss_train", "loss_test", "accuracy_train", "accuracy_test")
_TEMPLATES = Path(str(files("assets"))) / "embed" / "twin"


def twin(shot: Shot, title: str, limit: int = LIMIT) -> str:
    """The page of a scene's first recording.

    Raises: BadInput for a network it cannot show, OverBudget if even a few neurons are too large.
    """
    from nncore.recording import Recording

    request = shot.request
    if not request.recordings:
        raise BadInput(f"{request.ref.name} is drawn from no recording: there is nothing to scrub through.")
    recording = Recording.open(Path(request.recordings[0][1]))
    check(recording, request.ref.name)
    count = int(recording.layer_sizes[1])
    while True:
        page = _page(recording, count, title, request.theme)
        size = len(page.encode())
        if size <= limit:
            return page
        if count == 1:
            raise OverBudget(f"no page of {limit:,} bytes: with one of its neurons it still has {size:,}.")
        count = max(1, int(count * min(0.9, 0.95 * limit / size)))


def check(recording: Recording, scene: str) -> None:
    """Raises: BadInput for a recording whose first layer is not dense or that does not sort into classes."""
    types = [layer["type"] for layer in recording.spec.layers]
    if types[:1] != ["dense"]:
        raise BadInput(f"{scene}'s recording starts with a layer '{types[0]}'; the twin shows dense ones.")
    if recording.dataset().n_classes < 2:
        raise BadInput(f"{scene}'s recording does not sort into classes; the twin shows those that do.")


class _Payload:
    """Arrays packed one after the other; `index` says where each is and how to read it."""

    def __init__(self) -> None:
        self.index: dict[str, dict[str, Any]] = {}
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, name: str, values: np.ndarray, kind: str, scale: float = 1.0) -> None:
        """Adds an array; float32 as it is, signed or unsigned bytes as shares of `scale`."""
        if kind == "f4":
            data = values.astype("<f4").tobytes()
        else:
            levels = {"i1": 127, "u1": 255}[kind]
            codes = np.round(values / scale * levels).astype(np.int16)
            # From snapshot to snapshot little changes: differences, modulo 256, deflate well.
            data = np.diff(codes, axis=0, prepend=0).astype(np.uint8).tobytes()
        self.index[name] = {"at": self._size, "shape": list(values.shape), "kind": kind, "scale": scale}
        self._parts.append(data + b"\0" * (-len(data) % 4))
        self._size += len(self._parts[-1])

    def text(self) -> str:
        """Everything, deflated, as base64."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode()


def _page(recording: Recording, count: int, title: str, theme: str) -> str:
    payload, about = gather(recording, count)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    data = json.dumps({**about, "arrays": payload.index, "colors": _colors(theme)}, ensure_ascii=False)
    return environment.get_template("twin.html").render(
        title=title,
        about=about,
        colors=_theme(theme),
        data=Markup(data.replace("<", "\\u003c")),
        payload=Markup(payload.text()),
        style=Markup((_TEMPLATES / "twin.css").read_text(encoding="utf-8")),
        script=Markup("\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS)),
    )


_SCRIPTS = ("data.js", "draw.js", "twin.js")


def gather(recording: Recording, count: int) -> tuple[_Payload, dict[str, Any]]:
    """The recorded arrays of the `count` hidden neurons that training changed most, and what to say of them.

    Shapes: weights (snapshots, neurons, inputs), hidden (snapshots, probes, neurons), outputs (snapshots,
    probes, classes), probes (probes, inputs).
    """
    steps = [int(step) for step in recording.steps]
    weights = np.stack([recording.param("1.W", step) for step in steps])
    change = np.linalg.norm(weights[-1] - weights[0], axis=1)
    shown = np.sort(np.argsort(-change, kind="stable")[:count])
    hidden = np.stack([recording.a(1, step)[:, shown] for step in steps])
    last = len(recording.layer_sizes) - 1
    weights = weights[:, shown]
    payload = _Payload()
    low = float(hidden.min())
    scales = {"weights": _largest(weights), "hidden": _largest(hidden)}
    payload.add("weights", weights, "i1", scales["weights"])
    payload.add("hidden", hidden, "i1" if low < 0 else "u1", scales["hidden"])
    payload.add("outputs", np.stack([recording.a(last, step) for step in steps]), "f4")
    payload.add("probes", recording.probe_x.reshape(len(recording.probe_x), -1), "f4")
    payload.add("loss_batch", recording.series("loss_batch"), "f4")
    for name in _EVALS:
        payload.add(name, recording.evals(name), "f4")
    dataset = recording.dataset()
    return payload, {
        "recipe": recording.name,
        "digest": recording.digest,
        "steps": steps,
        "nSteps": int(recording.n_steps),
        "evalSteps": [int(step) for step in recording.eval_steps],
        "labels": [int(label) for label in recording.probe_y],
        "classes": [str(name) for name in dataset.class_names],
        "tile": _tile(dataset.image_shape, recording.layer_sizes[0]),
        "neurons": [int(index) for index in shown],
        "allNeurons": int(recording.layer_sizes[1]),
        "sizes": [int(size) for size in recording.layer_sizes],
        "exact": _exactness(scales, 127, 127 if low < 0 else 255),
    }


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values).max()) or 1.0


def _exactness(scales: Mapping[str, float], *levels: int) -> str:
    halves = [scale / level / 2 for scale, level in zip(scales.values(), levels, strict=True)]
    return f"weights to ±{halves[0]:.2g}, activations to ±{halves[1]:.2g}, everything else as 32-bit numbers"


def _tile(image_shape: tuple[int, ...] | None, inputs: int) -> list[int]:
    """(rows, columns) of one neuron's weights as a picture."""
    if image_shape is not None and len(image_shape) >= 2 and image_shape[-1] * image_shape[-2] == inputs:
        return [int(image_shape[-2]), int(image_shape[-1])]
    return [1, int(inputs)]


def _theme(theme: str) -> dict[str, str]:
    from scenes.kit.style import THEMES

    return THEMES[theme]


def _colors(theme: str) -> dict[str, Any]:
    """The kit's own tables: 255 colours from the most negative to the most positive, greys, activations."""
    from scenes.kit.encodings import activation_rgb, gray_image, signed_image
    from scenes.kit.layout import Look

    look = Look("16:9", theme)
    signed = signed_image(look, np.arange(-127, 128), 127.0)[:, :3]
    ramp = np.linspace(0, 1, 256)
    tables = {
        "signed": signed,
        "gray": gray_image(look, ramp)[:, :3],
        "activation": activation_rgb(look, ramp, 1.0),
    }
    found = {name: np.round(255 * table).astype(int).ravel().tolist() for name, table in tables.items()}
    return {
        **found,
        **{role: _theme(theme)[role] for role in ("accent", "ink", "muted", "faint", "positive")},
    }

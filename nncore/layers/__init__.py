"""Layers, one file each, and the registry a spec names them by.

    x ─▶ layer 1 ─ z ─ activation ─ a ─▶ layer 2 ─ ... ─ a ─▶ loss
      ◀─ dL/dx ─── delta ──────────────◀─ ...

A description is a dictionary such as {"type": "dense", "units": 128, "activation": "relu", "init": "he"};
its other keys are the layer's keyword arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nncore.errors import BadInput
from nncore.layers.attention import Attention
from nncore.layers.batchnorm import BatchNorm
from nncore.layers.conv2d import Conv2D
from nncore.layers.dense import Dense
from nncore.layers.dropout import Dropout
from nncore.layers.embedding import Embedding, Positions
from nncore.layers.layer import Layer
from nncore.layers.layernorm import LayerNorm
from nncore.layers.maxpool2d import MaxPool2D
from nncore.layers.reshaping import Flatten, Select
from nncore.layers.residual import Residual
from nncore.layers.rnn import RNN
from nncore.layers.stack import Stack, Trace
from nncore.registry import build

__all__ = ["LAYERS", "Dense", "Embedding", "Layer", "Stack", "Trace", "build_layer", "build_layers"]


def _residual(layers: Sequence[Mapping[str, Any]]) -> Residual:
    return Residual(build_layers(layers))


LAYERS: dict[str, Callable[..., Layer]] = {
    "dense": Dense,
    "conv2d": Conv2D,
    "maxpool2d": MaxPool2D,
    "flatten": Flatten,
    "dropout": Dropout,
    "batchnorm": BatchNorm,
    "layernorm": LayerNorm,
    "embedding": Embedding,
    "positions": Positions,
    "rnn": RNN,
    "attention": Attention,
    "select": Select,
    "residual": _residual,
}


def build_layer(description: Mapping[str, Any], field: str = "layer") -> Layer:
    """The layer a description asks for.

    Raises: BadInput naming `field`, for an unknown type, an unknown option or a value that does not fit.
    """
    if not isinstance(description, Mapping) or "type" not in description:
        raise BadInput(f"{field} is {description!r}; it must be a table with a 'type'.")
    options = {key: value for key, value in description.items() if key != "type"}
    try:
        return build("layer", description["type"], LAYERS, options)
    except BadInput as error:
        raise BadInput(f"{field}: {error}") from None


def build_layers(descriptions: Sequence[Mapping[str, Any]], field: str = "layers") -> list[Layer]:
    """The layers of a whole list of descriptions."""
    return [build_layer(description, f"{field}[{i}]") for i, description in enumerate(descriptions)]

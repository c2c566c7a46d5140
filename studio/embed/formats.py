"""The formats a pack can hold, by the names that --format takes."""

from __future__ import annotations

from collections.abc import Sequence

from nncore.errors import BadInput, did_you_mean
from studio.embed.moving import KINDS
from studio.embed.video import AV1, VP9

#: Video made beside the MP4, which every pack has.
VIDEO = {codec.name: codec for codec in (AV1, VP9)}
FORMATS = ("mp4", *VIDEO, *KINDS)
DEFAULT = ("mp4", "av1", "gif", "webp")
#: Bytes that a GIF or WebP may have.
MAX_BYTES = 2_000_000


def check_formats(names: Sequence[str]) -> tuple[str, ...]:
    """The names in the order of the table, the MP4 among them, each once.

    Raises: BadInput for an unknown one.
    """
    for name in names:
        if name not in FORMATS:
            raise BadInput(f"no format '{name}'.{did_you_mean(name, FORMATS)} Formats: {', '.join(FORMATS)}.")
    return tuple(name for name in FORMATS if name == "mp4" or name in names)

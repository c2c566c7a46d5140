"""What is read beside a film: pictures of exact sizes, in the film's own look."""

import numpy as np
import pytest
from PIL import Image

from scenes.kit.style import THEMES
from studio.film.texts import write_thumbnail
from studio.request import Request


@pytest.mark.parametrize(
    ("aspect", "drawn", "size"),
    [
        ("16:9", (480, 854), (1280, 720)),
        ("9:16", (854, 480), (720, 1280)),
        ("1:1", (480, 480), (720, 720)),
        ("4:5", (600, 480), (720, 900)),
    ],
)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_thumbnail_has_its_exact_size_and_nothing_shows_through_its_title(
    tmp_path, aspect, drawn, size, theme
):
    noise = np.random.default_rng(0).integers(0, 255, (*drawn, 3)).astype(np.float32)
    path = tmp_path / "thumbnail.png"
    write_thumbnail("How a network learns", Request("", aspect=aspect, theme=theme), noise, path)
    with Image.open(path) as image:
        assert image.size == size
        pixels = np.asarray(image)
    ground = np.array(Image.new("RGB", (1, 1), THEMES[theme]["background"]))[0, 0]
    assert (pixels[-30:-10, :20] == ground).all()
    full = (pixels != ground).any(axis=2).mean(axis=1)
    picture = np.flatnonzero(full > 0.9)[:-10]  # the last rows are the line under the title
    assert len(picture) > 0.25 * size[1]
    assert (np.diff(picture) == 1).all()
    assert full[picture[-1] + 1] == 0

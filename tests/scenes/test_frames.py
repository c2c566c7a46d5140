"""Frames: the pictures of some scenes are those that were looked at and kept."""

import numpy as np
import pytest
from frames import KEPT, SCENES, difference, drawn, kept, report
from PIL import Image

from scenes.registry import scene_info


@pytest.mark.parametrize("scene", SCENES)
def test_the_end_of_every_beat_is_as_it_was_kept(scene, tmp_path):
    wrong = []
    for beat, pixels in drawn(scene):
        if said := difference(kept(scene, beat), pixels):
            wrong.append(f"{beat}: {said}; {report(tmp_path / f'{beat}.png', kept(scene, beat), pixels)}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_kept_of_what_is_no_more():
    wanted = {f"{scene}-{beat}.png" for scene in SCENES for beat, _ in scene_info(scene).beats}
    assert {path.name for path in KEPT.iterdir()} == wanted


def test_a_moved_number_and_another_colour_are_found(tmp_path):
    before = kept("ForwardPass", "outputs_decide")
    moved = np.roll(before, 2, axis=1)
    redder = before.copy()
    redder[..., 0] = np.minimum(redder[..., 0].astype(int) + 6, 255)
    for wrong in (moved, redder, kept("ForwardPass", "hidden_fires")):
        assert difference(before, wrong)
    said = report(tmp_path / "moved.png", before, moved)
    assert "cairo 1." in said
    assert "pango" in said
    with Image.open(tmp_path / "moved.png") as picture:
        assert picture.size == (3 * before.shape[1], before.shape[0])

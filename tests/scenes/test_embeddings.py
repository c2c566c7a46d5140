"""Embeddings: every mark is a test digit at its recorded place, on one scale for both axes."""

from pathlib import Path

import numpy as np
import pytest
from playing import played, shown

from nncore.embedding_facts import embedded
from scenes.kit.layout import Look, Region
from scenes.kit.pixels import PixelView
from scenes.kit.stamp_field import CLASS_CATEGORIES, Plane, StampField
from studio.runs import ensure_recording


@pytest.fixture(scope="module")
def digits() -> Path:
    return ensure_recording("digits")


@pytest.fixture(scope="module")
def scene(digits):
    return played("Embeddings", {"digits": digits})


def test_marks_end_at_the_projected_activations(scene):
    points = scene.picture.points[-1]
    places = scene.field.centers
    scale = scene.plane.unit
    assert np.allclose(places - places[0], (points - points[0]) * scale, atol=1e-6)


def test_the_projection_is_of_the_recorded_activations(scene):
    rec = scene.rec
    a = rec.network(scene.end).forward(rec.dataset().x_test).a[1].astype(float)
    apart = np.linalg.norm(a[3] - a[200])
    flat = np.linalg.norm(scene.picture.points[-1][3] - scene.picture.points[-1][200])
    assert flat <= apart * (1 + 1e-6)  # a shadow never lengthens
    probe = rec.a(1, scene.end)[scene.probe]
    assert np.allclose(probe, a[scene.example], atol=1e-4)


def test_shown_shares_are_those_of_two_axes(scene):
    shares = shown(scene, "embedding_variance")
    assert shares[-1] == pytest.approx(embedded(scene.rec).variance[-1].sum())
    assert all(0 < share < 1 for share in shares)
    assert shares[-1] > shares[0]


def test_lit_at_the_end_are_the_misread_digits(scene):
    data = scene.rec.dataset()
    wrong = scene.rec.network(scene.end).predict(data.x_test).argmax(axis=1) != data.y_test
    assert (scene.field.levels == 1).tolist() == wrong.tolist()
    assert shown(scene, "n_test_wrong") == [wrong.sum()]
    assert shown(scene, "misread_strays")[0] <= wrong.sum()


def test_the_two_classes_that_overlap_are_counted(scene):
    one, other = scene._closest()
    data = scene.rec.dataset()
    assert shown(scene, "examples_of_two") == [np.isin(data.y_test, (one, other)).sum()]
    assert shown(scene, "read_right")[0] <= shown(scene, "examples_of_two")[0]


def test_a_plane_has_one_scale_and_keeps_all_points_inside():
    region = Region(-3, -1, 3, 1)
    plane = Plane(region, np.array([-2.0, -2.0]), np.array([6.0, 2.0]))
    corners = plane.places(np.array([[-2.0, -2.0], [6.0, 2.0]]))
    assert np.ptp(corners[:, 0]) == pytest.approx(2 * np.ptp(corners[:, 1]))
    assert corners[:, 0].min() >= region.left - 1e-9
    assert corners[:, 1].max() <= region.top + 1e-9


def test_a_stamp_is_drawn_where_its_center_is_also_between_pixels():
    view, look = PixelView(64, 64, 8.0, 8.0), Look("1:1")
    picture = np.ones((1, 8, 8))
    for x, y in ((0.0, 0.0), (1.06, -0.7)):
        frame = np.zeros((64, 64, 4), np.uint8)
        field = StampField(look, Region(-4, -4, 4, 4), np.array([[x, y]]), picture, np.ones((1, 3)), 1.0)
        field.paint(frame, view)
        light = frame[..., 0].astype(float)
        rows, columns = np.mgrid[:64, :64] + 0.5
        middle = np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()
        assert np.allclose(middle, view.to_px(np.array([[x, y]]))[0], atol=0.1)


def test_each_class_has_a_colour_of_its_own():
    assert sorted(CLASS_CATEGORIES) == list(range(10))

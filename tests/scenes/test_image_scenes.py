"""The scenes of the digit network run on any such network, and say what a recording of another kind lacks."""

from dataclasses import replace
from pathlib import Path

import pytest
from playing import played, shown

from nncore.errors import BadInput
from nncore.recipes import dense, mlp
from nncore.recording import Recording
from nncore.runspec import RunSpec
from nncore.training import train
from scenes.kit.needs import image_reader, probe_of

SCENES = ("Backpropagation", "LearnedFeatures", "Embeddings", "TrainingLoop")
SMALL = RunSpec(
    name="small", dataset="digits", learning_rate=0.1, batch_size=50, epochs=2, seed=1, probes=1,
    snapshots=20, layers=mlp(20, 10, output="softmax"),
)  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "small"
    train(SMALL, folder)
    return folder


@pytest.mark.parametrize("scene", SCENES)
def test_another_network_of_images_is_drawn_with_its_own_numbers(scene, small):
    drawn = played(scene, {"digits": small})
    assert drawn.rec.layer_sizes == (784, 20, 10)
    assert {entry.recording for entry in drawn.ledger} == {"small"}
    assert drawn.captions[drawn.beats[-1].name]


def test_numbers_follow_the_recording(small):
    drawn = played("Backpropagation", {"digits": small})
    assert shown(drawn, "n_parameters") == [784 * 20 + 20 + 20 * 10 + 10]


def test_a_run_on_points_is_refused_in_one_clear_line(tmp_path):
    spec = RunSpec(
        name="points", dataset="moons", dataset_args={"n": 40}, loss="binary_cross_entropy", epochs=1, seed=1,
        batch_size=10, layers=mlp(4, 1, output="sigmoid"),
    )  # fmt: skip
    train(spec, tmp_path / "points")
    with pytest.raises(BadInput, match="reads whole images; 'points' has none"):
        image_reader(Recording.open(tmp_path / "points"))


def test_a_deeper_network_is_refused_with_what_it_has(tmp_path):
    layers = (dense(8, "tanh"), dense(10, "softmax"))
    train(replace(SMALL, name="tanh", epochs=1, layers=layers), tmp_path / "tanh")
    with pytest.raises(BadInput, match="'tanh' has dense tanh, dense softmax"):
        image_reader(Recording.open(tmp_path / "tanh"))


def test_a_class_without_a_probe_is_named(small):
    with pytest.raises(BadInput, match="no example of class 12; it has 0, 1"):
        probe_of(Recording.open(small), 12)

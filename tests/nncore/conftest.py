"""Recordings shared by the tests of this room."""

import pytest
from small_runs import TINY

from nncore.recording import Recording
from nncore.training import train


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """A sealed recording of a small run; never to be changed."""
    return train(TINY, tmp_path_factory.mktemp("recordings") / "tiny")


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Ten epochs of the digits recipe in few snapshots."""
    from nncore.recipes import DIGITS

    spec = DIGITS.but(epochs=10, snapshots=12)
    return train(spec, tmp_path_factory.mktemp("recordings") / "digits")

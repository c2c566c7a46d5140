"""Formulas that a test sets outside a render go to a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from manim import tempconfig


@pytest.fixture(autouse=True)
def private_formulas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """manim's folder for what Typst makes."""
    folder = tmp_path_factory.getbasetemp() / "formulas"
    folder.mkdir(exist_ok=True)
    with tempconfig({"media_dir": str(folder), "tex_dir": str(folder)}):
        yield folder

"""Imported once by the server that workers are forked from: what each of their jobs would else import.

The scenes that will be drawn are named in the environment. A broken one is its job's to report.
"""

# ruff: noqa: E402 (what comes first is for the imports)

import gc
import os
from contextlib import suppress

gc.disable()  # of what is imported, next to nothing is ever thrown away

import studio.worker  # noqa: F401
from scenes.registry import load_scene
from studio import loaded
from studio.forks import SCENES

for name in os.environ.get(SCENES, "").split():
    with suppress(Exception):
        load_scene(name)
loaded.note()
gc.freeze()  # so that collections in the workers leave the memory they share alone
gc.enable()

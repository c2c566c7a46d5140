"""Imported once by the server that workers are forked from: code compiled, the list of scenes read as text.

A worker then reads and compiles only the files that changed since. Nothing here may import drawing code.
"""

import compileall
from contextlib import suppress

from scenes.registry import scene_infos
from studio.code import ROOMS, ROOT

for room in ROOMS:
    compileall.compile_dir(ROOT / room, quiet=2)
with suppress(Exception):  # a broken file is the worker's to report
    scene_infos()

"""Imported once by the server that workers are forked from: the list of scenes, read as text.

A worker then reads only the files that changed since. Nothing here may import drawing code.
"""

from contextlib import suppress

from scenes.registry import scene_infos

with suppress(Exception):  # a broken file is the worker's to report
    scene_infos()

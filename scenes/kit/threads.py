"""Large array operations in parts, each on a thread of its own: numpy leaves the others alone meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

MOST_THREADS = 4


def in_parts(first: int, end: int, work: Callable[[int, int], None], *, large: bool, step: int = 1) -> None:
    """Calls `work` with bounds that together go from first to end: once, or if it is `large`, on each core.

    Bounds lie whole steps from `first`. What the parts write must lie apart: then their number matters
    to nothing but the time.
    """
    steps = -(-(end - first) // step)
    threads = min(MOST_THREADS, cores(), steps) if large else 1
    if threads <= 1:
        work(first, end)
        return
    bounds = [first + step * (steps * part // threads) for part in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(work, *part) for part in pairwise([*bounds, end])]
        for part in parts:
            part.result()


def cores() -> int:
    """The processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

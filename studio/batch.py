"""Several scenes, shapes and themes in one call: what they are, and their contact sheets side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from nncore.errors import BadInput
from studio.commands import check_folder, check_recordings, check_target, requests_for, with_recordings
from studio.engine import cores
from studio.forks import one_thread_each, server_context
from studio.progress import Progress
from studio.request import Request, clip_name

#: Sheets that one process draws before it is replaced.
SHEETS_PER_POOL = 8


def sheets(
    scenes: Sequence[str],
    everything: bool,
    output: Path,
    columns: int | None,
    workers: int | None = None,
    *,
    recordings: Sequence[Path] = (),
    **look: Any,
) -> str:
    """Contact sheets: one PNG file, or for several a folder of them; returns their paths, one to a line."""
    requests = requests_for(scenes, everything, **look)
    check_recordings(recordings)
    if len(requests) == 1 and output.suffix:
        targets = [check_target(output, ".png")]
    else:
        if output.suffix.lower() == ".png":
            raise BadInput(f"{len(requests)} sheets need a folder; '{output}' names a picture.")
        targets = [check_folder(output) / f"{Path(clip_name(each)).stem}.png" for each in requests]
    with Progress() as progress:
        requests = with_recordings(requests, recordings, progress)
        _draw_sheets(requests, targets, columns, workers or cores(), progress)
    return "\n".join(map(str, targets))


def _draw_sheets(
    requests: Sequence[Request],
    targets: Sequence[Path],
    columns: int | None,
    workers: int,
    progress: Progress,
) -> None:
    if len(requests) == 1:
        _sheet(requests[0], targets[0], columns)
        return
    step = progress.counting("Drawing contact sheets", len(requests))
    pairs = list(zip(requests, targets, strict=True))
    # Fresh processes every few sheets keep memory bounded. (max_tasks_per_child can wait for ever.)
    for start in range(0, len(pairs), SHEETS_PER_POOL * workers):
        _draw_some(pairs[start : start + SHEETS_PER_POOL * workers], columns, workers, step)


def _draw_some(
    pairs: Sequence[tuple[Request, Path]], columns: int | None, workers: int, step: Callable[[], None]
) -> None:
    with one_thread_each(), ProcessPoolExecutor(workers, mp_context=server_context()) as pool:
        waiting = [pool.submit(_sheet, request, target, columns) for request, target in pairs]
        try:
            for future in as_completed(waiting):
                future.result()
                step()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _sheet(request: Request, target: Path, columns: int | None) -> None:
    from studio import stills

    stills.save(stills.montage(stills.sheet(request), columns=columns), target)

"""Runs jobs on a Dask cluster: hands them to workers that were checked, takes the segments into the cache.

A worker draws as many at once as it has threads, and has as many orders ahead. One that is lost costs its
jobs, which go to others; one that is not like this machine is refused by name. Without a scheduler's address
the cluster is one worker in this process.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any
from uuid import uuid4

from nncore.errors import BadInput, MissingPiece, NNReelError
from studio.cluster import remote
from studio.cluster.roster import Roster
from studio.cluster.tls import Tls, check_address, refused
from studio.engine import JobReport, WorkerLost, cores, rebuilt
from studio.files import write_bytes
from studio.forks import start_ahead
from studio.plan import Job
from studio.processes import terminable

#: Orders for each thread of a worker: the one that is drawn, and the next.
_AHEAD = 2
#: Stands for a key in the event that a job's future has ended.
_ENDED = "ended"
_MOST_LOSSES = 3
_NO_WORKERS_FOR = 60.0
_ANSWER = 120.0
_CONNECT = 20.0


@dataclass
class _Running:
    job: Job
    losses: int
    address: str
    future: Any
    begun: bool = False


#: Jobs to be given, the next one last, with how often each was lost.
_Waiting = list[tuple[Job, int]]


class DaskEngine:
    """Workers of a Dask cluster; use as a context manager.

    Raises: MissingPiece if `distributed` is not installed, BadInput if there is no scheduler at the address.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int | None = None,
        tls: Tls | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._say = say or (lambda text: print(f"nnreel: {text}", file=sys.stderr))
        self._events: SimpleQueue[tuple[str, int, str]] = SimpleQueue()
        self._cluster: Any = None
        if scheduler is None:
            start_ahead()
        try:
            import distributed
        except ImportError:
            raise MissingPiece(
                "--engine dask needs Dask's distributed: pip install 'nnreel[cluster]'."
            ) from None
        tls = tls or Tls()
        if scheduler is None:
            if tls:
                tls.check()
            self._cluster = _local_cluster(workers or cores(), tls.security())
        elif warning := check_address(scheduler, tls):
            self._say(warning)
        try:
            self._client = distributed.Client(
                self._cluster or scheduler, security=tls.security(), timeout=_CONNECT
            )
        except (OSError, ValueError, RuntimeError, TypeError) as error:
            raise BadInput(refused(str(scheduler), error)) from error
        self._roster = Roster(self._client, self._say)
        self._client.subscribe_topic(remote.TOPIC, lambda event: self._events.put(event[1]))
        try:
            self._client.run_on_scheduler(remote.installed)
        except ImportError as error:
            self._client.close()
            raise MissingPiece(
                f"nnreel does not run where the scheduler is, at {scheduler}: {error}. It reads the jobs it "
                "hands out; install the same version there."
            ) from error

    def __enter__(self) -> DaskEngine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    @property
    def workers(self) -> int:
        """How many jobs the workers that may draw now draw at once."""
        self._roster.look(now=True)
        return max(1, sum(self._roster.slots.values()))

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        """Runs all jobs, in the order given."""
        waiting = [(job, 0) for job in reversed(jobs)]
        running: dict[str, _Running] = {}
        idle_since = time.monotonic()
        with terminable():
            try:
                while waiting or running:
                    self._roster.look()
                    self._find_lost(running, waiting)
                    self._hand_out(running, waiting)
                    if running or self._roster.slots:
                        idle_since = time.monotonic()
                    elif time.monotonic() - idle_since > (0 if self._roster.refused else _NO_WORKERS_FOR):
                        raise MissingPiece(
                            f"the cluster has no worker that may draw; {len(self._roster.refused)} refused."
                        )
                    self._listen(running, waiting, report)
            finally:
                self._client.cancel([each.future for each in running.values()], force=True)

    # -- giving orders --------------------------------------------------------------------------------------

    def _hand_out(self, running: dict[str, _Running], waiting: _Waiting) -> None:
        """Gives every worker what it draws and as much again, so that it need not wait for the next order."""
        while slots := self._roster.slots:
            held = Counter(each.address for each in running.values())
            address = min(slots, key=lambda each: held[each] / slots[each])
            if held[address] >= (_AHEAD * slots[address] if waiting else slots[address]):
                return
            if not waiting and not self._call_back(running, waiting, held):
                return
            job, losses = waiting[-1]
            if self._roster.has_recordings(address, job):
                waiting.pop()
                self._give(address, job, losses, running)

    def _call_back(self, running: dict[str, _Running], waiting: _Waiting, held: Counter[str]) -> bool:
        """Takes the last order back that waits at a busy worker, for one that has nothing to do."""
        for number, each in reversed(list(running.items())):
            if not each.begun and held[each.address] > self._roster.slots.get(each.address, 0):
                del running[number]
                self._client.cancel([each.future], force=True)
                waiting.append((each.job, each.losses))
                return True
        return False

    def _give(self, address: str, job: Job, losses: int, running: dict[str, _Running]) -> None:
        number = uuid4().hex
        order = remote.Order(number, remote.bare(job), remote.about(), remote.sources_of(job))
        future = self._client.submit(
            remote.draw_order, order, key=remote.task_name(number), workers=[address], pure=False, retries=0
        )
        running[number] = _Running(job, losses, address, future)
        future.add_done_callback(lambda _: self._events.put((number, 0, _ENDED)))

    # -- taking what comes ----------------------------------------------------------------------------------

    def _listen(self, running: dict[str, _Running], waiting: _Waiting, report: JobReport) -> None:
        """Waits until something happens or it is time to look who is there; takes in all that has come."""
        with suppress(Empty):
            number, frames, key = self._events.get(timeout=self._roster.until_next_look())
            while True:
                if number in running and key == _ENDED:
                    self._take_in(running.pop(number), waiting, report)
                elif number in running:
                    running[number].begun = True
                    report(running[number].job, frames, key)
                number, frames, key = self._events.get_nowait()

    def _take_in(self, each: _Running, waiting: _Waiting, report: JobReport) -> None:
        outcome = self._outcome(each)
        if outcome is None:
            self._roster.lose(each.address)
            self._again(each, waiting)
        elif outcome.lost:
            self._again(each, waiting)
            name, scene = self._roster.name(each.address), each.job.request.scene
            self._say(f"worker {name}: its process for {scene} {outcome.lost}; it is drawn again.")
        elif outcome.refused:
            if not each.job.is_current():
                raise NNReelError(f"{each.job.request.scene}: its code changed meanwhile; render it again.")
            self._roster.refuse(each.address, outcome.refused)
            waiting.append((each.job, each.losses))
        elif outcome.error:
            raise rebuilt(*outcome.error)
        else:
            take(outcome.files, each.job.store)
            report(each.job, 0, "")

    def _outcome(self, each: _Running) -> remote.Outcome | None:
        """What came of a job, None if its worker is lost."""
        try:
            if each.future.status == "finished":
                return each.future.result(timeout=_ANSWER)
        except Exception as error:  # whatever it is: the worker could not give its answer
            self._say(f"worker {self._roster.name(each.address)}: {type(error).__name__}: {error}")
        self._client.cancel([each.future], force=True)
        return None

    def _find_lost(self, running: dict[str, _Running], waiting: _Waiting) -> None:
        """Gives the orders of workers that are gone to others."""
        for number, each in list(running.items()):
            if not self._roster.has(each.address):
                del running[number]
                self._client.cancel([each.future], force=True)
                self._roster.lose(each.address)
                if each.begun:
                    self._again(each, waiting)
                else:
                    waiting.append((each.job, each.losses))

    def _again(self, each: _Running, waiting: _Waiting) -> None:
        if each.losses + 1 >= _MOST_LOSSES:
            raise WorkerLost(f"{each.job.request.scene}: it was lost {_MOST_LOSSES} times with who drew it.")
        waiting.append((each.job, each.losses + 1))


def take(files: remote.Files, store: Path) -> None:
    """Puts segments that came back into the cache, each video before what says that it is whole."""
    store.mkdir(parents=True, exist_ok=True)
    for name, data in sorted(files, key=lambda each: each[0].endswith(".json")):
        if Path(name).name == name:
            write_bytes(store / name, data)


def _local_cluster(slots: int, security: Any) -> Any:
    """One worker in this process, which draws in `slots` others; nothing listens where all stays in here.

    The pages that Dask has for browsers are left out.
    """
    import dask
    from distributed import Scheduler, Security, SpecCluster, Worker

    security = security or Security()
    encrypted = security.require_encryption
    both = {
        "protocol": "tls://" if encrypted else "inproc://",
        "host": "127.0.0.1" if encrypted else None,
        "dashboard": False,
        "dashboard_address": "127.0.0.1:0",
        "security": security,
    }
    quiet = {
        "distributed.worker.profile.enabled": False,  # else a hundred times a second
        "distributed.admin.tick.interval": "1s",  # else 50 times
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(quiet):
        return SpecCluster(
            scheduler={"cls": Scheduler, "options": both | {"port": 0}},
            workers={0: {"cls": Worker, "options": both | {"nthreads": slots, "memory_limit": 0}}},
            security=security,
            silence_logs=50,
        )

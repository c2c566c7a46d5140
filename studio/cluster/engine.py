"""Runs jobs on a Dask cluster: hands them to workers that were checked, takes the segments into the cache.

A worker has one job at a time. One that is lost costs its job, which goes to another; one that is not like
this machine is refused by name. Without a scheduler's address the cluster is started here, on loopback.
"""

from __future__ import annotations

import sys
import time
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
from studio.cluster.tls import Tls, check_address, refused
from studio.engine import JobReport, WorkerLost, cores, rebuilt
from studio.files import write_bytes
from studio.plan import Job

_POLL = 0.1
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
        self._refused: dict[str, str] = {}
        self._ready: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        self._events: SimpleQueue[tuple[str, int, str]] = SimpleQueue()
        self._cluster: Any = None
        try:
            import distributed
        except ImportError:
            raise MissingPiece(
                "--engine dask needs Dask's distributed: pip install 'nnreel[cluster]'."
            ) from None
        self._wait = distributed.wait
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
        """How many workers there are now that may draw."""
        return max(1, len(self._accepted()))

    # -- who may draw ---------------------------------------------------------------------------------------

    def _present(self) -> dict[str, Any]:
        return dict(self._client.scheduler_info(n_workers=-1)["workers"])

    def _accepted(self) -> list[str]:
        """The workers that are there and like this machine; new ones are checked, others refused by name."""
        present = self._present()
        new = [each for each in present if each not in self._ready and each not in self._refused]
        if new:
            wanted = remote.about()
            found = self._client.run(remote.about, workers=new, on_error="return")
            for address, answer in found.items():
                self._names[address] = str(present[address].get("name", address))
                if isinstance(answer, OSError):
                    continue  # lost meanwhile
                if isinstance(answer, Exception):
                    self._refuse(address, f"nnreel does not run there: {answer}")
                elif wrong := remote.difference(wanted, answer):
                    self._refuse(address, f"it has {wrong}")
                else:
                    self._ready[address] = set()
            ready = [each for each in new if each in self._ready]
            if ready:
                self._client.run(remote.warm, workers=ready, on_error="ignore")
        return [address for address in self._ready if address in present]

    def _refuse(self, address: str, reason: str) -> None:
        self._ready.pop(address, None)
        self._refused[address] = reason
        self._say(f"worker {self._names.get(address, '?')} at {address} draws nothing: {reason}.")

    # -- running --------------------------------------------------------------------------------------------

    def run(self, jobs: Sequence[Job], report: JobReport) -> None:
        """Runs all jobs, one at a time on each worker, in the order given."""
        waiting = [(job, 0) for job in reversed(jobs)]
        running: dict[str, _Running] = {}
        idle_since = time.monotonic()
        try:
            while waiting or running:
                accepted = self._accepted()
                busy = {each.address for each in running.values()}
                for address in accepted:
                    if waiting and address not in busy:
                        self._start(address, waiting, running, report)
                if running or accepted:
                    idle_since = time.monotonic()
                elif time.monotonic() - idle_since > (0 if self._refused else _NO_WORKERS_FOR):
                    raise MissingPiece(
                        f"the cluster has no worker that may draw; {len(self._refused)} refused."
                    )
                self._collect(running, waiting, report)
        finally:
            self._client.cancel([each.future for each in running.values()], force=True)

    def _start(
        self, address: str, waiting: list[tuple[Job, int]], running: dict[str, _Running], report: JobReport
    ) -> None:
        job, losses = waiting[-1]
        if not self._has_recordings(address, job):
            return
        waiting.pop()
        number = uuid4().hex
        order = remote.Order(number, remote.bare(job), remote.about(), remote.sources_of(job))
        future = self._client.submit(
            remote.draw_order, order, key=f"nnreel-{number}", workers=[address], pure=False, retries=0
        )
        running[number] = _Running(job, losses, address, future)
        report(job, 0, "")

    def _has_recordings(self, address: str, job: Job) -> bool:
        """Sends the worker the job's recordings that it does not have; False if it is lost or refused."""
        folders = dict(job.request.recordings)
        wanted = {digest: folders[recipe] for recipe, digest in job.digests}
        new = [digest for digest in wanted if digest not in self._ready[address]]
        if not new:
            return True
        for digest in self._asked(address, remote.missing, new) or ():
            files = remote.packed(Path(wanted[digest]))
            if wrong := self._asked(address, remote.keep, digest, files):
                self._refuse(address, wrong)
                return False
        self._ready[address].update(new)
        return address in self._present()

    def _asked(self, address: str, function: Callable[..., Any], *args: Any) -> Any:
        """A function's answer from one worker; None if the worker is lost meanwhile."""
        try:
            return self._client.run(function, *args, workers=[address])[address]
        except (OSError, KeyError):
            return None

    def _collect(
        self, running: dict[str, _Running], waiting: list[tuple[Job, int]], report: JobReport
    ) -> None:
        """Takes what has ended, and the reports that have come meanwhile."""
        if running:
            futures = [each.future for each in running.values()]
            with suppress(TimeoutError):
                self._wait(futures, timeout=_POLL, return_when="FIRST_COMPLETED")
        else:
            time.sleep(_POLL)
        self._pass_on(running, report)
        present = self._present()
        for number, each in list(running.items()):
            if each.future.status == "pending" and each.address in present:
                continue
            del running[number]
            outcome = self._outcome(each)
            if outcome is None:
                self._again(each, waiting)
            elif outcome.refused:
                self._refuse_for(each, outcome.refused, waiting)
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
            self._say(f"worker {self._names.get(each.address, '?')}: {type(error).__name__}: {error}")
        self._client.cancel([each.future], force=True)
        return None

    def _again(self, each: _Running, waiting: list[tuple[Job, int]]) -> None:
        name = self._names.get(each.address, "?")
        self._ready.pop(each.address, None)
        if each.losses + 1 >= _MOST_LOSSES:
            raise WorkerLost(f"{each.job.request.scene}: {_MOST_LOSSES} workers were lost drawing it.")
        self._say(f"worker {name} at {each.address} was lost; its job goes to another.")
        waiting.append((each.job, each.losses + 1))

    def _refuse_for(self, each: _Running, reason: str, waiting: list[tuple[Job, int]]) -> None:
        if not each.job.is_current():
            raise NNReelError(f"{each.job.request.scene}: its code changed meanwhile; render it again.")
        self._refuse(each.address, reason)
        waiting.append((each.job, each.losses))

    def _pass_on(self, running: dict[str, _Running], report: JobReport) -> None:
        while True:
            try:
                number, frames, key = self._events.get_nowait()
            except Empty:
                return
            if number in running:
                report(running[number].job, frames, key)


def take(files: remote.Files, store: Path) -> None:
    """Puts segments that came back into the cache, each video before what says that it is whole."""
    store.mkdir(parents=True, exist_ok=True)
    for name, data in sorted(files, key=lambda each: each[0].endswith(".json")):
        if Path(name).name == name:
            write_bytes(store / name, data)


def _local_cluster(workers: int, security: Any) -> Any:
    import dask
    from distributed import LocalCluster

    # Nobody looks at the profile that Dask's workers take of themselves a hundred times a second.
    with dask.config.set({"distributed.worker.profile.enabled": False}):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1" if security is None else "tls://127.0.0.1",
            dashboard_address=None,
            memory_limit=0,
            security=security,
            silence_logs=50,
        )

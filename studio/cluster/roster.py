"""Who may draw: the workers of a cluster that were checked and are like this machine, and what each has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.cluster import remote
from studio.plan import Job

#: Asking the scheduler who is there costs both sides time.
_LOOK_EVERY = 1.0


class _Lost(Exception):
    """A worker does not answer any more."""


class Roster:
    """The workers of a cluster; one that is not like this machine is refused, once, by name.

    `slots` says how many jobs each worker draws at once: as many as it has threads. `refused` says why some
    draw none.
    """

    def __init__(self, client: Any, say: Callable[[str], None]) -> None:
        self.slots: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self._client, self._say = client, say
        self._present: dict[str, Any] = {}
        self._ready: dict[str, set[str]] = {}
        self._names: dict[str, str] = {}
        self._next_look = 0.0

    def look(self, *, now: bool = False) -> None:
        """Looks who is there, if it is time to or `now`, and checks those who are new."""
        if not now and time.monotonic() < self._next_look:
            return
        self._present = dict(self._client.scheduler_info(n_workers=-1)["workers"])
        new = [each for each in self._present if each not in self._ready and each not in self.refused]
        if new:
            self._check(new)
        self._count()
        self._next_look = time.monotonic() + _LOOK_EVERY

    def until_next_look(self) -> float:
        """Seconds."""
        return max(0.0, self._next_look - time.monotonic())

    def has(self, address: str) -> bool:
        """Whether the worker was there at the last look."""
        return address in self._present

    def name(self, address: str) -> str:
        """What the worker is called."""
        return self._names.get(address, "?")

    def refuse(self, address: str, reason: str) -> None:
        """The worker draws nothing any more."""
        if address not in self.refused:
            self._say(f"worker {self.name(address)} at {address} draws nothing: {reason}.")
        self.refused[address] = reason
        self._ready.pop(address, None)
        self._count()

    def lose(self, address: str) -> None:
        """The worker did not bring its job to an end; if it is there again, it is checked again."""
        if self._ready.pop(address, None) is not None:
            self._say(f"worker {self.name(address)} at {address} was lost; its job goes to another.")
        self._next_look = 0.0
        self._count()

    def has_recordings(self, address: str, job: Job) -> bool:
        """Sends the worker the job's recordings that it does not have; False if it is lost or refused."""
        folders = dict(job.request.recordings)
        wanted = {digest: folders[recipe] for recipe, digest in job.digests}
        new = [digest for digest in wanted if digest not in self._ready[address]]
        if not new:
            return True
        try:
            for digest in self._asked(address, remote.missing, new):
                if wrong := self._asked(address, remote.keep, digest, remote.packed(Path(wanted[digest]))):
                    self.refuse(address, wrong)
                    return False
        except _Lost:
            self.lose(address)
            return False
        self._ready[address].update(new)
        return True

    def _check(self, new: list[str]) -> None:
        wanted = remote.about()
        found = self._client.run(remote.about, workers=new, on_error="return")
        for address, answer in found.items():
            self._names[address] = str(self._present[address].get("name", address))
            if isinstance(answer, OSError):
                continue  # lost meanwhile
            if isinstance(answer, Exception):
                self.refuse(address, f"nnreel does not run there: {answer}")
            elif wrong := remote.difference(wanted, answer):
                self.refuse(address, f"it has {wrong}")
            else:
                self._ready[address] = set()
        ready = [each for each in new if each in self._ready]
        if ready:
            self._client.run(remote.warm, workers=ready, on_error="ignore")

    def _count(self) -> None:
        present = self._present
        self.slots = {each: max(1, present[each]["nthreads"]) for each in self._ready if each in present}

    def _asked(self, address: str, function: Callable[..., Any], *args: Any) -> Any:
        """A function's answer from one worker. Raises: _Lost if the worker is."""
        try:
            return self._client.run(function, *args, workers=[address])[address]
        except (OSError, KeyError) as error:
            raise _Lost from error

"""Where jobs run: this machine's processes, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nncore.errors import BadInput, did_you_mean
from studio.engine import Engine, LocalEngine

ENGINES = ("local", "dask")


@contextmanager
def opened(
    name: str = "local",
    workers: int | None = None,
    *,
    scheduler: str | None = None,
    tls_ca_file: Path | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
) -> Iterator[Engine]:
    """The engine of that name while the block runs.

    Raises: BadInput for an unknown one, or for options that it does not take.
    """
    if name not in ENGINES:
        raise BadInput(f"no engine '{name}'.{did_you_mean(name, ENGINES)} Engines: {', '.join(ENGINES)}.")
    if name == "local":
        if scheduler or tls_ca_file or tls_cert or tls_key:
            raise BadInput("--scheduler and --tls-... belong to --engine dask.")
        yield LocalEngine(workers)
        return
    if scheduler and workers:
        raise BadInput("--workers is for a cluster started here; the one at --scheduler has its own.")
    from studio.cluster.engine import DaskEngine
    from studio.cluster.tls import Tls

    with DaskEngine(scheduler, workers, Tls(tls_ca_file, tls_cert, tls_key)) as engine:
        yield engine

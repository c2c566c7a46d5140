"""What holds for every test: caches in a folder of this session, no settings from outside, one thread."""

import os
import signal
import tempfile
from collections.abc import Iterator

import pytest

pytest_plugins = ["in_browser"]

# Before NumPy is first imported: one thread gives the same sums on every machine.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[name] = "1"

for name in [name for name in os.environ if name.startswith("NNREEL_")]:
    del os.environ[name]

# A suite started in the background inherits an ignored Ctrl-C; the programs it tests must not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_cache = tempfile.TemporaryDirectory(prefix="nnreel-tests-")
os.environ["XDG_CACHE_HOME"] = _cache.name


@pytest.fixture(scope="session", autouse=True)
def own_caches() -> Iterator[str]:
    """The session's cache folder, removed at its end."""
    yield _cache.name
    _cache.cleanup()

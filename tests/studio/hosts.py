"""Machines of a cluster, each a process on loopback with a cache and a path of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import trustme
from distributed import LocalCluster

from studio.cluster.tls import Tls

ROOT = Path(__file__).resolve().parents[2]
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Hosts:
    """A scheduler, and workers that are processes; with `tls` all of it is encrypted."""

    def __init__(self, folder: Path, tls: Tls | None = None) -> None:
        self.folder, self.tls = folder, tls or Tls()
        folder.mkdir(exist_ok=True)
        self.processes: list[subprocess.Popen] = []
        self.cluster = LocalCluster(
            n_workers=0,
            host="tls://127.0.0.1" if tls else "127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
            processes=True,
            security=self.tls.security(),
        )
        self.address = self.cluster.scheduler_address

    def worker(self, name: str, *before: Path, nanny: bool = False) -> subprocess.Popen:
        """Starts a worker; folders in `before` come first on its path. A nanny's is a daemonic process."""
        paths = os.pathsep.join(map(str, [*before, ROOT]))
        environment = os.environ | {"PYTHONPATH": paths, "XDG_CACHE_HOME": str(self.folder / name)}
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--name", name]
        command += ["--nthreads", "1", "--nanny" if nanny else "--no-nanny", "--no-dashboard"]
        command += ["--local-directory", str(self.folder)]
        command += tls_options(self.tls)
        self.processes.append(subprocess.Popen(command, cwd=self.folder, env=environment, **SILENT))
        return self.processes[-1]

    def drawing(self, name: str, worker: subprocess.Popen) -> list[int]:
        """The processes that a worker without a nanny has started and that draw now."""
        places = (self.folder / name / "nnreel" / "work").glob("*")
        return [pid for place in places if (pid := int(place.name.split("-")[0])) != worker.pid]

    def wait_for(self, count: int) -> None:
        while len(self.cluster.scheduler_info["workers"]) < count:
            time.sleep(0.05)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.cluster.close()


def tls_options(tls: Tls) -> list[str]:
    """As Dask's and our command line take them."""
    options = (("--tls-ca-file", tls.ca_file), ("--tls-cert", tls.cert), ("--tls-key", tls.key))
    return [word for option, path in options if path for word in (option, str(path))]


def certificate(authority: trustme.CA, folder: Path, name: str) -> Tls:
    """A certificate of that authority: ca.pem, NAME.pem and NAME-key.pem in the folder."""
    folder.mkdir(exist_ok=True)
    made = authority.issue_cert(f"{name}.example")
    tls = Tls(folder / "ca.pem", folder / f"{name}.pem", folder / f"{name}-key.pem")
    authority.cert_pem.write_to_path(tls.ca_file)
    tls.cert.write_bytes(b"".join(part.bytes() for part in made.cert_chain_pems))
    made.private_key_pem.write_to_path(tls.key)
    return tls

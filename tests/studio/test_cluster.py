"""Drawing on a Dask cluster: the same bytes, lost workers, workers that are refused by name."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from distributed import LocalCluster

from nncore.errors import BadInput, MissingPiece
from studio.cluster import remote
from studio.cluster.engine import DaskEngine, Tls, take
from studio.engine import SceneFailed
from studio.keys import FONT_PACKAGE
from studio.outputs import Clip, clip_name, render
from studio.progress import Progress
from studio.segments import SegmentStore

ROOT = Path(__file__).resolve().parents[2]


def draw(requests, folder: Path, engine) -> list[bytes]:
    clips = [Clip(folder / clip_name(request), (request,)) for request in requests]
    return [path.read_bytes() for path in render(clips, Progress(quiet=True), engine)]


class Hosts:
    """A scheduler on loopback, and workers that are processes with a cache and a path of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        self.cluster = LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address=None, silence_logs=50, processes=True
        )
        self.address = self.cluster.scheduler_address

    def worker(self, name: str, *before: Path) -> subprocess.Popen:
        """Starts a worker; folders in `before` come first on its path."""
        paths = os.pathsep.join(map(str, [*before, ROOT]))
        environment = os.environ | {"PYTHONPATH": paths, "XDG_CACHE_HOME": str(self.folder / name)}
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--name", name]
        command += ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder)]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.processes.append(subprocess.Popen(command, env=environment, **silent))
        return self.processes[-1]

    def wait_for(self, count: int) -> None:
        while len(self.cluster.scheduler_info["workers"]) < count:
            time.sleep(0.05)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.cluster.close()


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    found = Hosts(tmp_path / "hosts")
    yield found
    found.close()


def other_font(folder: Path) -> Path:
    """The font package with one letter's outline in another place of the file."""
    source = Path(str(files(FONT_PACKAGE)))
    shutil.copytree(source, folder / FONT_PACKAGE)
    font = sorted((folder / FONT_PACKAGE / "files").glob("*.ttf"))[0]
    font.write_bytes(font.read_bytes() + b"\0")
    return folder


def other_version(folder: Path) -> Path:
    """What makes Python believe that another Pillow is installed."""
    about = folder / "pillow-11.0.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pillow\nVersion: 11.0.0\n")
    return folder


def test_hosts_of_their_own_draw_the_same_bytes_and_others_are_refused_by_name(
    sample, recording, tmp_path, here, hosts
):
    requests = [
        sample("Measured", recordings=(("tiny", str(recording.path)),)),
        sample("Three"),
        sample("Plain"),
    ]
    hosts.worker("good")
    hosts.worker("bad-font", other_font(tmp_path / "font"))
    hosts.worker("bad-version", other_version(tmp_path / "version"))
    wanted = draw(requests, tmp_path / "local", here)
    SegmentStore().clear()
    hosts.wait_for(3)
    said: list[str] = []
    with DaskEngine(hosts.address, say=said.append) as engine:
        assert engine.workers == 1
        assert draw(requests, tmp_path / "dask", engine) == wanted
    assert (tmp_path / "hosts" / "good" / "nnreel" / "by-digest" / recording.digest).is_dir()
    assert any("worker bad-font" in line and "fonts" in line for line in said)
    assert any("worker bad-version" in line and "pillow 11.0.0 instead of" in line for line in said)
    assert len(said) == 2


def test_a_worker_killed_while_it_draws_costs_only_its_job(sample, tmp_path, here, hosts):
    request = sample("Three", preset="240p15")
    wanted = draw([request], tmp_path / "local", here)
    SegmentStore().clear()
    victim = hosts.worker("first")
    hosts.wait_for(1)
    said: list[str] = []

    class Kills(Progress):
        def report(self, job, frames, key) -> None:
            if frames and victim.poll() is None:
                victim.kill()
                victim.wait()
                hosts.worker("second")

    with DaskEngine(hosts.address, say=said.append) as engine:
        clip = Clip(tmp_path / "dask" / clip_name(request), (request,))
        (path,) = render([clip], Kills(quiet=True), engine)
    assert victim.returncode == -9
    assert [path.read_bytes()] == wanted
    assert any("first" in line and "lost" in line for line in said)


def test_a_local_cluster_is_started_without_an_address(sample, tmp_path, here):
    wanted = draw([sample("Plain")], tmp_path / "local", here)
    SegmentStore().clear()
    with DaskEngine(workers=1) as engine:
        assert engine.workers == 1
        assert draw([sample("Plain")], tmp_path / "dask", engine) == wanted
        with pytest.raises(SceneFailed, match="ValueError: no such thing"):
            draw([sample("Fails")], tmp_path / "dask", engine)


def test_a_cluster_of_unlike_workers_draws_nothing(sample, tmp_path, hosts):
    hosts.worker("bad-font", other_font(tmp_path / "font"))
    hosts.wait_for(1)
    with (
        DaskEngine(hosts.address, say=lambda text: None) as engine,
        pytest.raises(MissingPiece, match="no worker"),
    ):
        draw([sample("Plain")], tmp_path / "dask", engine)


def test_a_recording_that_is_not_the_one_is_refused(recording, tmp_path, own_cache):
    sent = remote.packed(recording.path)
    assert "digest" in remote.keep("0" * 64, sent)
    altered = [(name, data[:-1] + b"\x7f" if name.endswith(".npy") else data) for name, data in sent]
    assert "altered" in remote.keep(recording.digest, altered)
    assert remote.missing([recording.digest]) == [recording.digest]
    assert remote.keep(recording.digest, sent) == ""
    assert remote.missing([recording.digest]) == []
    assert list((own_cache / "by-digest").iterdir()) == [own_cache / "by-digest" / recording.digest]


def test_nothing_is_written_outside_its_folder(tmp_path):
    with pytest.raises(Exception, match="leaves its folder"):
        remote.unpack([("../escaped", b"")], tmp_path / "in")
    take([("../escaped.json", b"{}")], tmp_path / "store")
    assert not (tmp_path / "escaped").exists()
    assert not (tmp_path / "escaped.json").exists()


def test_files_for_tls_reach_dask(tmp_path):
    security = Tls(tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem").security()
    assert security.require_encryption
    assert security.tls_ca_file == str(tmp_path / "ca.pem")
    assert security.tls_client_key == str(tmp_path / "key.pem")
    assert Tls().security() is None


@pytest.mark.parametrize("address", ["http://host:1", "tcp://"])
def test_what_is_no_address_is_one_line(address):
    with pytest.raises(BadInput, match="--scheduler takes"):
        DaskEngine(address)

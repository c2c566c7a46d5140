"""Drawing on a Dask cluster: the same bytes, lost workers, workers that are refused by name."""

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from hosts import Hosts

from nncore.errors import BadInput, MissingPiece
from studio.cluster import remote
from studio.cluster.engine import DaskEngine, _Running, take
from studio.cluster.tls import Tls
from studio.engine import SceneFailed
from studio.keys import FONT_PACKAGE
from studio.outputs import Clip, render
from studio.progress import Progress
from studio.request import clip_name
from studio.segments import SegmentStore


def draw(requests, folder: Path, engine) -> list[bytes]:
    clips = [Clip(folder / clip_name(request), (request,)) for request in requests]
    return [path.read_bytes() for path in render(clips, Progress(quiet=True), engine)]


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
        assert engine._cluster.scheduler_address.startswith("inproc://")  # nobody can reach it
        assert engine.workers == 1
        assert draw([sample("Plain")], tmp_path / "dask", engine) == wanted
        with pytest.raises(SceneFailed, match="ValueError: no such thing"):
            draw([sample("Fails")], tmp_path / "dask", engine)


def test_the_last_jobs_go_to_whoever_is_free_first():
    engine = DaskEngine.__new__(DaskEngine)
    slots = {"slow": 1, "fast": 1}
    engine._roster = SimpleNamespace(slots=slots, has_recordings=lambda address, job: True)
    engine._client = SimpleNamespace(cancel=lambda futures, force: None)
    engine._give = lambda address, job, losses, running: running.update(
        {job: _Running(job, losses, address, None)}
    )
    waiting, running = [(job, 0) for job in "edcba"], {}
    engine._hand_out(running, waiting)
    assert {job: each.address for job, each in running.items()} == {
        **dict.fromkeys("ac", "slow"),
        **dict.fromkeys("bd", "fast"),
    }
    running["a"].begun = True
    for job in "bd":
        del running[job]
        engine._hand_out(running, waiting)
    assert [each.address for each in running.values()] == ["slow", "slow", "fast"]
    del running["e"]
    engine._hand_out(running, waiting)
    assert {job: each.address for job, each in running.items()} == {"a": "slow", "c": "fast"}


def test_a_cluster_of_unlike_workers_draws_nothing(sample, tmp_path, hosts):
    hosts.worker("bad-font", other_font(tmp_path / "font"))
    hosts.wait_for(1)
    with (
        DaskEngine(hosts.address, say=lambda text: None) as engine,
        pytest.raises(MissingPiece, match="no worker"),
    ):
        draw([sample("Plain")], tmp_path / "dask", engine)


def test_who_has_no_nnreel_is_named(sample, tmp_path, hosts, monkeypatch):
    (tmp_path / "studio.py").write_text("raise ModuleNotFoundError(\"No module named 'studio'\")\n")
    hosts.worker("empty", tmp_path)  # before ours, installed or not
    hosts.wait_for(1)
    said: list[str] = []
    with DaskEngine(hosts.address, say=said.append) as engine, pytest.raises(MissingPiece, match="1 refused"):
        draw([sample("Plain")], tmp_path / "dask", engine)
    assert "worker empty" in said[0]
    assert "nnreel does not run there" in said[0]

    def missing(self, function):
        raise ModuleNotFoundError("No module named 'studio'")

    monkeypatch.setattr("distributed.Client.run_on_scheduler", missing)
    with pytest.raises(MissingPiece, match=r"nnreel does not run where the scheduler is, .* same version"):
        DaskEngine(hosts.address)


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

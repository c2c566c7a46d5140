"""Encrypted clusters: the README's own commands, and what is said of certificates that do not fit."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from drawn import draw
from hosts import ROOT, SILENT, Hosts, certificate

from nncore.errors import BadInput
from studio.cluster.engine import DaskEngine
from studio.cluster.tls import Tls
from studio.segments import SegmentStore

PROGRAMS = {"dask": [sys.executable, "-m", "dask"], "nnreel": [sys.executable, str(ROOT / "render.py")]}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def encrypted(authority, tmp_path_factory) -> Iterator[Hosts]:
    folder = tmp_path_factory.mktemp("encrypted")
    found = Hosts(folder, certificate(authority, folder, "host1"))
    yield found
    found.close()


def readme_commands(port: int, scene: str, out: Path) -> list[list[str]]:
    """Scheduler, worker and render as the README has them, on one machine, with one thread and one scene."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", "")
    lines = re.findall(r"^    ((?:dask|nnreel) .*--tls-key.*)$", text, re.MULTILINE)
    commands = []
    for line in lines:
        line = re.sub(r"(?:host1|0\.0\.0\.0):8786", f"127.0.0.1:{port}", line).replace(":8787", ":0")
        line = line.replace("--nthreads 8", "--nthreads 1")
        line = line.replace("--all --preset hd", f"{scene} --preset 90p10 -o {out}")
        first, *words = shlex.split(line)
        commands.append([*PROGRAMS[first], *words])
    return commands


def test_the_commands_of_the_readme_draw_the_same_bytes(sample, authority, tmp_path, here):
    wanted = draw(sample("Three"), tmp_path / "local", here).read_bytes()
    for name in ("host1", "host2", "me"):
        certificate(authority, tmp_path / "certificates", name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scheduler, worker, render = readme_commands(port, sample("Three").scene, tmp_path / "out")
    both, about = [], {"PYTHONPATH": str(ROOT), "DASK_TEMPORARY_DIRECTORY": str(tmp_path)}
    place = {"cwd": tmp_path / "certificates", "start_new_session": True}
    try:
        for name, command in (("host1", scheduler), ("host2", worker)):
            environment = os.environ | about | {"XDG_CACHE_HOME": str(tmp_path / name)}
            both.append(subprocess.Popen(command, env=environment, **place, **SILENT))
            while both[0].poll() is None and not listens(port):
                time.sleep(0.05)
        environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "me")}
        done = subprocess.run(render, env=environment, capture_output=True, text=True, cwd=place["cwd"])
    finally:
        for process in both:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes() == wanted


def test_a_local_cluster_can_be_encrypted(sample, encrypted, tmp_path, here):
    wanted = draw(sample("Three"), tmp_path / "local", here).read_bytes()
    SegmentStore().clear()
    with DaskEngine(workers=2, tls=encrypted.tls) as engine:
        assert engine._cluster.scheduler_address.startswith("tls://127.0.0.1:")
        assert engine.workers == 2
        assert draw(sample("Three"), tmp_path / "dask", engine).read_bytes() == wanted


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def refusal(address: str, tls: Tls) -> str:
    """The one line that is said."""
    with pytest.raises(BadInput) as caught, DaskEngine(address, tls=tls):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_certificates_of_another_authority_are_one_line(encrypted, tmp_path):
    others = certificate(trustme.CA(), tmp_path / "others", "me")
    assert "come from one authority" in refusal(encrypted.address, others)
    ours_unknown = replace(encrypted.tls, ca_file=others.ca_file)
    assert "certificate verify failed" in refusal(encrypted.address, ours_unknown)
    theirs_unknown = replace(others, ca_file=encrypted.tls.ca_file)
    assert "no encrypted connection" in refusal(encrypted.address, theirs_unknown)


def test_files_that_are_missing_or_do_not_fit_are_named_before_anybody_is_called(
    authority, tmp_path, monkeypatch
):
    monkeypatch.setattr("distributed.Client", lambda *args, **kwargs: pytest.fail("called"))
    one, two = (certificate(authority, tmp_path, name) for name in ("one", "two"))
    address = "tls://127.0.0.1:8786"
    assert "needs --tls-ca-file, --tls-cert and --tls-key" in refusal(address, Tls())
    assert "needs --tls-ca-file, --tls-cert and --tls-key" in refusal(address, Tls(one.ca_file))
    gone = tmp_path / "gone.pem"
    assert f"--tls-cert: there is no file {gone}" in refusal(address, replace(one, cert=gone))
    assert "do not fit (key values mismatch)" in refusal(address, replace(one, key=two.key))
    assert "do not fit (no certificate" in refusal(address, replace(one, ca_file=one.key))
    assert "as tls://127.0.0.1:8786, not 'tcp:" in refusal("tcp://127.0.0.1:8786", one)


def test_an_encrypted_scheduler_called_in_the_clear_is_one_line(encrypted, caplog):
    caplog.set_level("CRITICAL", "distributed.comm.tcp")  # the scheduler, here, says it too
    address = encrypted.address.replace("tls://", "tcp://")
    assert "if it is encrypted, its address begins with tls://" in refusal(address, Tls())


def test_without_encryption_on_a_network_there_is_a_warning(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr("studio.cluster.engine._CONNECT", 0.01)
    with pytest.raises(BadInput, match="no Dask scheduler answers"):
        DaskEngine("tcp://192.0.2.1:8786", say=said.append)
    assert len(said) == 1
    assert "not encrypted" in said[0]


def test_one_word_of_a_wrong_certificate_ends_the_command_with_2(sample, encrypted, tmp_path):
    others = certificate(trustme.CA(), tmp_path / "others", "me")
    command = [*PROGRAMS["nnreel"], "render", sample("Three").scene, "--preset", "90p10", "-o", str(tmp_path)]
    command += ["--engine", "dask", "--scheduler", encrypted.address, "--tls-ca-file", str(others.ca_file)]
    command += ["--tls-cert", str(others.cert), "--tls-key", str(others.key)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"nnreel: no encrypted connection to tls://.*\n", done.stderr)

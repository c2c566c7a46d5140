"""Recordings that are missing, damaged or hostile: one line that names the file, and nothing is unpickled."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.errors import RecordingError
from nncore.manifest import content_digest, seal_digest
from nncore.recording import Recording

Damage = Callable[[Path], None]


@pytest.fixture
def copy(tiny: Recording, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(tiny.path, tmp_path / "copy"))


def edit(folder: Path, change: Callable[[dict[str, Any]], None], seal: bool = True) -> None:
    """Change the manifest, and seal it again as someone would who wants to be believed."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    if seal:
        manifest["digest"] = content_digest(manifest)
        manifest["seal"] = seal_digest(manifest)
    path.write_text(json.dumps(manifest))


def nested(depth: int) -> dict[str, Any]:
    """Residual blocks within each other."""
    layer: dict[str, Any] = {"type": "dense", "units": 2}
    for _ in range(depth):
        layer = {"type": "residual", "layers": [layer]}
    return layer


def refused(folder: Path, *parts: str) -> None:
    """Opening fails with one line that holds every part."""
    with pytest.raises(RecordingError) as caught:
        Recording.open(folder)
    message = str(caught.value)
    assert caught.value.exit_code == 4
    assert "\n" not in message
    for part in parts:
        assert part in message


def unseal(folder: Path) -> None:
    """Make it look like a run that was killed."""

    def change(manifest: dict[str, Any]) -> None:
        for key in ("seal", "digest", "files", "steps", "timing"):
            manifest.pop(key)
        manifest["status"] = "training"

    edit(folder, change, seal=False)


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    refused(tmp_path / "nothing", "nothing", "no such recording")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "manifest.json", "missing")
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "no such recording")


def test_an_altered_weight(copy: Path) -> None:
    path = copy / "step_00000003.npy"
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    refused(copy, "step_00000003.npy", "altered")


def test_an_altered_data_set(copy: Path) -> None:
    path = copy / "x_test.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    refused(copy, "x_test.npy", "altered")


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("name", ["step_00000003.npy", "x_train.npy"])
@pytest.mark.parametrize("keep", [0, 5, 60, -1])
def test_a_file_that_is_cut_off(copy: Path, name: str, keep: int, sealed: bool) -> None:
    if not sealed:
        unseal(copy)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:keep])
    refused(copy, name)


def test_a_file_that_is_missing(copy: Path) -> None:
    (copy / "step_00000003.npy").unlink()
    refused(copy, "step_00000003.npy", "missing")


def test_a_snapshot_missing_from_the_middle_of_an_unsealed_run(copy: Path) -> None:
    unseal(copy)
    (copy / "step_00000003.npy").unlink()
    refused(copy, "step_00000004.npy")


def test_bytes_after_the_end(copy: Path) -> None:
    unseal(copy)
    with open(copy / "y_test.npy", "ab") as file:
        file.write(b"more")
    refused(copy, "y_test.npy", "cut off or altered")


@pytest.mark.parametrize("sealed", [True, False])
def test_object_arrays_are_never_unpickled(copy: Path, sealed: bool) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(copy / "sprung"),))

    if not sealed:
        unseal(copy)
    np.save(copy / "y_test.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    refused(copy, "y_test.npy", "never unpickled")
    assert not (copy / "sprung").exists()


def test_a_field_of_objects_inside_a_snapshot(copy: Path) -> None:
    unseal(copy)
    record = np.zeros((1,), dtype=[("param 1.W", object)])
    np.save(copy / "step_00000002.npy", record, allow_pickle=True)
    refused(copy, "step_00000002.npy", "never unpickled")


def test_a_type_no_recording_holds(copy: Path) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["layout"]["fields"][0][1] = "|O"

    edit(copy, change)
    refused(copy, "'|O'")


def test_a_newer_schema(copy: Path) -> None:
    edit(copy, lambda manifest: manifest.update(schema=99))
    refused(copy, "manifest.json", "schema 99", "upgrade")


@pytest.mark.parametrize("format_name", [None, "a picnic"])
def test_another_kind_of_manifest(copy: Path, format_name: str | None) -> None:
    edit(copy, lambda manifest: manifest.update(format=format_name))
    refused(copy, "manifest.json", "not the manifest of a recording")


@pytest.mark.parametrize("name", ["../escape.npy", "/etc/passwd", "a/b.npy", "..", ".hidden", "a\x00b", ""])
def test_names_that_lead_elsewhere(copy: Path, name: str) -> None:
    edit(copy, lambda manifest: manifest["files"].update({name: "0" * 64}))
    refused(copy, repr(name), "could leave the recording's folder")


def test_links_are_refused(copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.npy"
    shutil.move(copy / "x_train.npy", target)
    (copy / "x_train.npy").symlink_to(target)
    refused(copy, "x_train.npy", "link")


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.pop("spec"),
        lambda m: m.pop("layout"),
        lambda m: m["spec"].update(epochs="many"),
        lambda m: m["spec"].update(surprise=1),
        lambda m: m["steps"].insert(0, -5),
        lambda m: m["steps"].append(10**9),
        lambda m: m.update(steps=[]),
        lambda m: m.update(probes=[10**6]),
        lambda m: m.update(probes="abc"),
        lambda m: m.update(status="excellent"),
        lambda m: m.update(status="training"),
        lambda m: m["layout"].update(batch_size=-1),
        lambda m: m["layout"].update(fields=[["param 1.W", "<f4", [10**9, 10**9]]]),
        lambda m: m["dataset"]["arrays"].pop("x_train"),
        lambda m: m["dataset"]["arrays"].update(x_train=["<f4", [10**15, 10**15]]),
        lambda m: m["dataset"].update(n_classes="two"),
        lambda m: m["files"].pop("y_test.npy"),
        lambda m: m["dataset"].update(n_classes=1),
        lambda m: m["spec"]["layers"][0].update(units=7),
        lambda m: m["spec"]["layers"][0].update(type="wormhole"),
        lambda m: m["spec"]["layers"].insert(0, nested(400)),
        lambda m: m["dataset"].update(image_shape=[28, 28]),
        lambda m: m["dataset"].update(image_shape="square"),
        lambda m: m["dataset"].update(class_names=[1, 2]),
        lambda m: m["dataset"].update(source=None),
        lambda m: m["dataset"].pop("class_names"),
        lambda m: m.update(dataset=None),
    ],
)
def test_manifests_that_lie(copy: Path, change: Callable[[dict[str, Any]], None]) -> None:
    edit(copy, change)
    refused(copy)


def test_a_changed_manifest_breaks_its_seal(copy: Path) -> None:
    edit(copy, lambda manifest: manifest["spec"].update(learning_rate=0.4), seal=False)
    refused(copy, "manifest.json", "seal")
    edit(copy, lambda manifest: manifest["spec"].update(learning_rate=0.3), seal=False)
    Recording.open(copy)
    edit(copy, lambda manifest: manifest["timing"].update(training_seconds=0.001), seal=False)
    refused(copy, "manifest.json", "seal")


@pytest.mark.parametrize("content", ["", "[]", "{", "\xff\xfe", "[" * 100_000, '{"format": 1}'])
def test_a_manifest_that_is_no_json_object(copy: Path, content: str) -> None:
    (copy / "manifest.json").write_bytes(content.encode("latin1"))
    refused(copy, "manifest.json")


def test_an_unsealed_recording_opens_with_a_digest_of_what_is_there(copy: Path, tiny: Recording) -> None:
    unseal(copy)
    (copy / "step_00000030.npy").unlink()
    recording = Recording.open(copy)
    assert not recording.sealed
    assert recording.n_steps == recording.steps[-1] < 30
    assert recording.series("loss_batch").tolist() == tiny.series("loss_batch")[: recording.n_steps].tolist()
    first = recording.digest
    (copy / f"step_{recording.n_steps:08d}.npy").unlink()
    assert Recording.open(copy).digest != first


def test_left_over_temporary_files_are_ignored(copy: Path) -> None:
    unseal(copy)
    (copy / ".step_00000031.npy.tmp").write_bytes(b"half")
    assert Recording.open(copy).n_steps == 30

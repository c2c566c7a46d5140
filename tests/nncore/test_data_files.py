"""Datasets read from files: IDX, MNIST's four files, CSV and NPZ, whole, damaged and missing."""

import gzip
import hashlib
import importlib
import io
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from nncore.datasets import load_dataset
from nncore.datasets.idx import IMAGES, LABELS, read_idx
from nncore.errors import BadInput, MissingPiece, OutputError, RecordingError

mnist = importlib.import_module("nncore.datasets.mnist")  # the package has a function of that name
SHARED = Path(__file__).parents[3] / "shared" / "data" / "mnist"


def idx_bytes(array, magic):
    """An array as an IDX file."""
    return magic.to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def digits_like(n):
    """n small images with labels 0..9 in turn."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, 5, 4)).astype(np.uint8)
    return idx_bytes(pixels, IMAGES), idx_bytes((np.arange(n) % 10).astype(np.uint8), LABELS), pixels


@pytest.fixture
def pair(tmp_path):
    """A pair of IDX files of 40 images."""
    images, labels, pixels = digits_like(40)
    (tmp_path / "images.gz").write_bytes(gzip.compress(images))
    (tmp_path / "labels").write_bytes(labels)
    return tmp_path / "images.gz", tmp_path / "labels", pixels


def test_idx_files_gzipped_or_not(pair):
    images, labels, pixels = pair
    assert np.array_equal(read_idx(images, IMAGES), pixels)
    dataset = load_dataset("idx", images=str(images), labels=str(labels), test_fraction=0.25, view="images")
    assert dataset.x_train.shape == (30, 1, 5, 4)
    assert dataset.image_shape == (5, 4)
    assert dataset.x_test.max() <= 1
    assert "images.gz" in dataset.source


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (digits_like(3)[0][:-1], "is cut off: 59 bytes of data, 60 expected"),
        (digits_like(3)[0] + b"1", "longer than its header says"),
        (digits_like(3)[0][:11], "is cut off: 11 bytes do not hold an IDX header"),
        (b"", "is cut off"),
        (digits_like(3)[1] + bytes(8), "magic number is 2049, not 2051"),
        (gzip.compress(digits_like(3)[0])[:-9], "cannot be read"),
        (b"\x1f\x8bno gzip at all", "cannot be read"),
    ],
)
def test_damaged_idx_files_are_named(tmp_path, pair, content, words):
    broken = tmp_path / "broken"
    broken.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        load_dataset("idx", images=str(broken), labels=str(pair[1]))
    assert str(broken) in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.exit_code == 4


def test_idx_pairs_must_belong_together(tmp_path, pair):
    (tmp_path / "fewer").write_bytes(digits_like(39)[1])
    with pytest.raises(RecordingError, match=r"holds 40 images, but .*fewer 39 labels"):
        load_dataset("idx", images=str(pair[0]), labels=str(tmp_path / "fewer"))
    with pytest.raises(RecordingError, match="gone is missing"):
        load_dataset("idx", images=str(tmp_path / "gone"), labels=str(pair[1]))


if SHARED.is_dir():

    def test_the_real_mnist_test_images():
        names = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
        images, labels = (str(SHARED / name) for name in names)
        dataset = load_dataset("idx", images=images, labels=labels)
        assert dataset.x_train.shape == (8000, 784)
        assert np.bincount(np.concatenate([dataset.y_train, dataset.y_test])).tolist() == [
            980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
        ]  # fmt: skip


def mnist_folder(folder):
    """Four small files with MNIST's names, and their MD5."""
    folder.mkdir(parents=True, exist_ok=True)
    sums = {}
    for name in mnist.MD5:
        content = digits_like(20 if name.startswith("train") else 10)[0 if "images" in name else 1]
        (folder / name).write_bytes(gzip.compress(content, mtime=0))
        sums[name] = hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()
    return sums


def test_mnist_from_a_folder_or_the_environment(tmp_path, monkeypatch):
    mnist_folder(tmp_path / "data")
    named = load_dataset("mnist", data_dir=str(tmp_path / "data"))
    assert (len(named.x_train), len(named.x_test)) == (20, 10)
    monkeypatch.setenv("NNREEL_DATA", str(tmp_path / "data"))
    assert np.array_equal(load_dataset("mnist").x_test, named.x_test)
    with pytest.raises(RecordingError, match="holds no train-images"):
        load_dataset("mnist", data_dir=str(tmp_path))


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """An empty cache, no data folder, and no network."""
    monkeypatch.delenv("NNREEL_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def refuse(url, timeout):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(mnist.urllib.request, "urlopen", refuse)
    return tmp_path / "cache" / "nnreel" / "mnist"


class Response(io.BytesIO):
    """An answer with a length."""

    @property
    def headers(self):
        return {"Content-Length": str(len(self.getbuffer()))}


def test_mnist_without_a_network_says_what_to_do(offline):
    with pytest.raises(MissingPiece) as caught:
        load_dataset("mnist")
    for words in (str(offline), "--data-dir", "NNREEL_DATA", "no network", "digits"):
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mnist_downloads_once_with_progress(offline, tmp_path, monkeypatch):
    sums = mnist_folder(tmp_path / "mirror")
    monkeypatch.setattr(mnist, "MD5", sums)
    asked, seen = [], []

    def answer(url, timeout):
        asked.append(url)
        return Response((tmp_path / "mirror" / url.rsplit("/", 1)[1]).read_bytes())

    monkeypatch.setattr(mnist.urllib.request, "urlopen", answer)
    dataset = load_dataset("mnist", progress=lambda name, done, size: seen.append((name, done, size)))
    assert len(dataset.x_train) == 20
    assert [name for name, done, size in seen if done == size] == list(sums)
    load_dataset("mnist")
    assert len(asked) == 4
    assert sorted(path.name for path in offline.iterdir()) == sorted(sums)


def test_a_damaged_download_is_refused_and_not_kept(offline, monkeypatch):
    monkeypatch.setattr(mnist.urllib.request, "urlopen", lambda url, timeout: Response(b"not MNIST"))
    with pytest.raises(RecordingError, match="its MD5 is"):
        load_dataset("mnist")
    assert not offline.exists()


def test_a_cache_that_cannot_be_written_is_named(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "MD5", mnist_folder(tmp_path / "mirror"))
    (tmp_path / "cache").write_text("a file where the folder should be")

    def answer(url, timeout):
        return Response((tmp_path / "mirror" / url.rsplit("/", 1)[1]).read_bytes())

    monkeypatch.setattr(mnist.urllib.request, "urlopen", answer)
    with pytest.raises(OutputError, match="cannot be written"):
        load_dataset("mnist")


def written(tmp_path, text):
    """A CSV file with this text."""
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_csv_with_heading_words_as_labels_and_blank_lines(tmp_path):
    path = written(tmp_path, "width,height,kind\n1,2.5,cat\n\n-3,4e2,dog\n5,6,cat\n7,8,dog\n")
    dataset = load_dataset("csv", path=path, test_fraction=0.5)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.sample_shape == (2,)
    rows = sorted([*dataset.x_train.tolist(), *dataset.x_test.tolist()])
    assert rows == [[-3, 400], [1, 2.5], [5, 6], [7, 8]]


def test_csv_numbers_are_sorted_as_numbers_or_predicted(tmp_path):
    path = written(tmp_path, "1,10\n2,9\n3,10\n4,9\n")
    assert load_dataset("csv", path=path).class_names == ("9", "10")
    regression = load_dataset("csv", path=path, task="numbers", test_fraction=0)
    assert regression.n_classes == 0
    assert regression.y_train.tolist() == [10, 9, 10, 9]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,c\n1,2,x\n3,oops,y\n", "line 3, column 2: 'oops' is not a finite number"),
        ("1,nan,x\n3,4,y\n", "line 1, column 2: 'nan' is not a finite number"),
        ("1,2,x\n3,,y\n", "line 2, column 2: '' is not a finite number"),
        ("1,2,x\n3,inf,y\n", "line 2, column 2"),
        ("1,2,x\n3,4\n", "line 2: 2 columns; the first row has 3"),
        ("1,2,x\n3,4,\n", "line 2, column 3: '' is not a label"),
        ("1,2,x\n3,4,NaN\n", "line 2, column 3: 'NaN' is not a label"),
        ("1\n2\n", "number of columns is 1"),
        ("1,2\n", "number of examples is 1"),
        ("a,b\n", "no rows of numbers"),
        ("", "no rows of numbers"),
    ],
)
def test_bad_cells_are_named_with_line_and_column(tmp_path, text, words):
    with pytest.raises(BadInput) as caught:
        load_dataset("csv", path=written(tmp_path, text))
    assert words in str(caught.value)


def test_csv_files_that_are_none(tmp_path):
    (tmp_path / "own.csv").write_bytes(b"1,2\n\xff\xfe,3\n")
    with pytest.raises(RecordingError, match="cannot be read as CSV"):
        load_dataset("csv", path=str(tmp_path / "own.csv"))
    with pytest.raises(RecordingError, match="is missing"):
        load_dataset("csv", path=str(tmp_path / "none.csv"))


def saved(tmp_path, **arrays):
    """An NPZ file with these arrays."""
    np.savez(tmp_path / "own.npz", **arrays)
    return str(tmp_path / "own.npz")


def test_npz_of_classes_and_of_numbers(tmp_path):
    x = np.arange(24.0).reshape(8, 3)
    dataset = load_dataset("npz", path=saved(tmp_path, x=x, y=np.arange(8) % 2), test_fraction=0.25)
    assert (dataset.n_classes, dataset.x_train.dtype, len(dataset.x_test)) == (2, np.float32, 2)
    regression = load_dataset("npz", path=saved(tmp_path, x=x, y=np.arange(8) / 8), task="numbers")
    assert regression.n_classes == 0


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": np.zeros((4, 2))}, "has no array 'y'"),
        ({"x": np.zeros((4, 2)), "y": np.zeros(3, int)}, "y's shape is (3,); it must be (4,)"),
        ({"x": np.zeros((4, 2)), "y": np.zeros(4)}, "task = 'numbers'"),
        ({"x": np.array(["a", "b"]), "y": np.zeros(2, int)}, "both must be real numbers"),
        ({"x": np.full((4, 2), np.nan), "y": np.arange(4) % 2}, "is nan"),
        ({"x": np.zeros((4, 2)), "y": np.array([0, -1, 0, 1])}, "is -1; labels must be"),
    ],
)
def test_npz_arrays_that_do_not_fit_are_named(tmp_path, arrays, words):
    with pytest.raises(BadInput) as caught:
        load_dataset("npz", path=saved(tmp_path, **arrays))
    assert words in str(caught.value)


def test_npz_files_that_are_damaged_or_hold_objects_are_never_unpickled(tmp_path):
    path = saved(tmp_path, x=np.array([{}, {}], object), y=np.zeros(2, int))
    with pytest.raises(RecordingError, match="cannot be read as NPZ"):
        load_dataset("npz", path=path)
    whole = Path(saved(tmp_path, x=np.zeros((4, 2)), y=np.zeros(4, int))).read_bytes()
    for content in (whole[:-40], b"", b"no archive", whole[:60]):
        Path(path).write_bytes(content)
        with pytest.raises(RecordingError, match=r"own\.npz"):
            load_dataset("npz", path=path)

"""Segments, joins, tags and colours, as other programs will see them."""

import dataclasses
import errno
from pathlib import Path

import av
import numpy as np
import pytest

from nncore.errors import OutputError
from studio.files import publishing
from studio.media import BrokenClip, SegmentEncoder, decode_all, join, probe
from studio.presets import ASPECTS, PRESETS, preset

TINY = preset("96p10")
COLORS = {"blue": (86, 180, 233), "orange": (245, 148, 59), "dark": (13, 17, 23), "light": (251, 250, 247)}


def frames(count: int, seed: int = 0) -> list[np.ndarray]:
    """Frames with a bar that moves over four colours."""
    picture = np.full((96, 160, 4), 255, np.uint8)
    for index, color in enumerate(COLORS.values()):
        picture[:, index * 40 : index * 40 + 40, :3] = color
    found = []
    for index in range(count):
        frame = picture.copy()
        frame[(seed + 3 * index) % 80 :][:8] = 255
        found.append(frame)
    return found


def segment(path: Path, count: int, seed: int = 0, quality=TINY) -> Path:
    encoder = SegmentEncoder(path, 160, 96, quality)
    for frame in frames(count, seed):
        encoder.put(frame)
    encoder.close()
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def test_a_clip_is_tagged_and_starts_with_its_index(tmp_path):
    target = tmp_path / "clip.mp4"
    assert join([segment(tmp_path / f"{i}.mp4", 7 + i, i) for i in range(3)], target) == 24
    found = probe(target)
    assert (found.frames, found.fps, found.width, found.height) == (24, 10, 160, 96)
    assert (found.codec, found.pix_fmt, found.bt709, found.faststart) == ("h264", "yuv420p", True, True)
    assert found.seconds == pytest.approx(2.4)
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_joining_changes_no_frame_and_no_time(tmp_path):
    parts = [segment(tmp_path / f"{i}.mp4", 9, 10 * i) for i in range(3)]
    join(parts, tmp_path / "clip.mp4")
    apart = [frame for part in parts for frame in decoded(part)]
    together = decoded(tmp_path / "clip.mp4")
    assert all(np.array_equal(a, b) for a, b in zip(apart, together, strict=True))
    with av.open(str(tmp_path / "clip.mp4")) as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    assert times == pytest.approx([i / 10 for i in range(27)])


def test_equal_frames_give_equal_bytes(tmp_path):
    one, two = (segment(tmp_path / name, 12).read_bytes() for name in ("one.mp4", "two.mp4"))
    assert one == two


def test_a_repeated_frame_is_that_many_frames(tmp_path):
    encoder = SegmentEncoder(tmp_path / "hold.mp4", 160, 96, TINY)
    encoder.put(frames(1)[0], repeat=25)
    encoder.close()
    assert decode_all(tmp_path / "hold.mp4") == 25


def test_colours_come_back_as_bt709(tmp_path):
    quality = dataclasses.replace(TINY, crf=1)
    encoder = SegmentEncoder(tmp_path / "flat.mp4", 160, 96, quality)
    picture = np.full((96, 160, 4), 255, np.uint8)
    for index, color in enumerate(COLORS.values()):
        picture[:, index * 40 : index * 40 + 40, :3] = color
    encoder.put(picture, 3)
    encoder.close()
    yuv = decoded(tmp_path / "flat.mp4")[1].astype(float)
    chroma = yuv[96:].reshape(2, 48, 80)
    for index, color in enumerate(COLORS.values()):
        y = (yuv[48, index * 40 + 20] - 16) / 219
        cb, cr = (chroma[:, 24, index * 20 + 10] - 128) / 224
        red, blue = y + 1.5748 * cr, y + 1.8556 * cb
        green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
        assert np.abs(np.array([red, green, blue]) * 255 - color).max() < 3


def test_segments_of_other_settings_do_not_join(tmp_path):
    one = segment(tmp_path / "one.mp4", 5)
    other = tmp_path / "other.mp4"
    encoder = SegmentEncoder(other, 128, 96, TINY)
    encoder.put(np.full((96, 128, 4), 255, np.uint8), 5)
    encoder.close()
    with pytest.raises(BrokenClip, match="encoded differently"):
        join([one, other], tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("keep", [0, 48, 700])
def test_a_cut_off_file_is_named(tmp_path, keep):
    path = segment(tmp_path / "cut.mp4", 20)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BrokenClip, match=r"cut\.mp4"):
        decode_all(path)


def test_an_encoder_that_fails_says_so_and_blocks_nobody(tmp_path, monkeypatch):
    encoder = SegmentEncoder(tmp_path / "full.mp4", 160, 96, TINY)

    def full(packets):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(encoder, "_container", _Full(encoder._container, full))
    with pytest.raises(OSError, match="No space left"):  # noqa: PT012 (which call raises depends on the queue)
        for frame in frames(100):
            encoder.put(frame)
        encoder.close()


class _Full:
    def __init__(self, container, mux) -> None:
        self.close, self.mux = container.close, mux


def write_half(target: Path) -> None:
    with publishing(target) as part:
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")


def test_publishing_leaves_the_last_file_when_the_disk_is_full(tmp_path):
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"the last good one")
    with pytest.raises(OutputError, match="No space left"):
        write_half(target)
    assert target.read_bytes() == b"the last good one"
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("name", [*PRESETS, "90p12"])
@pytest.mark.parametrize("aspect", ASPECTS)
def test_sizes_are_even_and_of_the_shape(name, aspect):
    width, height = preset(name).size(aspect)
    across, down = ASPECTS[aspect]
    assert width % 2 == height % 2 == 0
    assert min(width, height) == preset(name).short_side
    assert abs(width / height - across / down) < 2 / min(width, height)


@pytest.mark.parametrize("lengths", [(1, 2, 3, 42, 1, 5), (40, 2, 30), (31, 1, 31)])
def test_short_segments_join_with_long_ones(tmp_path, lengths):
    """One of a frame or two is not reordered by the encoder, its neighbours are."""
    paths = [segment(tmp_path / f"{i}.mp4", length, i) for i, length in enumerate(lengths)]
    join(paths[:2], tmp_path / "first.mp4")  # what was joined before is joined again
    joined = tmp_path / "joined.mp4"
    assert join([tmp_path / "first.mp4", *paths[2:]], joined) == sum(lengths) == decode_all(joined)
    with av.open(str(joined)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert np.allclose(times, np.arange(sum(lengths)) / 10)


def test_an_encoder_that_was_cut_short_while_it_was_told_to_finish_can_still_be_stopped(tmp_path):
    encoder = SegmentEncoder(tmp_path / "short.mp4", 160, 96, TINY)
    encoder._finished = True  # a signal came before the word had reached the thread
    encoder.abort()
    assert not encoder._thread.is_alive()

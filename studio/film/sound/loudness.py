"""One loudness for every film: measured, brought to the target, peaks held below the limit.

Source: ITU-R BS.1770-4 through FFmpeg's ebur128 filter; true peaks by oversampling four times, its Annex 2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from studio.film.audio import SAMPLE_RATE, encode_aac, frames_of, read_sound

#: True peaks are at most this, in dBTP; the limiter aims lower, because AAC moves them.
PEAK = -1.5
_AIM = -2.2
_SILENCE = -60.0
_ROUNDS = 8
_NEAR = 0.1
_BLOCK = 10 * SAMPLE_RATE
_EDGE = 64
_WINDOW = SAMPLE_RATE // 200


def loudness(samples: np.ndarray) -> float:
    """Integrated loudness in LUFS. Shapes: float32 (2, n)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=Fraction(1, SAMPLE_RATE)
    )
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found = -70.0

    def drain() -> None:
        nonlocal found
        while True:
            try:
                frame = sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            found = float(frame.metadata.get("lavfi.r128.I", found))

    for frame in frames_of(samples, SAMPLE_RATE):
        source.push(frame)
        drain()
    source.push(None)
    drain()
    return found


def _oversampled(samples: np.ndarray) -> np.ndarray:
    """Each sample's largest magnitude, between it and the next too, over both channels. Shapes: (n,)."""
    from scipy.signal import resample_poly

    count = samples.shape[1]
    out = np.empty(count, np.float32)
    for start in range(0, count, _BLOCK):
        low, high = max(0, start - _EDGE), min(count, start + _BLOCK + _EDGE)
        fine = np.abs(resample_poly(samples[:, low:high], 4, 1, axis=1)).max(axis=0)
        peaks = fine.reshape(-1, 4).max(axis=1)
        stop = min(count, start + _BLOCK)
        out[start:stop] = peaks[start - low : stop - low]
    return out


def true_peak(samples: np.ndarray) -> float:
    """The true peak in dBTP. Shapes: float32 (2, n)."""
    return 20 * float(np.log10(max(float(_oversampled(samples).max(initial=0.0)), 1e-9)))


def limited(samples: np.ndarray, ceiling: float) -> np.ndarray:
    """The samples turned down smoothly where their true peak would be above the ceiling, in dBTP."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    limit = 10 ** (ceiling / 20)
    peaks = _oversampled(samples)
    if float(peaks.max(initial=0.0)) <= limit:
        return samples
    wanted = np.minimum(1.0, limit / np.maximum(peaks, 1e-9)).astype(np.float32)
    # The lowest gain within the window, then its mean over a narrower one, never exceeds what is wanted.
    held = minimum_filter1d(wanted, 2 * _WINDOW + 1, mode="nearest")
    gain = uniform_filter1d(held, 2 * (_WINDOW // 2) + 1, mode="nearest")
    return samples * gain


def normalised(samples: np.ndarray, target: float, ceiling: float = _AIM) -> np.ndarray:
    """The samples at the target loudness, their true peaks at most the ceiling; silence stays silence."""
    measured = loudness(samples)
    if measured < _SILENCE:
        return samples
    gain = target - measured
    for _ in range(_ROUNDS):
        result = limited(samples * np.float32(10 ** (gain / 20)), ceiling)
        missed = target - loudness(result)
        if abs(missed) < _NEAR:
            break
        gain += missed
    return result


def write_normalised(samples: np.ndarray, path: Path, target: float, say: Callable[[str], None]) -> None:
    """Writes AAC that has the target loudness and keeps the peak limit when it is decoded again."""
    ceiling = _AIM
    for _ in range(4):
        result = normalised(samples, target, ceiling)
        encode_aac(result, path)
        heard = read_sound(path)
        over = true_peak(heard) - PEAK
        if over <= 0:
            break
        ceiling -= over + 0.1
    reached = loudness(heard)
    if reached > _SILENCE and abs(reached - target) > 0.5:
        say(f"The sound reaches {reached:.1f} LUFS, not {target:g}: its peaks leave no room for more.")

"""Sound from recorded numbers: what is larger is louder, the same is the same, and loudness is as asked."""

from types import SimpleNamespace

import av
import numpy as np
import pyloudnorm
import pytest

from studio.film.audio import SAMPLE_RATE, frames_of, read_sound
from studio.film.sound.data import LOSS_HIGH, LOSS_LOW, Sounding, events, update_size
from studio.film.sound.loudness import PEAK, limited, loudness, normalised, true_peak, write_normalised
from studio.film.sound.tones import Glide, Note, Tick, bed, note, rendered
from studio.film.sound.track import Block, mixed, overlaid


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


class Fake:
    """A recording with given activations, losses and parameters."""

    steps = np.array([0, 1, 2, 4])
    n_steps = 4
    eval_steps = np.array([0, 2, 4])
    probe_y = np.array([3, 7])

    def __init__(self, activations=(0.0, 0.5, 1.0, 2.0), losses=(2.0, 1.0, 0.5)) -> None:
        self.activations, self.losses = activations, losses

    def a(self, layer, step):
        return np.stack([np.zeros(len(self.activations)), np.array(self.activations)])

    def evals(self, name):
        return np.array(self.losses)

    def params(self, step):
        return {"1.W": np.array([[{0: 0.0, 1: 1.0, 2: 1.25, 4: 1.5}[step], 2.0]])}


def notes_of(*activations: float) -> list[Note]:
    sounding = Sounding(("neurons",), layer=1, digit=7)
    return [each for each in events(sounding, Fake(activations), 0.0, 1.0) if isinstance(each, Note)]


def test_a_louder_activation_is_a_louder_note():
    quiet, middle, loud = notes_of(0.2, 1.0, 2.0)
    assert quiet.level / loud.level == pytest.approx(0.1)
    levels = [rms(rendered([Note(0, 440, each.level)], SAMPLE_RATE)) for each in (quiet, middle, loud)]
    assert levels[0] < levels[1] < levels[2]
    assert levels[1] / levels[2] == pytest.approx(0.5, rel=1e-3)


def test_pitch_does_not_decide_how_loud_a_note_is():
    assert rms(note(220)) == pytest.approx(rms(note(1318.5)), rel=0.02)


def test_a_silent_neuron_is_not_heard():
    assert len(notes_of(0.0, 0.0, 3.0)) == 1
    assert notes_of(0.0, 0.0) == []
    assert len(notes_of(*np.linspace(0.1, 1, 100))) == 24


def test_the_loss_is_a_falling_tone():
    (glide,) = events(Sounding(("loss",)), Fake(), 0.0, 2.0)
    assert isinstance(glide, Glide)
    assert glide.frequencies[0] == pytest.approx(LOSS_HIGH)
    assert glide.frequencies[-1] == pytest.approx(LOSS_LOW)
    assert np.all(np.diff(glide.frequencies) <= 1e-9)
    sound = rendered([glide], 2 * SAMPLE_RATE)[0]
    crossings = [int((np.diff(np.sign(part)) != 0).sum()) for part in np.array_split(sound, 8)]
    assert crossings[1] > crossings[3] > crossings[6]


def test_a_tick_is_as_loud_as_its_update_is_long():
    ticks = [each for each in events(Sounding(("steps",)), Fake(), 0.0, 2.0) if isinstance(each, Tick)]
    assert [tick.level for tick in ticks] == pytest.approx([1.0, 0.25, 0.125])
    assert [tick.start for tick in ticks] == pytest.approx(2 * np.log1p([0, 1, 2]) / np.log1p(4))
    assert update_size(Fake(), 2) == pytest.approx(0.125)


def test_a_real_recording_sounds_the_same_every_time(tiny):
    sounding = Sounding(("neurons", "loss", "steps"))
    sounds = [rendered(events(sounding, tiny, 0.1, 2.0), 3 * SAMPLE_RATE) for _ in range(2)]
    assert np.array_equal(*sounds)
    assert rms(sounds[0]) > 0.001


def test_a_run_without_finite_losses_is_silent():
    nothing = np.full(3, np.nan)
    run = SimpleNamespace(
        evals=lambda name: nothing, series=lambda name: nothing, eval_steps=np.arange(3), n_steps=3
    )
    (glide,) = events(Sounding(("loss",)), run, 0.0, 1.0)
    assert glide.level == 0


def test_overlaying_adds_and_leaves_room():
    parts = [np.full((2, 500), level, np.float32) for level in (0.9, 0.8, -0.1)]
    assert overlaid(parts).shape == (2, 500)
    assert np.allclose(overlaid(parts), 1.6, atol=1e-6)


def speech(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)


def blocks(voice: np.ndarray | None) -> list[Block]:
    count = 4 * SAMPLE_RATE
    return [Block(0, count), Block(count, count, voice), Block(2 * count, count)]


def test_the_bed_is_ducked_under_the_voice():
    quiet = mixed(blocks(None), sound="full", music=0.5)
    spoken = mixed(blocks(speech(2.0)), sound="full", music=0.5)
    voice = mixed(blocks(speech(2.0)), sound="off", music=0.5)
    under = spoken - voice
    ratio = [rms(under[:, at]) / rms(quiet[:, at]) for at in (slice(96000, 144000), slice(200000, 280000))]
    assert ratio[0] == pytest.approx(1.0, abs=0.01)
    assert 20 * np.log10(ratio[1]) == pytest.approx(-10, abs=0.3)
    assert np.array_equal(voice[:, :190_000], np.zeros_like(voice[:, :190_000]))


def test_blocks_stand_exactly_where_they_belong():
    out = mixed(blocks(speech(2.0)), sound="off", music=0.0)
    assert out.shape == (2, 12 * SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(out[0]) > 1e-3)
    assert loud[0] == pytest.approx(4 * SAMPLE_RATE, abs=3)
    assert loud[-1] == pytest.approx(6 * SAMPLE_RATE, abs=3)


def independent_true_peak(samples: np.ndarray) -> float:
    """In dBTP, as FFmpeg's ebur128 measures it."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="fltp", layout="stereo", time_base=f"1/{SAMPLE_RATE}"
    )
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter), meter.link_to(sink)
    graph.configure()
    peak = 0.0
    for frame in [*frames_of(samples, SAMPLE_RATE), None]:
        source.push(frame)
        while True:
            try:
                peak = float(sink.pull().metadata.get("lavfi.r128.true_peak", 0))
            except (av.error.BlockingIOError, av.error.EOFError):
                break
    return 20 * np.log10(max(peak, 1e-9))


def busy(seconds: int = 12) -> np.ndarray:
    """Bed with loud ticks and notes: what is hard to bring to one loudness."""
    count = seconds * SAMPLE_RATE
    loud = [Tick(t, 1.0) for t in np.arange(0.2, seconds - 1, 0.4)] + [
        Note(t, 440.0, 1.0) for t in range(1, seconds - 1)
    ]
    return 0.05 * bed(count) + rendered(loud, count)


@pytest.mark.parametrize("target", [-16.0, -23.0])
def test_loudness_and_peaks_measured_by_others(tmp_path, target):
    notes: list[str] = []
    write_normalised(busy(), tmp_path / "sound.m4a", target, notes.append)
    heard = read_sound(tmp_path / "sound.m4a")
    assert pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(heard.T) == pytest.approx(target, abs=0.5)
    assert independent_true_peak(heard) <= PEAK + 0.05
    assert true_peak(heard) <= PEAK
    assert notes == []


def test_our_measures_agree_with_others():
    samples = busy(6)
    assert loudness(samples) == pytest.approx(
        pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples.T), abs=0.2
    )
    assert true_peak(samples) == pytest.approx(independent_true_peak(samples), abs=0.2)


def test_the_limiter_leaves_quiet_sound_alone():
    samples = 0.1 * busy(3)
    assert limited(samples, -1.5) is samples
    assert true_peak(limited(20 * samples, -3.0)) <= -2.99


def test_silence_stays_silence():
    silence = np.zeros((2, SAMPLE_RATE), np.float32)
    assert np.array_equal(normalised(silence, -16.0), silence)

"""The play loop: exact frame counts, nothing drawn that nobody wants, holds drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from manim import Wait
from manim.renderer.cairo_renderer import CairoRenderer
from manim.utils.exceptions import EndSceneEarlyException
from manim.utils.iterables import list_update

from studio.manim_adapter.camera import fast_camera
from studio.manim_adapter.families import members
from studio.manim_adapter.motion import Motion
from studio.manim_adapter.sink import Beat, FrameSink, Pixels
from studio.manim_adapter.writer import SectionWriter

if TYPE_CHECKING:
    from manim import Scene


class Renderer(CairoRenderer):
    """Runs a scene's animations and hands the frames that are wanted to a sink.

    `time` counts frames, never seconds added up, so a scene is as long whether it is drawn or skipped.
    With `jumps`, updaters are taken to depend on nothing but what they follow, and skipped frames are not
    stepped through for them.
    """

    def __init__(self, sink: FrameSink, fps: int, *, jumps: bool = False) -> None:
        self.sink = sink
        self.fps = fps
        self.jumps = jumps
        self.beats: list[Beat] = []
        self._beat_seconds = 0.0
        self._open = False
        self._scene: Scene | None = None
        self.camera: Any
        super().__init__(file_writer_class=SectionWriter)  # type: ignore[arg-type]

    # -- the scene's life ---------------------------------------------------------------------------------

    def init_scene(self, scene: Scene, session_spec: Any, file_writer_settings: Any) -> None:
        """Called while the scene is constructed: gives it a camera of the class it asked for."""
        self._scene = scene
        self.camera = fast_camera(cast("Any", scene.camera_class))()
        self.file_writer = SectionWriter(file_writer_settings, self.next_beat)

    @property
    def time(self) -> float:
        """Units: seconds from the scene's start, a whole number of frames."""
        return self.frames / self.fps

    @time.setter
    def time(self, value: float) -> None:
        """Ignored: frames alone move the clock (manim's constructor sets 0)."""

    @property
    def frames(self) -> int:
        """Frames the scene has lasted so far, drawn or not."""
        return self.beats[-1].first + self.beats[-1].count if self.beats else 0

    def next_beat(self, name: str) -> None:
        """Ends the running beat and starts one of that name.

        Raises: EndSceneEarlyException (manim's quiet ending) where the sink wants no more.
        """
        self._end_beat()
        beat = Beat(len(self.beats), name, self.frames)
        if not self.sink.begin_beat(beat):
            raise EndSceneEarlyException
        self.beats.append(beat)
        self._beat_seconds = 0.0
        self._open = True

    def _end_beat(self) -> None:
        if self._open:
            self._open = False
            self.sink.end_beat(self.beats[-1], self.draw_all)

    def scene_finished(self, scene: Scene) -> None:
        """Called last: a scene that never played is one frame long."""
        if not self.num_plays and not self.beats:
            self._hold(1, Wait(run_time=1 / self.fps))
        self._end_beat()

    # -- playing ------------------------------------------------------------------------------------------

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        """Plays animations as manim does, frame times included, drawing only what the sink wants."""
        if not self._open:
            self.next_beat("scene")
        scene.compile_animation_data(*args, **kwargs)
        assert scene.animations is not None
        for animation in scene.animations:
            animation._setup_scene(scene)
            animation.begin()
        count = self._frames_of(scene.duration)
        if scene.is_current_animation_frozen_frame():
            self._hold(count, scene.animations[0])
        else:
            self._animate(scene, count)
        self.num_plays += 1

    def _frames_of(self, seconds: float) -> int:
        """Frames for the next `seconds`; rounding never adds up within a beat, and a play is never empty."""
        self._beat_seconds += seconds
        return max(1, round(self._beat_seconds * self.fps) - self.beats[-1].count)

    def _hold(self, count: int, wait: Any) -> None:
        beat = self.beats[-1] if self._open else None
        if beat is None:
            self.next_beat("scene")
            beat = self.beats[-1]
        wanted = self.sink.wanted(beat, beat.count, count)
        if len(wanted):
            pixels = self.draw_all()
            for start, length in runs(wanted):
                self.sink.frame(beat, start, pixels, length)
        beat.count += count

    def _animate(self, scene: Scene, count: int) -> None:
        assert scene.animations is not None
        beat, first = self.beats[-1], self.beats[-1].count
        wanted = self.sink.wanted(beat, first, count)
        draws = {number - first for number in wanted}
        steps: Sequence[int] = sorted(draws)
        updates = _has_updaters(scene)
        if scene.stop_condition is not None or (updates and not self.jumps):
            steps = range(count)  # what they do depends on every frame before
        if draws:
            self._keep_still(scene)
        motion = Motion(scene, updates)
        done = count
        for step in steps:
            motion.to(step / self.fps)
            if step in draws:
                self.camera.start_frame(self.static_image)
                self.camera.capture_mobjects(scene.moving_mobjects)
                self.sink.frame(beat, first + step, self.camera.pixel_array, 1)
            if scene.stop_condition is not None and scene.stop_condition():
                done = step + 1
                break
        if not steps:
            scene.update_to_time(scene.duration)
        for animation in scene.animations:
            animation.finish()
            animation.clean_up_from_scene(scene)
        scene.update_mobjects(0)
        self.static_image = None
        if done < count:
            self._beat_seconds = (first + done) / self.fps
        beat.count += done

    def _keep_still(self, scene: Scene) -> None:
        """Draws what lies below everything that moves, once; the rest is the scene's `moving_mobjects`."""
        z = self.camera.use_z_index
        moving = members(scene.get_moving_mobjects(*(scene.animations or [])), use_z_index=z)
        scene.moving_mobjects = moving
        ids = {id(mobject) for mobject in moving}
        shown = list_update(scene.mobjects, scene.foreground_mobjects)
        everything = members(shown, use_z_index=z, only_with_points=True)
        still = [mobject for mobject in everything if id(mobject) not in ids]
        scene.static_mobjects = still
        self.static_image = None
        if still:
            self.camera.start_frame(None)
            self.camera.capture_mobjects(still)
            self.static_image = self.camera.pixel_array.copy()

    # -- drawing ------------------------------------------------------------------------------------------

    def draw_all(self) -> Pixels:
        """The scene as it stands. The array is the camera's own and lasts until the next frame."""
        assert self._scene is not None
        self.camera.start_frame(None)
        self.camera.capture_mobjects(list_update(self._scene.mobjects, self._scene.foreground_mobjects))
        return self.camera.pixel_array

    def get_frame(self) -> Pixels:
        """A copy of the last drawn frame (manim's interface)."""
        return self.camera.pixel_array.copy()


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (start, length) of their unbroken runs."""
    if isinstance(numbers, range) and numbers.step == 1:
        return [(numbers.start, len(numbers))] if len(numbers) else []
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def _has_updaters(scene: Scene) -> bool:
    if scene.updaters:
        return True
    animated: list[Any] = [each.mobject for each in scene.animations or [] if each.mobject is not None]
    return any(member.updaters for mobject in [*scene.mobjects, *animated] for member in mobject.get_family())

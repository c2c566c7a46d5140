// Two video elements, one shown: a new clip is loaded and sought in the hidden one and then takes its place,
// so that a swap is never seen. Frames are exact: a frame is sought in its middle and read from what is shown.

export class Player {
  // `shown(frame)` is called for each frame of the clip that comes on screen, `changed()` when it starts or stops.
  constructor(videos, shown, changed) {
    [this.front, this.back] = videos;
    this.report = shown;
    this.clip = null;
    this.looped = null;
    this.loads = 0;
    this.wanted = -1;
    this.rate = 1;
    for (const video of videos) {
      video.addEventListener("play", () => video === this.front && changed());
      video.addEventListener("pause", () => video === this.front && changed());
      video.addEventListener("ended", () => video === this.front && changed());
      video.addEventListener("seeked", () => video === this.front && this.arrived());
      this.follow(video);
    }
  }

  get playing() {
    return !this.front.paused && !this.front.ended;
  }

  get atEnd() {
    return this.front.ended;
  }

  follow(video) {
    if (!video.requestVideoFrameCallback) {
      video.addEventListener("timeupdate", () => this.seen(video, video.currentTime));
      return;
    }
    const next = (_, data) => {
      this.seen(video, data.mediaTime + 1e-4);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  }

  seen(video, seconds) {
    if (video !== this.front || !this.clip || !this.playing) return;
    const frame = Math.floor(seconds * this.clip.fps + 1e-3);
    const loop = this.looped;
    if (loop && frame >= loop.last) {
      const left = Math.max(0, ((loop.last + 1) / this.clip.fps - seconds) / this.rate) * 1000;
      clearTimeout(this.turn);
      this.turn = setTimeout(() => this.looped === loop && this.playing && this.time(loop.first), Math.max(0, left - 15));
    }
    this.report(frame);
  }

  play() {
    this.front.playbackRate = this.rate;
    return this.front.play().catch(() => {});
  }

  pause() {
    this.front.pause();
    this.back.pause();
  }

  speed(rate) {
    this.rate = rate;
    this.front.playbackRate = rate;
  }

  // Shows a frame of the clip; while one is being sought, only the last that was asked for counts.
  seek(frame) {
    if (!this.clip) return;
    this.wanted = frame;
    if (!this.front.seeking) this.time(frame);
  }

  time(frame) {
    this.front.currentTime = (frame + 0.5) / this.clip.fps;
  }

  arrived() {
    const wanted = this.wanted;
    if (wanted < 0 || !this.clip) return;
    const at = (wanted + 0.5) / this.clip.fps;
    if (Math.abs(this.front.currentTime - at) > 0.25 / this.clip.fps && !this.playing) this.time(wanted);
    else this.wanted = -1;
  }

  // Loads a clip and shows it once the frame that `target(clip)` names then is on screen.
  async swap(clip, target) {
    const load = ++this.loads;
    const video = this.back;
    video.src = clip.url;
    if (!(await once(video, "loadeddata"))) return false;
    for (let tries = 0; tries < 3; tries += 1) {
      if (load !== this.loads) return false;
      const frame = Math.max(0, target(clip));
      video.currentTime = (frame + 0.5) / clip.fps;
      if (!(await once(video, "seeked"))) return false;
      if (this.playing || frame === Math.max(0, target(clip))) break;
    }
    if (load !== this.loads) return false;
    const playing = this.playing;
    video.playbackRate = this.rate;
    if (playing) await video.play().catch(() => {});
    this.show(video, clip);
    return true;
  }

  show(video, clip) {
    const old = this.front;
    this.clip = clip;
    this.wanted = -1;
    this.front = video;
    this.back = old;
    video.classList.add("shown");
    video.removeAttribute("aria-hidden");
    old.classList.remove("shown");
    old.setAttribute("aria-hidden", "true");
    old.setAttribute("aria-label", "");
    old.pause();
    video.setAttribute("aria-label", "The scene");
  }
}

function once(video, name) {
  return new Promise((resolve) => {
    const done = (event) => {
      video.removeEventListener(name, done);
      video.removeEventListener("error", done);
      resolve(event.type === name);
    };
    video.addEventListener(name, done);
    video.addEventListener("error", done);
  });
}

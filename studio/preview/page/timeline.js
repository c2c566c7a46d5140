// Where every frame is: the scene's beats in order, and for each the place in the clip that can be played.
// A place is {beat: name, frame: number within it}; a "whole" frame counts from the scene's start.

export function timeline(state, clip) {
  const inClip = new Map();
  if (clip && clip.look === state.look) for (const beat of clip.beats) inClip.set(beat.name, beat);
  let start = 0;
  return state.beats.map((beat, index) => {
    const drawn = inClip.get(beat.name);
    const frames = Math.max(1, drawn ? drawn.frames : beat.frames);
    const entry = { ...beat, index, start, frames, at: drawn ? drawn.at : -1, fresh: Boolean(drawn && drawn.fresh) };
    start += frames;
    return entry;
  });
}

export function total(beats) {
  return beats.reduce((sum, beat) => sum + beat.frames, 0);
}

export function beatOf(beats, place) {
  return beats.find((beat) => beat.name === place.beat) || beats[0];
}

export function wholeOf(beats, place) {
  const beat = beatOf(beats, place);
  return beat ? beat.start + Math.min(place.frame, beat.frames - 1) : 0;
}

export function placeOf(beats, whole) {
  const beat = beats.findLast((each) => each.start <= whole) || beats[0];
  return beat ? { beat: beat.name, frame: Math.max(0, Math.min(whole - beat.start, beat.frames - 1)) } : { beat: "", frame: 0 };
}

// The frame of the clip that shows a place, -1 where it has none.
export function clipFrame(beats, place) {
  const beat = beatOf(beats, place);
  return beat && beat.at >= 0 ? beat.at + Math.min(place.frame, beat.frames - 1) : -1;
}

export function placeInClip(beats, frame) {
  const beat = beats.filter((each) => each.at >= 0 && each.at <= frame).sort((a, b) => b.at - a.at)[0];
  return beat ? { beat: beat.name, frame: Math.min(frame - beat.at, beat.frames - 1) } : null;
}

export function clockText(frames, fps) {
  const seconds = frames / fps;
  const rest = (seconds % 60).toFixed(2).padStart(5, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}

// The page: listens to the preview's state, keeps the place in the scene, and passes on what its user does.

import { Player } from "./player.js";
import { shortcuts } from "./shortcuts.js";
import { beatOf, clipFrame, placeInClip, placeOf, timeline, total, wholeOf } from "./timeline.js";
import * as view from "./view.js";
import { errands, toast } from "./errands.js";

const $ = (id) => document.getElementById(id);
const videos = document.querySelectorAll("#stage video");

let state = null;
let connected = false;
let beats = [];
let place = { beat: "", frame: 0 };
let hiddenFailure = "";
let incoming = 0;
let told = "";
let telling = 0;

const player = new Player(videos, onFrame, draw);

export async function ask(name, question) {
  const response = await fetch(name, { method: "POST", body: JSON.stringify(question) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || "That did not work.");
  return answer;
}

// -- the place in the scene ----------------------------------------------------------------------------------

function onFrame(frame) {
  const found = placeInClip(beats, frame);
  if (!found) return;
  const turned = found.beat !== place.beat;
  place = found;
  if (turned) tell();
  draw();
}

function go(whole) {
  place = placeOf(beats, Math.max(0, Math.min(whole, total(beats) - 1)));
  const frame = clipFrame(beats, place);
  if (frame >= 0) player.seek(frame);
  else player.pause();
  loop();
  tell();
  draw();
}

// Tells the preview where the page stands: that is what it draws first after a change.
function tell() {
  clearTimeout(telling);
  telling = setTimeout(() => {
    const text = JSON.stringify(place);
    if (text !== told || clipFrame(beats, place) < 0) ask("at", place).then(() => { told = text; }, () => {});
  }, 120);
}

function loop() {
  const beat = beatOf(beats, place);
  const on = $("loop").getAttribute("aria-pressed") === "true" && beat && beat.at >= 0;
  player.looped = on ? { first: beat.at, last: beat.at + beat.frames - 1 } : null;
}

// -- what is shown -------------------------------------------------------------------------------------------

function draw() {
  if (!state) return;
  view.heading(state);
  view.pill(state, connected);
  view.failure(state, hiddenFailure === JSON.stringify(state.failure));
  view.look(state.choices, (wanted) => ask("look", wanted).catch((error) => toast(error.message)));
  $("stage").style.setProperty("--ratio", state.width / state.height);
  document.documentElement.style.setProperty("--ratio", state.width / state.height);
  const beat = beatOf(beats, place);
  if (beat) {
    view.beatList(beats, state.fps, beat.name, Boolean(state.failure), (each) => go(each.start));
    view.place(beats, beat, place.frame, wholeOf(beats, place), total(beats), state.fps);
    const atEnd = !player.playing && place.frame >= beat.frames - 1;
    view.findings(beats, beat, $("show-findings").checked && atEnd);
  }
  const label = player.playing ? "Pause" : "Play";
  $("play-pause").setAttribute("aria-label", label);
  $("play-pause").querySelector("use").setAttribute("href", player.playing ? "#pause" : "#play");
  drawStill();
}

function drawStill() {
  const still = state.still;
  const frame = clipFrame(beats, place);
  const beat = beatOf(beats, place);
  const here = still && beat && still.look === state.look && still.beat === place.beat
    && (still.frame === place.frame || still.asked === place.frame);
  const shown = Boolean(here && !player.playing && !(frame >= 0 && beat.fresh));
  if (shown && $("still").getAttribute("src") !== still.url) $("still").src = still.url;
  $("still").alt = shown ? `${beat.name.replaceAll("_", " ")}, frame ${still.frame + 1}` : "";
  $("still").hidden = !shown;
  const outdated = !shown && (!player.clip || frame < 0);
  $("stage").classList.toggle("stale", Boolean(outdated && player.clip));
  $("waiting").hidden = !outdated || Boolean(state.failure);
  $("waiting-text").textContent = player.clip ? "Drawing this picture" : "Drawing the first picture";
}

// -- what the preview says -----------------------------------------------------------------------------------

function take(next) {
  const before = state;
  state = next;
  if (!place.beat && state.beats.length) place = { beat: state.beats[0].name, frame: 0 };
  beats = timeline(state, player.clip);
  if (!beats.some((beat) => beat.name === place.beat) && beats.length) place = { beat: beats[0].name, frame: 0 };
  if (state.clip && state.clip.serial > incoming) {
    incoming = state.clip.serial;
    swap(state.clip);
  }
  if (before && !before.failure && state.failure) player.pause();
  if (before && before.busy && !state.busy && !state.failure) say("The clip is up to date.");
  if (before && !before.busy && state.busy) say("Something changed: drawing.");
  draw();
}

async function swap(clip) {
  const target = () => clipFrame(timeline(state, clip), place);
  const still = wholeOf(beats, place);
  if (!(await player.swap(clip, target))) return;
  beats = timeline(state, player.clip);
  const frame = clipFrame(beats, place);
  if (frame < 0 && player.playing) player.pause();
  if (!player.playing && frame >= 0) player.seek(frame);
  if (wholeOf(beats, place) !== still || frame < 0) tell();
  document.body.dataset.clip = clip.serial;
  loop();
  draw();
}

function say(text) {
  $("said").textContent = text;
}

// -- what its user does --------------------------------------------------------------------------------------

const acts = {
  play() {
    if (player.playing) {
      player.pause();
      tell();
      return;
    }
    if (!player.clip || clipFrame(beats, place) < 0) return;
    if (wholeOf(beats, place) >= total(beats) - 1) go(0);
    player.play();
  },
  step(frames) {
    player.pause();
    go(wholeOf(beats, place) + frames);
  },
  second(sign) {
    acts.step(sign * Math.round(state.fps));
  },
  beat(sign) {
    const beat = beatOf(beats, place);
    const back = sign < 0 && place.frame > 2 ? 0 : sign;
    const target = beats[beat.index + back];
    if (target) go(target.start);
    else if (sign > 0) go(total(beats) - 1);
  },
  beatEnd() {
    const beat = beatOf(beats, place);
    player.pause();
    go(beat.start + beat.frames - 1);
  },
  edge(end) {
    player.pause();
    go(end ? total(beats) - 1 : 0);
  },
  loop() {
    const on = $("loop").getAttribute("aria-pressed") !== "true";
    $("loop").setAttribute("aria-pressed", on);
    loop();
    say(on ? "This beat repeats." : "No beat repeats.");
  },
  speed(sign) {
    const select = $("speed");
    select.selectedIndex = Math.max(0, Math.min(select.options.length - 1, select.selectedIndex + sign));
    player.speed(Number(select.value));
    say(`Speed ${select.value}`);
  },
  findings() {
    $("show-findings").click();
  },
  ...errands(() => place, ask),
};

$("play-pause").addEventListener("click", acts.play);
$("frame-back").addEventListener("click", () => acts.step(-1));
$("frame-forth").addEventListener("click", () => acts.step(1));
$("beat-back").addEventListener("click", () => acts.beat(-1));
$("beat-forth").addEventListener("click", () => acts.beat(1));
$("loop").addEventListener("click", acts.loop);
$("still-save").addEventListener("click", acts.still);
$("embed-open").addEventListener("click", acts.embed);
$("help-open").addEventListener("click", () => $("help").showModal());
$("speed").addEventListener("change", () => player.speed(Number($("speed").value)));
$("scrubber").addEventListener("input", () => { player.pause(); go(Number($("scrubber").value)); });
$("show-findings").addEventListener("change", draw);
$("captions").addEventListener("change", () => ask("look", { captions: $("captions").checked }).catch((error) => toast(error.message)));
$("look").addEventListener("submit", (event) => event.preventDefault());
$("failure-hide").addEventListener("click", () => {
  hiddenFailure = JSON.stringify(state.failure);
  draw();
  $("play-pause").focus();
});
$("stage").addEventListener("click", (event) => { if (!event.target.closest("#failure")) acts.play(); });
shortcuts(acts);

const events = new EventSource("events");
events.addEventListener("message", (event) => { connected = true; take(JSON.parse(event.data)); });
events.addEventListener("error", () => { connected = false; draw(); });

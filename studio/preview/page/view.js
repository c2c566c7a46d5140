// Puts the state into the page. Every function is given all it shows and keeps nothing but what it last drew.

import { clockText } from "./timeline.js";

const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Runs `draw` only when what it would show is not what is shown.
const drawn = new Map();
function changed(name, value, draw) {
  const text = JSON.stringify(value);
  if (drawn.get(name) === text) return;
  drawn.set(name, text);
  draw();
}

export function heading(state) {
  document.title = `${state.scene} – nnreel preview`;
  $("title").textContent = state.title;
  $("scene").textContent = state.title === state.scene ? "" : state.scene;
}

export function pill(state, connected) {
  const kind = !connected ? "lost" : state.failure ? "failed" : state.busy ? "busy" : "still";
  const words = {
    lost: "The preview has ended",
    failed: "Error in the code",
    busy: state.share ? `Drawing ${Math.round(state.share * 100)} %` : "Drawing",
    still: "Up to date",
  };
  $("state").dataset.state = kind;
  $("state-text").textContent = words[kind];
  $("state-more").textContent = kind === "still" && state.watching ? "watching" : "";
}

export function failure(state, hidden) {
  const found = state.failure;
  $("failure").hidden = !found || hidden;
  if (!found) return;
  changed("failure", found, () => {
    $("failure-title").textContent = found.title;
    $("failure-place").textContent = found.place;
    $("failure-trace").textContent = found.trace;
    $("failure-trace").parentElement.hidden = !found.trace;
    $("failure-excerpt").hidden = !found.excerpt.length;
    $("failure-excerpt").replaceChildren(
      ...found.excerpt.map(([number, text, here]) =>
        make(here ? "mark" : "span", { textContent: `${String(number).padStart(4)}  ${text}\n` })),
    );
  });
}

export function beatList(beats, fps, current, failed, pick) {
  const shown = beats.map((beat) => [beat.name, beat.caption, beat.frames, beat.at, beat.fresh, beat.known, beat.findings.length]);
  changed("beats", [shown, failed], () => {
    const had = document.activeElement?.closest?.("#beats") ? document.activeElement.dataset.beat : null;
    $("beats").replaceChildren(...beats.map((beat) => make("li", {}, beatButton(beat, fps, failed, pick))));
    $("track").replaceChildren(...beats.map((beat) => chunk(beat)));
    if (had !== null) document.querySelector(`#beats [data-beat="${CSS.escape(had)}"]`)?.focus();
  });
  for (const button of $("beats").querySelectorAll("button")) {
    if (button.dataset.beat === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function beatButton(beat, fps, failed, pick) {
  const note = beat.at < 0 ? "not drawn yet" : beat.fresh ? "" : failed ? "as it was" : "being drawn anew";
  const findings = beat.findings.length ? `${beat.findings.length} to mend` : "";
  const words = [note, findings].filter(Boolean).join(", ");
  const button = make(
    "button",
    { type: "button" },
    make("span", { className: "n", textContent: beat.index + 1 }),
    make("span", { className: "name", textContent: beat.name.replaceAll("_", " ") }),
    make("span", { className: "time", textContent: beat.known || beat.at >= 0 ? clockText(beat.start, fps) : "" }),
    make("span", { className: "words" }, words ? make("span", { className: "mark-old", textContent: `${words} · ` }) : null, beat.caption),
  );
  button.dataset.beat = beat.name;
  button.addEventListener("click", () => pick(beat));
  return button;
}

function chunk(beat) {
  const element = make("span", { className: "chunk" }, make("i"));
  element.classList.toggle("old", beat.at >= 0 && !beat.fresh);
  element.classList.toggle("missing", beat.at < 0);
  element.style.flexGrow = beat.frames;
  return element;
}

export function place(beats, beat, frame, whole, frames, fps) {
  const scrubber = $("scrubber");
  scrubber.max = Math.max(0, frames - 1);
  scrubber.value = whole;
  scrubber.setAttribute("aria-valuetext", `${beat.name.replaceAll("_", " ")}, ${clockText(whole, fps)}, frame ${whole + 1} of ${frames}`);
  [...$("track").children].forEach((element, index) => {
    const part = Math.max(0, Math.min(1, (whole + 1 - beats[index].start) / beats[index].frames));
    element.firstChild.style.setProperty("--part", whole === 0 ? 0 : part);
  });
  changed("clock", [whole, frames], () => {
    $("clock").replaceChildren(`${clockText(whole, fps)} / ${clockText(frames, fps)}`, make("small", { textContent: `frame ${whole + 1}/${frames}` }));
  });
  changed("caption", beat.caption, () => { $("caption").textContent = beat.caption; });
  numbers(beat);
}

function numbers(beat) {
  changed("numbers", beat.numbers, () => {
    $("numbers-count").textContent = beat.numbers.length;
    const rows = beat.numbers.map((number) => make("tr", {},
      make("td", { textContent: number.text }),
      make("td", { textContent: `${number.source} · ${number.recording}${number.since ? ` · since ${number.since.replaceAll("_", " ")}` : ""}` })));
    const none = make("tr", {}, make("td", { colSpan: 2, textContent: "This beat shows no numbers." }));
    $("numbers").tBodies[0].replaceChildren(...(rows.length ? rows : [none]));
  });
}

export function findings(beats, beat, onPicture, go) {
  const all = beats.flatMap((each) => each.findings.map((finding) => ({ ...finding, beat: each.name })));
  changed("findings", all, () => {
    $("findings-count").textContent = all.length;
    $("findings-count").classList.toggle("bad", all.length > 0);
    const items = all.map((each) => make("li", {}, make("b", { textContent: `${each.kind}: ` }), each.message,
      make("small", { textContent: `at the end of ${each.beat.replaceAll("_", " ")}` })));
    $("findings").replaceChildren(...(items.length ? items : [make("li", { className: "none", textContent: "Nothing to mend." })]));
  });
  const here = onPicture ? beat.findings : [];
  changed("boxes", here, () => {
    $("boxes").replaceChildren(...here.map((each) => {
      const [left, top, width, height] = each.box;
      const box = make("i", {}, make("b", { textContent: each.kind }));
      box.classList.toggle("low", top < 0.06);
      box.classList.toggle("late", left > 0.7);
      Object.assign(box.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
      return box;
    }));
  });
}

export function look(choices, choose) {
  changed("look", choices, () => {
    segments("aspects", "aspect", choices.aspects, choices.aspect, choose);
    segments("themes", "theme", choices.themes, choices.theme, choose);
    $("captions").checked = choices.captions;
    const focused = document.activeElement?.id;
    $("fields").replaceChildren(
      ...choices.recordings.map((each) => field(`recording-${each.recipe}`, `Recording of ${each.recipe}`,
        selection(each.labels, each.value, (label) => choose({ recordings: { [each.recipe]: label } })))),
      ...choices.params.map((each) => field(`param-${each.name}`, each.name.replaceAll("_", " "), parameter(each, choices, choose))),
    );
    if (focused) document.getElementById(focused)?.focus();
  });
}

function segments(id, name, values, current, choose) {
  const box = $(id);
  if (!box.children.length) {
    box.append(...values.map((value) => {
      const input = make("input", { type: "radio", name, value, id: `${name}-${value}` });
      input.addEventListener("change", () => choose({ [name]: value }));
      return make("label", {}, input, make("span", { textContent: value }));
    }));
  }
  for (const input of box.querySelectorAll("input")) input.checked = input.value === current;
}

function field(id, label, control) {
  control.id = id;
  return make("label", { className: "field" }, make("span", { textContent: label }), control);
}

function selection(values, current, pick) {
  const select = make("select", {}, ...values.map((value) => make("option", { value, textContent: value, selected: value === current })));
  select.addEventListener("change", () => pick(select.value));
  return select;
}

function parameter(entry, choices, choose) {
  const set = (value) => {
    const params = Object.fromEntries(choices.params.map((each) => [each.name, each.value]));
    choose({ params: { ...params, [entry.name]: value } });
  };
  if (entry.choices) return selection(entry.choices.map(String), String(entry.value), set);
  const input = make("input", { value: entry.value, type: entry.type === "str" ? "text" : "number" });
  if (entry.type === "float") input.step = "any";
  if (entry.min !== undefined) input.min = entry.min;
  if (entry.max !== undefined) input.max = entry.max;
  input.addEventListener("change", () => set(input.value));
  return input;
}

// Keys that act anywhere on the page, and their list. They can be switched off in it.

const $ = (id) => document.getElementById(id);

const KEYS = [
  ["Space", "play or pause", [" ", "k"], (acts) => acts.play()],
  ["←", "one frame back", ["ArrowLeft", ","], (acts) => acts.step(-1)],
  ["→", "one frame on", ["ArrowRight", "."], (acts) => acts.step(1)],
  ["J", "one second back", ["j", "Shift+ArrowLeft"], (acts) => acts.second(-1)],
  ["L", "one second on", ["l", "Shift+ArrowRight"], (acts) => acts.second(1)],
  ["↑", "beat before", ["ArrowUp", "PageUp"], (acts) => acts.beat(-1)],
  ["↓", "next beat", ["ArrowDown", "PageDown"], (acts) => acts.beat(1)],
  ["B", "end of this beat", ["b"], (acts) => acts.beatEnd()],
  ["Home", "first frame", ["Home"], (acts) => acts.edge(false)],
  ["End", "last frame", ["End"], (acts) => acts.edge(true)],
  ["R", "repeat this beat", ["r"], (acts) => acts.loop()],
  ["−", "slower", ["-"], (acts) => acts.speed(-1)],
  ["+", "faster", ["+", "="], (acts) => acts.speed(1)],
  ["F", "layout findings on the picture", ["f"], (acts) => acts.findings()],
  ["S", "save a still of this frame", ["s"], (acts) => acts.still()],
  ["E", "copy embed", ["e"], (acts) => acts.embed()],
  ["?", "this list", ["?"], () => $("help").showModal()],
];

export function shortcuts(acts) {
  for (const [key, does] of KEYS) {
    const term = document.createElement("dt");
    const shown = document.createElement("kbd");
    shown.textContent = key;
    term.append(shown);
    const words = document.createElement("dd");
    words.textContent = does;
    $("keys").append(term, words);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (!$("keys-on").checked || owns(event.target, event.key)) return;
    const name = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key;
    const found = KEYS.find(([, , keys]) => keys.includes(name.length === 1 ? name.toLowerCase() : name));
    if (!found) return;
    event.preventDefault();
    found[3](acts);
  });
}

// Whether the key belongs to the control that has the focus.
function owns(target, key) {
  if (target.matches("input[type=range]")) return /^(Arrow|Page|Home|End)/.test(key);
  if (target.matches("input[type=checkbox], button, summary")) return key === " " || key === "Enter";
  if (target.matches("pre, .scroll")) return /^(Arrow|Page|Home|End| $)/.test(key);
  return target.matches("input, select, textarea");
}

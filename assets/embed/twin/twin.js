// The page: what the reader sets (step, example, neuron) and everything that follows from it.
const $ = (id) => document.getElementById(id);
const percent = (share) => (100 * share).toFixed(1) + " %";
const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);
document.documentElement.style.setProperty("--tile", tileColumns + " / " + Math.max(tileRows, tileColumns / 20));

unpack().then((arrays) => {
  let grid, stepAt, timer;

  about.labels.forEach((label, index) => $("probe").add(new Option(about.classes[label] + ", no. " + (index + 1), index)));
  about.neurons.forEach((number, index) => $("neuron").add(new Option(number, index)));
  about.classes.forEach((name) => {
    const tr = $("outputs").insertRow();
    tr.innerHTML = "<th scope=row></th><td></td><td><div class=bar></div></td>";
    tr.cells[0].textContent = name;
  });

  function show() {
    const at = Number($("step").value), step = about.steps[at];
    const probe = Number($("probe").value), neuron = Number($("neuron").value);
    const outputs = row(arrays.outputs, at, probe), hidden = row(arrays.hidden, at, probe);
    const answer = outputs.indexOf(Math.max(...outputs)), truth = about.labels[probe];
    const test = evaluated(arrays, "loss_test", step), share = evaluated(arrays, "accuracy_test", step);

    $("step-text").textContent = step.toLocaleString("en") + " of " + about.nSteps.toLocaleString("en");
    const says = about.classes[answer] + " with " + percent(outputs[answer]);
    $("step").setAttribute("aria-valuetext", "step " + step + ": test loss " + test.toFixed(3) + ", it answers " + says);
    $("answer").textContent = "It answers " + says + (answer === truth ? ": right." : ": wrong, it is " + about.classes[truth] + ".");
    Array.from($("outputs").rows, (tr, index) => {
      tr.className = index === truth ? "right" : "";
      tr.cells[1].textContent = percent(outputs[index]);
      tr.cells[2].firstChild.style.width = percent(outputs[index]).replace(" ", "");
    });
    const batch = arrays.loss_batch.values[step];
    $("loss-text").textContent = "Test loss " + test.toFixed(3) + ", test accuracy " + percent(share) +
      (Number.isFinite(batch) ? ", loss of this step's batch " + batch.toFixed(3) : "") + ". The steps run in log scale: the first are wide.";
    stepAt = drawLoss($("loss"), arrays, step);
    $("loss").setAttribute("aria-label", "Loss over the steps: from " + arrays.loss_test.values[0].toFixed(2) + " to " +
      arrays.loss_test.values[arrays.loss_test.values.length - 1].toFixed(2) + "; " + $("loss-text").textContent);

    drawInput($("digit"), row(arrays.probes, probe));
    $("digit").setAttribute("aria-label", "The test example: " + about.classes[truth]);
    const weights = row(arrays.weights, at, neuron), unit = arrays.weights.unit;
    drawNeuron($("one"), weights);
    const low = Math.min(...weights) * unit, high = Math.max(...weights) * unit;
    const text = "fires " + (hidden[neuron] * arrays.hidden.unit).toFixed(3) + " for this example; its weights go from " +
      signed(low) + " to " + signed(high) + ".";
    $("neuron-text").textContent = "It " + text;
    $("one").setAttribute("aria-label", "Weights of neuron " + about.neurons[neuron] + ", which " + text);
    grid = drawGrid($("weights"), (each) => row(arrays.weights, at, each), hidden, arrays.hidden.levels);
    const firing = hidden.filter((value) => value > 0).length;
    $("weights").setAttribute("aria-label", "Weights of " + about.neurons.length + " neurons; " + firing + " of them fire for this example");
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
    $("play").textContent = "Play";
  }

  $("play").addEventListener("click", () => {
    if (timer) return stop();
    if (Number($("step").value) === about.steps.length - 1) $("step").value = 0;
    $("play").textContent = "Pause";
    timer = setInterval(() => {
      $("step").stepUp();
      show();
      if (Number($("step").value) === about.steps.length - 1) stop();
    }, 180);
    show();
  });
  $("step").addEventListener("input", () => { if (timer) stop(); show(); });
  for (const id of ["probe", "neuron"]) $(id).addEventListener("input", show);
  $("loss").addEventListener("pointerdown", (event) => {
    const wanted = stepAt(event.offsetX);
    const far = about.steps.map((step) => Math.abs(Math.log1p(step) - Math.log1p(Math.max(0, wanted))));
    $("step").value = far.indexOf(Math.min(...far));
    show();
  });
  $("weights").addEventListener("pointerdown", (event) => {
    const scale = $("weights").width / $("weights").clientWidth;
    const [u, v] = [event.offsetX, event.offsetY].map((each, axis) => Math.floor((each * scale) / grid.cell[axis]));
    const index = v * grid.wide + u;
    if (index < about.neurons.length) { $("neuron").value = index; show(); }
  });
  new ResizeObserver(show).observe($("loss"));
  $("step").value = about.steps.length - 1;
  show();
  document.body.dataset.ready = "yes";
});

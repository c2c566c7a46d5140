// Pictures: each takes recorded numbers and paints them with the colour tables of the clip.
const { colors } = about;
const [tileRows, tileColumns] = about.tile;

function paint(canvas, width, height, colorAt) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [table, index] = colorAt(i % width, Math.floor(i / width));
    image.data.set([table[3 * index], table[3 * index + 1], table[3 * index + 2], 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function drawInput(canvas, pixels) {
  paint(canvas, tileColumns, tileRows, (x, y) => {
    const value = Math.min(1, Math.max(0, pixels[y * tileColumns + x]));
    return [colors.gray, Math.round(255 * value)];
  });
}

function drawNeuron(canvas, weights) {
  paint(canvas, tileColumns, tileRows, (x, y) => [colors.signed, weights[y * tileColumns + x] + 127]);
}

// All neurons in a grid, each framed in its activation.
function drawGrid(canvas, weightsOf, activations, levels) {
  const count = about.neurons.length;
  const wide = Math.min(count, Math.max(4, Math.floor(960 / (tileColumns + 4) / 2)));
  const cell = [tileColumns + 4, tileRows + 4];
  const high = Math.ceil(count / wide);
  const rows = Array.from({ length: count }, (_, neuron) => weightsOf(neuron));
  paint(canvas, wide * cell[0], high * cell[1], (x, y) => {
    const neuron = Math.floor(y / cell[1]) * wide + Math.floor(x / cell[0]);
    const [u, v] = [(x % cell[0]) - 2, (y % cell[1]) - 2];
    if (neuron >= count) return [colors.activation, 0];
    const inside = u >= 0 && v >= 0 && u < tileColumns && v < tileRows;
    if (inside) return [colors.signed, rows[neuron][v * tileColumns + u] + 127];
    const gap = u === -2 || v === -2 || u > tileColumns || v > tileRows;
    return [colors.activation, gap ? 0 : Math.round((255 * Math.abs(activations[neuron])) / levels)];
  });
  return { wide, cell };
}

// Loss over the steps, in log time: batch loss as a band of light, test loss as a line, a mark where we are.
function drawLoss(canvas, arrays, step) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * ratio, 150 * ratio];
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const top = Math.max(...arrays.loss_batch.values.filter(Number.isFinite), ...arrays.loss_test.values);
  const left = 4 * ratio, low = height - 4 * ratio;
  const x = (each) => left + (Math.log1p(each) / Math.log1p(about.nSteps)) * (width - 2 * left);
  const y = (loss) => low - (Math.max(0, loss) / top) * (low - 8 * ratio);
  const line = (color, thick, points) => {
    context.strokeStyle = color;
    context.lineWidth = thick * ratio;
    context.beginPath();
    points.forEach(([u, v], index) => (index ? context.lineTo(u, v) : context.moveTo(u, v)));
    context.stroke();
  };
  line(colors.muted, 1, [[left, low], [width - left, low]]);
  context.globalAlpha = 0.35;
  line(colors.positive, 1, Array.from(arrays.loss_batch.values, (loss, at) => [x(at), y(loss)]));
  context.globalAlpha = 1;
  line(colors.positive, 3, about.evalSteps.map((at, index) => [x(at), y(arrays.loss_test.values[index])]));
  line(colors.accent, 2, [[x(step), 0], [x(step), height]]);
  return (u) => Math.expm1(((u * ratio - left) / (width - 2 * left)) * Math.log1p(about.nSteps));
}

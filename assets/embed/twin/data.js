// The recording: what is in the page, unpacked into typed arrays.
const about = JSON.parse(document.getElementById("about").textContent);

async function unpack() {
  const packed = Uint8Array.from(atob(document.getElementById("payload").textContent), (c) => c.charCodeAt(0));
  const stream = new ReadableStream({ start(out) { out.enqueue(packed); out.close(); } });
  const buffer = await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  const arrays = {};
  for (const [name, { at, shape, kind, scale }] of Object.entries(about.arrays)) {
    const count = shape.reduce((product, each) => product * each, 1);
    let values;
    if (kind === "f4") {
      values = new Float32Array(buffer, at, count);
    } else {
      const Type = kind === "i1" ? Int8Array : Uint8Array;
      values = new Type(buffer, at, count);
      const row = count / shape[0];
      for (let i = row; i < count; i++) values[i] += values[i - row];
    }
    const levels = { f4: 1, i1: 127, u1: 255 }[kind];
    arrays[name] = { values, shape, unit: kind === "f4" ? 1 : scale / levels, levels };
  }
  return arrays;
}

// A row of an array: its values along the last axis at the given leading indices.
function row(array, ...where) {
  const { values, shape } = array;
  const width = shape[shape.length - 1];
  const start = where.reduce((at, index, axis) => at * shape[axis] + index, 0) * width;
  return values.subarray(start, start + width);
}

// The latest evaluation at or before a step.
function evaluated(arrays, name, step) {
  let found = NaN;
  about.evalSteps.forEach((each, index) => { if (each <= step) found = arrays[name].values[index]; });
  return found;
}

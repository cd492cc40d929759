/** A copy with the dimensions reordered: dimension `d` of the result is dimension `order[d]` of `data`, row-major both. */
export function permute(
  data: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  if (order.every((from, to) => from === to)) return data.slice();
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  // Padded with leading dimensions of length 1 to four, so that the loops are fixed.
  const lengths = [1, 1, 1, 1];
  const steps = [0, 0, 0, 0];
  order.forEach((from, to) => {
    lengths[4 - order.length + to] = shape[from];
    steps[4 - order.length + to] = strides[from];
  });
  const out = new Float32Array(data.length);
  let at = 0;
  for (let a = 0; a < lengths[0]; a++) {
    for (let b = 0; b < lengths[1]; b++) {
      for (let c = 0; c < lengths[2]; c++) {
        let from = a * steps[0] + b * steps[1] + c * steps[2];
        for (let d = 0; d < lengths[3]; d++, from += steps[3]) out[at++] = data[from];
      }
    }
  }
  return out;
}

/** The order that takes a permuted array back. */
export function inverse(order: readonly number[]): number[] {
  return order.map((_, d) => order.indexOf(d));
}

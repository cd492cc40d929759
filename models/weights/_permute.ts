/** Side of the blocks that are copied at a time. */
const BLOCK = 32;

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
  const [, , rows, columns] = lengths;
  for (let a = 0; a < lengths[0]; a++) {
    for (let b = 0; b < lengths[1]; b++) {
      const source = a * steps[0] + b * steps[1];
      const target = (a * lengths[1] + b) * rows * columns;
      // Block by block, so that what is read across and what is written along both stay in the cache.
      for (let top = 0; top < rows; top += BLOCK) {
        const bottom = Math.min(top + BLOCK, rows);
        for (let left = 0; left < columns; left += BLOCK) {
          const right = Math.min(left + BLOCK, columns);
          for (let row = top; row < bottom; row++) {
            let from = source + row * steps[2] + left * steps[3];
            const end = target + row * columns + right;
            for (let at = target + row * columns + left; at < end; at++, from += steps[3]) {
              out[at] = data[from];
            }
          }
        }
      }
    }
  }
  return out;
}

/** The order that takes a permuted array back. */
export function inverse(order: readonly number[]): number[] {
  return order.map((_, d) => order.indexOf(d));
}

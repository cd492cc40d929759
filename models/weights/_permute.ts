/** Side of the blocks that are copied at a time. */
const BLOCK = 32;

/** Copies with the dimensions reordered: dimension `d` of the result is dimension `order[d]` of `data`, row-major both. */
export function permute(
  data: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  if (order.every((from, to) => from === to)) return data.slice();
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  // Padded with leading dimensions of length 1 to four, so that the loops are fixed.
  const padding = Array.from({ length: 4 - order.length }, () => 1);
  const [outer = 1, inner = 1, rows = 1, columns = 1] = [...padding, ...reorder(shape, order)];
  const [outerStep = 1, innerStep = 1, rowStep = 1, step = 1] = [
    ...padding,
    ...reorder(strides, order),
  ];
  const out = new Float32Array(data.length);
  for (let a = 0; a < outer; a++) {
    for (let b = 0; b < inner; b++) {
      const source = a * outerStep + b * innerStep;
      const target = (a * inner + b) * rows * columns;
      // Block by block, so that what is read across and what is written along both stay in the cache.
      for (let top = 0; top < rows; top += BLOCK) {
        const bottom = Math.min(top + BLOCK, rows);
        for (let left = 0; left < columns; left += BLOCK) {
          const right = Math.min(left + BLOCK, columns);
          for (let row = top; row < bottom; row++) {
            let from = source + row * rowStep + left * step;
            const end = target + row * columns + right;
            for (let at = target + row * columns + left; at < end; at++, from += step) {
              out[at] = data[from]!;
            }
          }
        }
      }
    }
  }
  return out;
}

/** Inverts an order, so that it takes a permuted array back. */
export function invert(order: readonly number[]): number[] {
  return order.map((_, d) => order.indexOf(d));
}

/** Reorders the entries of dimensions: entry `d` of the result is entry `order[d]`. */
export function reorder(entries: readonly number[], order: readonly number[]): number[] {
  return order.map((from) => entries[from] ?? 1);
}

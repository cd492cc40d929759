/**
 * The most probable classes.
 *
 * @module
 */

import { countElements, formatShape } from "../types/_shape.ts";

/** Numbers of several examples, such as the outputs that `predictStep` gives. */
export interface Scores {
  /** The numbers in row-major order. */
  readonly data: ArrayLike<number>;
  /** Their shape, `[size, …, classes]`. */
  readonly shape: readonly number[];
}

/** The largest numbers of each row, the largest first. */
export interface TopK {
  /** Their places in the row: indices of classes. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** The numbers. */
  readonly values: Float32Array<ArrayBuffer>;
  /** The shape of both, `[size, …, k]`. */
  readonly shape: readonly number[];
}

/**
 * Finds the k largest of the numbers of each example, such as the classes with the largest logits. With `k` 1 the indices are
 * the predicted classes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { topK } from "@rill/rill/models";
 *
 * const logits = { data: Float32Array.of(1, 3, 2, 9, 7, 8), shape: [2, 3] };
 * const { indices, values, shape } = topK(logits, 2);
 * assertEquals([[...indices], [...values], shape], [[1, 2, 0, 2], [3, 2, 9, 8], [2, 2]]);
 * ```
 *
 * @param scores The numbers, `[size, …, classes]`.
 * @param k How many, from 1 to the number of classes.
 * @returns The largest, in falling order: the first of equal ones first, and NaN before all numbers.
 * @throws {RangeError} If the shape doesn't hold as many numbers as there are, or `k` is out of its range.
 */
export function topK({ data, shape }: Scores, k: number): TopK {
  const classes = shape.at(-1);
  if (classes === undefined || countElements(shape) !== data.length) {
    throw new RangeError(
      `Cannot find the largest of ${data.length} numbers of ${
        formatShape(shape) || "no dimension"
      }: it takes as many as that holds, with one dimension at least`,
    );
  }
  if (!Number.isInteger(k) || k < 1 || k > classes) {
    throw new RangeError(
      `Cannot find the largest ${k} of ${classes} numbers: it must be an integer from 1 to ${classes}`,
    );
  }
  const rows = data.length / classes;
  const indices = new Int32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    indices.set(findLargest(data, row * classes, classes, k), row * k);
  }
  const values = Float32Array.from(
    indices,
    (index, i) => data[Math.floor(i / k) * classes + index]!,
  );
  return { indices, values, shape: [...shape.slice(0, -1), k] };
}

/** Finds the places of a row's k largest: goes through the row once, with the largest so far in order. */
function findLargest(data: ArrayLike<number>, first: number, classes: number, k: number): number[] {
  const best: number[] = [];
  for (let c = 0; c < classes; c++) {
    const value = data[first + c]!;
    let at = best.length;
    while (at > 0 && isLarger(value, data[first + best[at - 1]!]!)) at--;
    if (at === k) continue;
    best.splice(at, 0, c);
    if (best.length > k) best.pop();
  }
  return best;
}

const isLarger = (a: number, b: number): boolean => a > b || Number.isNaN(a) && !Number.isNaN(b);

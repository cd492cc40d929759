// Tensors of drawn numbers, and arrays of them.
import { drawNumbers } from "../../kernels/wasm/_draw.ts";
import { isInHostMemory } from "../../kernels/wasm/_host_memory.ts";
import type { Distribution } from "../../random/_draw.ts";
import type { Key } from "../../random/key.ts";
import { countElements } from "../../types/_shape.ts";
import type { Tensor } from "../../types/tensor.ts";
import { createRoom, viewNumbers } from "./host_memory.ts";
import { checkOpen } from "./operands.ts";
import { createTensor } from "./tensors.ts";

/** The layout of a tensor: its shape at rest, and the dimension at rest that each dimension in memory is. */
export interface DrawnLayout {
  readonly shape: readonly number[];
  readonly order: readonly number[];
}

/** Draws an array of numbers, each a function of the key and its index. */
export function drawArray(
  distribution: Distribution,
  key: Key,
  count: number,
): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  if (distribution.kind === "constant") return numbers.fill(distribution.value);
  drawNumbers(distribution, key, 0, numbers);
  return numbers;
}

/** Draws a tensor, whose indices are those at rest. It is drawn where it is to lie in memory, and no second time. */
export function drawTensor(distribution: Distribution, key: Key, layout: DrawnLayout): Tensor {
  checkOpen("make a tensor");
  const shape = layout.order.map((d) => layout.shape[d] ?? 1);
  if (!isInHostMemory()) {
    const numbers = new Float32Array(countElements(shape));
    drawInLayout(distribution, key, layout, numbers);
    return createTensor(numbers, shape);
  }
  const tensor = createRoom(shape);
  drawInLayout(distribution, key, layout, viewNumbers(tensor) as Float32Array<ArrayBuffer>);
  return tensor;
}

/** The numbers of the tiles in which a tensor is drawn: so many rows of its first dimension at rest, of so many numbers each. */
const [ROWS, COLUMNS] = [64, 256];

/** What a row of a tile has besides, so that not all rows of a column begin in the same lines of a cache. */
const APART = 16;

/** Draws numbers by their indices at rest, and places them as they lie in memory. */
export function drawInLayout(
  distribution: Distribution,
  key: Key,
  { shape, order }: DrawnLayout,
  out: Float32Array<ArrayBuffer>,
): void {
  if (distribution.kind === "constant") {
    out.fill(distribution.value);
    return;
  }
  if (order.every((d, i) => d === i)) {
    drawNumbers(distribution, key, 0, out);
    return;
  }
  const [rows = 1, ...rest] = shape;
  const [rowStep = 1, ...steps] = computeSteps(shape, order);
  const places = placeRow(rest, steps);
  const pitch = COLUMNS + APART;
  const tile = new Float32Array(ROWS * pitch);
  for (let top = 0; top < rows; top += ROWS) {
    const height = Math.min(ROWS, rows - top);
    for (let left = 0; left < places.length; left += COLUMNS) {
      const width = Math.min(COLUMNS, places.length - left);
      for (let row = 0; row < height; row++) {
        const first = (top + row) * places.length + left;
        drawNumbers(distribution, key, first, tile.subarray(row * pitch, row * pitch + width));
      }
      for (let column = 0; column < width; column++) {
        let to = places[left + column]! + top * rowStep;
        for (let row = 0, from = column; row < height; row++, from += pitch, to += rowStep) {
          out[to] = tile[from]!;
        }
      }
    }
  }
}

/** Computes how far apart in memory two numbers are that are neighbours at rest, along each dimension at rest. */
function computeSteps(shape: readonly number[], order: readonly number[]): number[] {
  const steps = shape.map(() => 1);
  let step = 1;
  for (const d of order.toReversed()) {
    steps[d] = step;
    step *= shape[d] ?? 1;
  }
  return steps;
}

/** Finds where in memory the numbers of the first row at rest lie. */
function placeRow(lengths: readonly number[], steps: readonly number[]): Int32Array {
  const places = new Int32Array(countElements(lengths));
  let count = 1;
  for (let d = lengths.length - 1; d >= 0; d--) {
    const [length = 1, step = 1] = [lengths[d], steps[d]];
    for (let i = 1; i < length; i++) {
      for (let at = 0; at < count; at++) places[i * count + at] = places[at]! + i * step;
    }
    count *= length;
  }
  return places;
}

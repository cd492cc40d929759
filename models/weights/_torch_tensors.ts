// The numbers of PyTorch's tensors: views of storages as arrays of their own.
import { countElements } from "../types/_shape.ts";
import { ELEMENT_BYTES, toFloat32 } from "./_elements.ts";
import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import { advance } from "./_permute.ts";
import type { Storage, TensorView } from "./_torch_values.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** A tensor and its name. */
export interface NamedView {
  readonly name: string;
  readonly view: TensorView;
}

/**
 * Checks that each tensor lies within its storage, and that all together hold no more than a file of that many bytes should:
 * a tensor may have one element many times, with a stride of 0, and many tensors the same storage.
 *
 * @param size The file's length.
 */
export function checkViews(views: readonly NamedView[], size: number): void {
  let total = 0;
  for (const { name, view: { storage, offset, shape, strides } } of views) {
    const count = countElements(shape);
    const last = shape.reduce((at, length, d) => at + (length - 1) * strides[d]!, offset);
    if (count > 0 && !(last < storage.length)) {
      fail(
        `tensor ${clip(name)} goes up to element ${last} of storage ${clip(storage.key)}, ` +
          `which has ${storage.length}`,
      );
    }
    total += count;
    if (!(total <= 2 * size + SMALL)) {
      fail(`its tensors up to ${clip(name)} repeat what it holds to ${total} elements`);
    }
  }
}

/** The elements that tensors of the smallest file may have. */
const SMALL = 2 ** 16;

/** Gives the numbers of a storage, which are converted once. */
export function decodeStorage(
  { key, type, length }: Storage,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const expected = length * ELEMENT_BYTES[type];
  if (bytes.length !== expected) {
    fail(
      `storage ${
        clip(key)
      } has ${bytes.length} bytes: ${length} elements of ${type} are ${expected}`,
    );
  }
  return toFloat32(type, bytes);
}

/** Copies a tensor's numbers out of its storage's, row by row; gives a view where they lie one behind the other. */
export function gatherTensor(
  { offset, shape, strides }: TensorView,
  storage: Float32Array<ArrayBuffer>,
): StoredTensor {
  const count = countElements(shape);
  if (count === 0) return { shape, data: new Float32Array() };
  if (isContiguous(shape, strides)) {
    return { shape, data: storage.subarray(offset, offset + count) };
  }
  const data = new Float32Array(count);
  const inner = shape.at(-1)!;
  const step = strides.at(-1)!;
  const rows = shape.slice(0, -1);
  const index = rows.map(() => 0);
  let from = offset;
  for (let at = 0; at < count; at += inner) {
    for (let i = 0; i < inner; i++) data[at + i] = storage[from + i * step]!;
    from = advance(index, rows, strides, from);
  }
  return { shape, data };
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    // Where there is one index, no step is taken.
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d]!;
  }
  return true;
}

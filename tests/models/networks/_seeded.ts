// Numbers that Python and TypeScript make alike, bit by bit, without files: `_references/seeded.py` is the same in Python.
import type { Network, StoredTensor, TrainingBatch } from "@rill/rill/models";
import { toMemory } from "./_layouts.ts";

/** Hashes an ASCII name by FNV-1a, 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Hashes each index to 32 bits: the golden ratio's sequence, and MurmurHash3's last steps. */
export function hashIndices(name: string, count: number): Uint32Array<ArrayBuffer> {
  const hashes = new Uint32Array(count);
  const start = hashName(name);
  for (let i = 0; i < count; i++) {
    let x = Math.imul(i, 0x9e3779b1) + start | 0;
    x = Math.imul(x ^ x >>> 16, 0x85ebca6b);
    x = Math.imul(x ^ x >>> 13, 0xc2b2ae35);
    hashes[i] = x ^ x >>> 16;
  }
  return hashes;
}

/** Makes numbers that are uniform in [offset - scale, offset + scale): 24 bits, times the scale, plus the offset, each rounded. */
export function seeded(
  name: string,
  count: number,
  scale = 1,
  offset = 0,
): Float32Array<ArrayBuffer> {
  const hashes = hashIndices(name, count);
  const numbers = new Float32Array(count);
  const [factor, term] = [Math.fround(scale), Math.fround(offset)];
  for (let i = 0; i < count; i++) {
    const unit = ((hashes[i]! >>> 8) - 2 ** 23) / 2 ** 23;
    numbers[i] = Math.fround(unit * factor) + term;
  }
  return numbers;
}

/** Makes the value of a network's parameter or buffer, in its layout at rest. */
export function seededVariable(name: string, shape: readonly number[]): StoredTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const kind = name.slice(name.lastIndexOf(".") + 1);
  const data = kind === "num_batches_tracked"
    ? new Float32Array(count)
    : kind === "running_var"
    ? seeded(name, count, 0.5, 1)
    : kind === "bias" || kind === "running_mean"
    ? seeded(name, count, 0.1)
    : shape.length === 1
    ? seeded(name, count, 0.25, 1)
    : seeded(name, count, Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1)));
  return { shape: [...shape], data };
}

/** Biases with values of their own, by name and index. */
export type Biases = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Factors and terms of variables, by the end of their names. */
export type Changes = Readonly<Record<string, readonly [factor: number, term: number]>>;

/** Makes the values of all parameters and buffers of a network, for `importParams`. */
export function seededVariables(
  network: Network,
  { biases = {}, changes = {} }: { readonly biases?: Biases; readonly changes?: Changes } = {},
): Record<string, StoredTensor> {
  return Object.fromEntries(
    [...network.parameters, ...network.buffers].map(({ name, shape }) => {
      const stored = seededVariable(name, shape);
      for (const [end, [factor, term]] of Object.entries(changes)) {
        if (!name.endsWith(`.${end}`)) continue;
        stored.data.forEach((x, i, data) => data[i] = Math.fround(x * factor) + term);
      }
      for (const [index, bias] of Object.entries(biases[name] ?? {})) {
        stored.data[Number(index)] = bias;
      }
      return [name, stored] as const;
    }),
  );
}

/** Makes a batch of images `[size, height, width, channels]`. `shape` is PyTorch's: `[size, channels, height, width]`. */
export function seededImages(name: string, shape: readonly number[]): TrainingBatch["images"] {
  return toMemory({ shape: [...shape], data: seeded(name, shape.reduce((a, b) => a * b, 1)) });
}

/** Makes labels of classes that are all alike. */
export function seededLabels(
  name: string,
  size: number,
  classes: number,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(hashIndices(name, size), (hash) => hash % classes);
}

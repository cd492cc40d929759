import { assert, AssertionError } from "@std/assert";
import {
  type Backend,
  type Either,
  type Evaluation,
  openBackend,
  type OpenBackendOptions,
  type Optimizer,
  type OptimizerState,
  type Params,
  randomKey,
  type StoredTensor,
  type Tensor,
  type TrainingBatch,
  updateByOptimizer,
} from "@rill/rill/models";
import { computeCrossEntropy, findLargest } from "../../models/ops/_ops.ts";
import { drawOnHost } from "../../models/random/_draw.ts";
import { webgpuTest } from "./_webgpu.ts";

export { getOrThrow } from "@rill/rill/models";

/** Gets the error, where there has to be one. */
export function getError<E>(either: Either<E, unknown>): E {
  assert(either._tag === "Left", "there is no error");
  return either.left;
}

/** Opens a backend for the time that `fn` takes, and fails if the device reports an error. */
export async function withBackend<T>(
  name: "wasm" | "webgpu",
  fn: (backend: Backend) => T | Promise<T>,
  options?: OpenBackendOptions,
): Promise<T> {
  const backend = await openBackend(name, options);
  try {
    const result = await fn(backend);
    await backend.sync();
    return result;
  } finally {
    await backend.close();
  }
}

/** Registers a test for each backend. */
export function backendTest(name: string, fn: (backend: Backend) => void | Promise<void>): void {
  Deno.test(`${name}, on WASM`, () => withBackend("wasm", fn));
  webgpuTest(`${name}, on WebGPU`, () => withBackend("webgpu", fn));
}

/** Draws numbers from -1 to 1 that are the same every time. */
export function numbers(count: number, seed = 0): Float32Array<ArrayBuffer> {
  const drawn = new Float32Array(count);
  drawOnHost({ kind: "uniform", low: -1, high: 1 }, randomKey(seed), 0, drawn);
  return drawn;
}

/** Makes a batch of such images, classes in turn. */
export function randomBatch(
  size: number,
  inputShape: readonly number[],
  classes: number,
  seed = 0,
): TrainingBatch {
  const shape = [size, ...inputShape];
  return {
    images: { data: numbers(shape.reduce((a, b) => a * b, 1), seed), shape },
    labels: Int32Array.from({ length: size }, (_, i) => (i + seed) % classes),
    size,
  };
}

/** Computes each example's loss and prediction from the logits that an evaluation gives. */
export function measureExamples(
  { size, outputs }: Pick<Evaluation, "size" | "outputs">,
  labels: Int32Array,
): { readonly losses: number[]; readonly predictions: number[] } {
  const classes = outputs.data.length / size;
  const rows = Array.from(
    { length: size },
    (_, i) => outputs.data.subarray(i * classes, (i + 1) * classes),
  );
  return {
    losses: rows.map((row, i) => computeCrossEntropy(row, labels[i]!)),
    predictions: rows.map(findLargest),
  };
}

/** Copies a tensor out of the backend and releases it. */
export async function take(tensor: Tensor): Promise<number[]> {
  const data = Array.from(await tensor.data());
  tensor.dispose();
  return data;
}

/** Fails unless each number is within `tolerance` of what is expected, in units of the largest of those or of `scale`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "numbers",
  scale = 1,
): void {
  assert(actual.length === expected.length, `${what}: ${actual.length} of ${expected.length}`);
  // Plain loops: some of these are millions long.
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * scale)) {
      throw new AssertionError(
        `${what}: ${actual[i]} instead of ${expected[i]} at ${i} (scale ${scale})`,
      );
    }
  }
}

/** A tensor of a file of references. */
export interface Reference {
  readonly shape: number[];
  /** Little-endian float32 in base64. */
  readonly data: string;
}

/** Reads a file of references that PyTorch computed. */
export async function readReferences<T>(name: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(`references/${name}`, import.meta.url)));
}

/** Decodes little-endian float32 in base64. */
export function decodeFloats(text: string): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

/** Converts a reference to a stored tensor. */
export function fromReference({ shape, data }: Reference): StoredTensor {
  return { shape, data: decodeFloats(data) };
}

/** Converts several references, by name. */
export function fromReferences(
  references: Readonly<Record<string, Reference>>,
): Record<string, StoredTensor> {
  return Object.fromEntries(
    Object.entries(references).map(([name, reference]) => [name, fromReference(reference)]),
  );
}

/** Makes one update: the next parameters and the next state. */
export function update(
  optimizer: Optimizer,
  params: Params,
  gradients: Params,
  state: OptimizerState,
): [Params, OptimizerState] {
  const next = updateByOptimizer(optimizer, { params, gradients, state });
  return [next.params, next.state];
}

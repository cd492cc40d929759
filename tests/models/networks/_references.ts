// What PyTorch computes with seeded weights, and how it is compared: see `_references/README.md`.
import { assert, assertEquals } from "@std/assert";
import type { NamedSpec, Network, StoredTensor, TrainingBatch, Variables } from "@rill/rill/models";
import { getOrThrow, importParams } from "@rill/rill/models";
import { assertClose, fromReference, type Reference } from "../_helpers.ts";
import { toMemory, toRest } from "./_layouts.ts";
import {
  type Biases,
  type Changes,
  hashIndices,
  seeded,
  seededImages,
  seededLabels,
  seededVariables,
} from "./_seeded.ts";

/** What is compared of a large array, in its layout at rest. */
export interface Digest {
  /** The number of elements. */
  readonly count: number;
  /** The largest magnitude. */
  readonly largest: number;
  /** The root of the sum of squares. */
  readonly norm: number;
  /** The sum of the products with seeded numbers, in which each element has a part of its own. */
  readonly projection: number;
  /** The elements at hashed places. */
  readonly values: readonly number[];
}

type Digests = Readonly<Record<string, Digest>>;

/** The images of a batch, by a name from which they follow. */
export interface ReferenceInput {
  readonly input: string;
  readonly shape: readonly number[];
  /** The labels, where something is learned. */
  readonly labels?: readonly number[];
}

/** A step of training. */
export interface StepReference {
  readonly loss: number;
  /** The running sums of gradients, by parameter; after the first step these are its gradients. */
  readonly momentum: Digests;
  /** The parameters after the step; none where there is one step, whose gradients tell of them. */
  readonly params: Digests;
  readonly buffers: Digests;
}

/** What PyTorch computes with a network whose variables are seeded. */
export interface NetworkReference {
  readonly classes: number;
  /** The biases that are not seeded: with them no rectifier's input is so near 0 that rounding could change its sign. */
  readonly biases: Biases;
  /** Factors and terms of variables, where the seeded ones amplify rounding; in older files none. */
  readonly changes?: Changes;
  /** Passes of use. `shape` is PyTorch's, `[size, channels, height, width]`; the logits are `[size, classes]`. */
  readonly use: readonly (ReferenceInput & { readonly logits: readonly number[] })[];
  /** Steps on one batch by SGD, without dropout. */
  readonly training: ReferenceInput & {
    readonly labels: readonly number[];
    readonly optimizer: { readonly learningRate: number; readonly momentum: number };
    readonly steps: readonly StepReference[];
  };
}

/** Reads what PyTorch computes with a network. */
export async function readNetworkReference(name: string): Promise<NetworkReference> {
  return await readJson(`${name}.json`);
}

/** Makes the variables of a network as the reference has them, new tensors on the backend. */
export function importSeeded(
  network: Network,
  settings: Pick<NetworkReference, "biases" | "changes">,
): Variables {
  return getOrThrow(importParams(network, seededVariables(network, settings)));
}

/** Makes a batch of a network's reference. */
export function makeReferenceBatch(
  { classes }: Pick<NetworkReference, "classes">,
  { input, shape, labels: expected }: ReferenceInput,
): TrainingBatch {
  const [size = 0] = shape;
  const labels = seededLabels(`labels of ${input}`, size, classes);
  if (expected) assertEquals([...labels], expected);
  return { images: seededImages(input, shape), labels, size };
}

/**
 * Fails unless an array is the one of the digest: all but the projection within `tolerance` of the largest element, or of the
 * norm. The projection, in which the errors of all elements add up at random, within `tolerance · √count` of the largest.
 *
 * @param actual The numbers in their layout at rest.
 * @param options What it is, for people, and the least that counts as the largest element: a gradient that is 0 but for rounding has
 * no digits to compare.
 */
export function assertDigest(
  name: string,
  actual: ArrayLike<number>,
  { count, largest, norm, projection, values }: Digest,
  tolerance: number,
  { what = name, least = 1e-6 }: { readonly what?: string; readonly least?: number } = {},
): void {
  assertEquals(actual.length, count, what);
  const probe = seeded(`probe of ${name}`, count);
  let [squares, product, most] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const value = actual[i]!;
    squares += value * value;
    product += value * probe[i]!;
    most = Math.max(most, Math.abs(value));
  }
  const places = Array.from(hashIndices(`places of ${name}`, values.length), (h) => h % count);
  const scale = Math.max(largest, least);
  const near = (label: string, got: number, expected: number, bound: number) =>
    assert(
      Math.abs(got - expected) <= bound,
      `${what}: ${label} ${got} instead of ${expected}, at most ${bound} off`,
    );
  near("the largest is", most, largest, tolerance * scale);
  // Of what has no digits each element may be off by as much.
  const length = largest < least ? Math.sqrt(count) * scale : Math.max(norm, scale);
  near("the norm is", Math.sqrt(squares), norm, tolerance * length);
  near("the projection is", product, projection, tolerance * Math.sqrt(count) * scale);
  places.forEach((place, i) =>
    near(`at ${place} is`, actual[place]!, values[i]!, tolerance * scale)
  );
}

/** Fails unless all tensors, in their layout at rest, are those of the digests. */
export function assertDigests(
  actual: Readonly<Record<string, StoredTensor>>,
  expected: Digests,
  tolerance: number,
  what: string,
): void {
  const most = Math.max(...Object.values(expected).map(({ largest }) => largest));
  for (const [name, digest] of Object.entries(expected)) {
    const stored = actual[name];
    assert(stored, `${what}: there is no ${name}`);
    // What is 0 in exact numbers has nothing but rounding, which is of the size of the others.
    const least = digest.largest < 1e-12 * most ? 1e-2 * most : 1e-6;
    assertDigest(name, stored.data, digest, tolerance, { what: `${what}, ${name}`, least });
  }
}

/** Reads tensors, such as gradients or an optimizer's running values, and puts them in their layouts at rest. */
export async function readAtRest(
  specs: readonly NamedSpec[],
  tensors: Variables["params"],
): Promise<Record<string, StoredTensor>> {
  const read: Record<string, StoredTensor> = {};
  for (const spec of specs) {
    const tensor = tensors[spec.name];
    assert(tensor, `there is no ${spec.name}`);
    read[spec.name] = { shape: [...spec.shape], data: toRest(spec, await tensor.data()) };
  }
  return read;
}

/** What PyTorch computes with a single layer. Channels come last, parameters are in their layout at rest. */
export interface LayerReference {
  /** The layer's function, such as `conv2d`. */
  readonly kind: string;
  /** What it is given, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly training: boolean;
  readonly input: StoredTensor;
  readonly params: Readonly<Record<string, StoredTensor>>;
  readonly buffers: Readonly<Record<string, StoredTensor>>;
  readonly output: StoredTensor;
  /** What the output is multiplied with before the sum that is differentiated. */
  readonly outputGradient: StoredTensor;
  readonly inputGradient: StoredTensor;
  readonly gradients: Readonly<Record<string, StoredTensor>>;
  /** The buffers that a training pass gives, where there are some. */
  readonly buffersAfter?: Readonly<Record<string, StoredTensor>>;
}

/** Reads what PyTorch computes with single layers. */
export async function readLayerReferences(): Promise<LayerReference[]> {
  type Stored = Readonly<Record<string, Reference>>;
  type Raw = {
    readonly [K in keyof LayerReference]: LayerReference[K] extends StoredTensor ? Reference
      : K extends "params" | "buffers" | "gradients" | "buffersAfter" ? Stored
      : LayerReference[K];
  };
  const all = (stored: Stored) =>
    Object.fromEntries(Object.entries(stored).map(([name, one]) => [name, fromReference(one)]));
  const channelsLast = (one: Reference) => toMemory(fromReference(one));
  return (await readJson<Raw[]>("layers.json")).map((raw) => ({
    kind: raw.kind,
    options: raw.options,
    training: raw.training,
    input: channelsLast(raw.input),
    params: all(raw.params),
    buffers: all(raw.buffers),
    output: channelsLast(raw.output),
    outputGradient: channelsLast(raw.outputGradient),
    inputGradient: channelsLast(raw.inputGradient),
    gradients: all(raw.gradients),
    ...raw.buffersAfter && { buffersAfter: all(raw.buffersAfter) },
  }));
}

/** Fails unless each number is within `tolerance` of what PyTorch has, in units of the largest of those. */
export function assertStored(
  actual: ArrayLike<number>,
  expected: StoredTensor,
  tolerance: number,
  what: string,
): void {
  assertClose(actual, expected.data, tolerance, what, 1e-6);
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(`_references/${name}`, import.meta.url)));
}

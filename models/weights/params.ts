/**
 * Parameters at rest.
 *
 * @module
 */

import type { InitializerName } from "../layers/initializers.ts";
import type { Network } from "../layers/network.ts";
import type { NamedSpec } from "../layers/variable_spec.ts";
import type { Key } from "../random/key.ts";
import { disposeTensors, getTensor } from "../types/_tensors.ts";
import { type Either, left, right } from "../types/either.ts";
import type { Params, Tensor, Variables } from "../types/tensor.ts";
import { adaptNames } from "./_adapt_names.ts";
import { isBatchCount, matchParams } from "./_match_params.ts";
import { compareTensors, createMismatchError, importTensors } from "./_stored_tensors.ts";
import { collectTensors, streamVariables } from "./_stream_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";
import type { CheckpointError, CheckpointErrorFacts } from "./checkpoint_error.ts";

export type { InitializerName } from "../layers/initializers.ts";
export type { Network } from "../layers/network.ts";
export type { Key } from "../random/key.ts";
export type { Either } from "../types/either.ts";
export type { Variables } from "../types/tensor.ts";
export type { StoredTensor } from "./checkpoint.ts";
export { CheckpointError, type CheckpointErrorFacts } from "./checkpoint_error.ts";

/**
 * Copies parameters and buffers out of the backend, in PyTorch's names and layouts.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, exportParams, linear, openBackend, randomKey } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const stored = await exportParams(network.right, network.right.init(randomKey(0)));
 * assertEquals(stored["weight"]?.shape, [2, 3]);
 * await backend.close();
 * ```
 *
 * @param network The network that they belong to.
 * @param variables The parameters and buffers, or the state of a training; they stay as they are.
 * @returns Each tensor by its name. Rejects with a `RangeError` if a step has consumed the state.
 */
export async function exportParams(
  network: Network,
  variables: Variables,
): Promise<Record<string, StoredTensor>> {
  return await collectTensors(streamVariables(network, variables));
}

/** Options of {@linkcode importParams} that take what fits. */
export interface PartialImportOptions {
  /** Takes the tensors that fit, and draws the others. */
  readonly partial: true;
  /** The key of the draw. What is missing is as `network.init(key)` gives it. */
  readonly key: Key;
  /** The distribution of what is drawn, `"pytorch"` by default. */
  readonly initializer?: InitializerName;
}

/**
 * What {@linkcode importParams} has made of tensors of which not all fit. Batch normalization's `num_batches_tracked` isn't missing
 * where it isn't there: it is 0.
 */
export interface PartialImport extends Required<CheckpointErrorFacts> {
  /** All of the network's parameters and buffers, owned by the caller. */
  readonly variables: Variables;
  /** The names whose tensors were taken. Those that are missing or misshaped were drawn, those that are extra left over. */
  readonly kept: readonly string[];
}

/**
 * Copies parameters and buffers in PyTorch's names and layouts to the backend. By default every tensor must be there, in its
 * shape, and no other; only batch normalization's `num_batches_tracked`, which files from before PyTorch 0.4.1 haven't, may be
 * missing, which makes it 0, or left over; and a network may know names that files call its tensors, or tensors of parts that it
 * does without, which are left over: torchvision's files of DenseNets and of GoogLeNet load as they are.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { build, importParams, linear } from "@rill/rill/models";
 *
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const stored = { weight: { shape: [2, 3], data: new Float32Array(6) } };
 * const params = importParams(network.right, stored);
 * assert(params._tag === "Left");
 * assertEquals(params.left.missing, ["bias"]);
 * ```
 *
 * @param network The network that they are for.
 * @param stored Each tensor by its name.
 * @returns New tensors, owned by the caller, or the error that names every tensor that is missing, extra or misshaped.
 */
export function importParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
): Either<CheckpointError, Variables>;
/**
 * Copies the parameters and buffers that fit to the backend, and draws the others, such as the last layer of a network that is
 * to know other classes.
 *
 * @example Fine-tuning: the features are those of the file, the last layer is new
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const net = (classes: number) => rill.sequential({ features: rill.linear(4), fc: rill.linear(classes) });
 * const trained = rill.getOrThrow(rill.build(net(10), [3]));
 * const stored = await rill.exportParams(trained, trained.init(rill.randomKey(0)));
 *
 * const network = rill.getOrThrow(rill.build(net(2), [3]));
 * const key = rill.randomKey(1);
 * const { variables, kept, misshaped } = rill.getOrThrow(
 *   rill.importParams(network, stored, { partial: true, key }),
 * );
 * assertEquals(kept, ["features.weight", "features.bias"]);
 * assertEquals(misshaped.map(({ name }) => name), ["fc.weight", "fc.bias"]);
 * assertEquals(variables.params["fc.bias"]?.shape, [2]);
 * await backend.close();
 * ```
 *
 * @param network The network that they are for.
 * @param stored Each tensor by its name.
 * @param options How the others are drawn.
 * @returns New tensors and what they were made of, or an error if none of the stored ones fits.
 */
export function importParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
  options: PartialImportOptions,
): Either<CheckpointError, PartialImport>;
export function importParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
  options?: PartialImportOptions,
): Either<CheckpointError, Variables | PartialImport> {
  if (options?.partial) return importFitting(network, stored, options);
  const matches = matchParams(network, stored);
  return matches._tag === "Left"
    ? matches
    : right(arrangeVariables(network, importTensors(matches.right)));
}

/** Takes the tensors that fit, and draws the others. */
function importFitting(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
  { key, initializer }: PartialImportOptions,
): Either<CheckpointError, PartialImport> {
  const specs = [...network.parameters, ...network.buffers];
  const { tensors, leftOver } = adaptNames(network, stored);
  const { matches, ...compared } = compareTensors(specs, tensors);
  const facts = {
    ...compared,
    // Those are 0 as in the strict import.
    missing: compared.missing.filter((name) => !isBatchCount(name)),
    extra: [...compared.extra, ...leftOver],
  };
  if (matches.length === 0 && specs.length > 0) {
    return left(createMismatchError("parameters", facts, "none of the tensors fits the model"));
  }
  const drawn = network.init(key, initializer);
  const all: Record<string, Tensor> = { ...drawn.params, ...drawn.buffers };
  try {
    for (const [name, tensor] of Object.entries(importTensors(matches))) {
      all[name]?.dispose();
      all[name] = tensor;
    }
  } catch (error) {
    disposeTensors(all);
    throw error;
  }
  return right({
    variables: arrangeVariables(network, all),
    kept: matches.map(({ name }) => name),
    ...facts,
  });
}

/** Sorts tensors into parameters and buffers, in the network's order. */
function arrangeVariables({ parameters, buffers }: Network, tensors: Params): Variables {
  const take = (specs: readonly NamedSpec[]) =>
    Object.fromEntries(specs.map(({ name }) => [name, getTensor(tensors, name)]));
  return { params: take(parameters), buffers: take(buffers) };
}

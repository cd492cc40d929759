/**
 * Trainings at rest: safetensors with all that is needed to go on.
 *
 * @module
 */

import { bringToRest } from "../../weights/_copied_tensors.ts";
import type { NamedTensor } from "../../weights/_stream_tensors.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { OPTIMIZER_PREFIX } from "./_checkpoint_format.ts";
import { encodeFile } from "./_encode_file.ts";
import { copyOptimizer, copyVariables } from "./_copy_parts.ts";
import type { TrainingCopy } from "./copy_training.ts";
import type { TrainingSnapshot } from "../epochs/training_event.ts";

export { CommunicatorError } from "../../parallel/communicator.ts";
export type { StoredTensor } from "../../weights/checkpoint.ts";
export type * from "../epochs/training_event.ts";
export type { CopiedTensor, TensorRecord, TrainingCopy } from "./copy_training.ts";

/** What a checkpoint has in it. */
export interface EncodeCheckpointOptions {
  /**
   * What of the training is encoded:
   * - `"all"`: parameters, buffers and the optimizer's state, to go on from one file;
   * - `"params"`: parameters and buffers, as PyTorch reads them;
   * - `"optimizer"`: the optimizer's state alone, to be a file beside that.
   *
   * @default {"all"}
   */
  readonly contents?: "all" | "params" | "optimizer";
  /**
   * Whether the parameters are the snapshot's `variables`, or the copy's `averages`: the running averages where the optimizer keeps
   * them, which are what was validated, and is to be used. What goes on needs the others.
   *
   * @default {false}
   */
  readonly averaged?: boolean;
  /**
   * Whether the memory of each part is given back when the next is asked for, for whoever has written it by then, as
   * `Deno.writeFile` has. What is given as a copy stays.
   *
   * @default {false}
   */
  readonly release?: boolean;
  /** Anything else that belongs to it, as JSON: settings, classes, preprocessing. */
  readonly data?: unknown;
  /** Further entries of the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Encodes a training as a safetensors file. Position and data are in the metadata, and a checksum of all of it: so all that is
 * encoded is copied before the first part is given. The bytes depend on what is encoded, and on nothing else.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [3]));
 * const state = rill.initTrainState(network, rill.adam(), rill.randomKey(0));
 * const parts = rill.encodeCheckpoint({ network, state }, { data: { classes: ["cat", "dog"] } });
 * const file = await new Response(ReadableStream.from(parts)).bytes();
 * const decoded = rill.getOrThrow(await rill.decodeCheckpoint(file));
 * assertEquals(Object.keys(decoded.params), ["weight", "bias"]);
 * assert(decoded.optimizer);
 * assertEquals(Object.keys(decoded.optimizer), ["m/weight", "m/bias", "v/weight", "v/bias"]);
 * assertEquals(decoded.data, { classes: ["cat", "dog"] });
 * ```
 *
 * @param training The training: a checkpoint event of `trainEpochs`, what another loop has, or a copy of either.
 * @param options What is encoded.
 * @returns The parts of the file, to be written one behind the other. A training that is no copy must stay as it is until the first
 * part is there: a step consumes it, and after a checkpoint event the next event does.
 */
export async function* encodeCheckpoint(
  training: TrainingSnapshot | TrainingCopy,
  { contents = "all", averaged = false, release = false, data, metadata }: EncodeCheckpointOptions =
    {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { params, optimizer } = await selectContents(training, { contents, averaged });
  const prefix = contents === "all" ? OPTIMIZER_PREFIX : "";
  const running = Object.entries(optimizer).map(([name, stored]): NamedTensor => [
    prefix + name,
    stored,
  ]);
  const { position } = training;
  const tensors = [...Object.entries(params), ...running];
  const { parts } = await encodeFile(tensors, { position, data }, metadata);
  yield* parts(release && !("params" in training));
}

type Tensors = Readonly<Record<string, StoredTensor>>;

/** Copies what is wanted of a training, or picks it from a copy. */
async function selectContents(
  training: TrainingSnapshot | TrainingCopy,
  { contents, averaged }: Required<Pick<EncodeCheckpointOptions, "contents" | "averaged">>,
): Promise<{ readonly params: Tensors; readonly optimizer: Tensors }> {
  const [hasParams, hasOptimizer] = [contents !== "optimizer", contents !== "params"];
  if ("params" in training) {
    const { params, averages = params, optimizer = {} } = training;
    const room = {};
    return {
      params: hasParams ? bringToRest(averaged ? averages : params, room) : {},
      optimizer: hasOptimizer ? bringToRest(optimizer, room) : {},
    };
  }
  return {
    params: hasParams ? await copyVariables(training, averaged) : {},
    optimizer: hasOptimizer ? await copyOptimizer(training) : {},
  };
}

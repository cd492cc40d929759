/**
 * Trainings at rest: safetensors with all that is needed to go on.
 *
 * @module
 */

import { singleProcess } from "../../parallel/single_process.ts";
import {
  listOptimizerShapes,
  type NamedTensor,
  streamOptimizerState,
  streamVariables,
} from "../../weights/_stream_tensors.ts";
import { FORMAT, OPTIMIZER_PREFIX, type SavedFacts, VERSION } from "./_checkpoint_format.ts";
import { encodeTensors, listShapes } from "./_encode_tensors.ts";
import type { TrainingSnapshot } from "../epochs/training_event.ts";

export { CommunicatorError } from "../../parallel/communicator.ts";
export type * from "../epochs/training_event.ts";

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
   * Whether the parameters are the snapshot's `variables`, which are the running averages where the optimizer keeps them: what
   * was validated, and is to be used. What goes on needs the others.
   *
   * @default {false}
   */
  readonly averaged?: boolean;
  /**
   * Whether the memory of each part is given back when the next is asked for, for whoever has written it by then, as
   * `Deno.writeFile` has: a file of a gigabyte is written without so much memory, and not only once it is collected.
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
 * Encodes a training as a safetensors file, whose parts are made as they are asked for, one tensor at a time: a file is written
 * without a second copy of all of it in memory. Position and data are in the metadata.
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
 * const decoded = rill.getOrThrow(rill.decodeCheckpoint(file));
 * assertEquals(Object.keys(decoded.params), ["weight", "bias"]);
 * assert(decoded.optimizer);
 * assertEquals(Object.keys(decoded.optimizer), ["m/weight", "m/bias", "v/weight", "v/bias"]);
 * assertEquals(decoded.data, { classes: ["cat", "dog"] });
 * ```
 *
 * @param snapshot The training: a checkpoint event of `trainEpochs`, or what another loop has.
 * @param options What is encoded.
 * @returns The parts of the file, to be written one behind the other. What they are made of must stay: a step consumes it, and after
 * a checkpoint event the next event does.
 */
export async function* encodeCheckpoint(
  { network, state, position, variables = state, gather = singleProcess }: TrainingSnapshot,
  { contents = "all", averaged = false, release = false, data, metadata }: EncodeCheckpointOptions =
    {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const prefix = contents === "all" ? OPTIMIZER_PREFIX : "";
  const facts: SavedFacts = { version: VERSION, position, data };
  async function* stream(): AsyncGenerator<NamedTensor, void, undefined> {
    if (contents !== "optimizer") yield* streamVariables(network, averaged ? variables : state);
    if (contents === "params") return;
    const running = streamOptimizerState(network, state.optimizer, gather());
    for await (const [name, stored] of toTheEnd(running)) yield [prefix + name, stored];
  }
  yield* encodeTensors(
    [
      ...contents === "optimizer" ? [] : listShapes(network),
      ...contents === "params" ? [] : listOptimizerShapes(network, state.optimizer).map(
        ([name, shape]) => [prefix + name, shape] as const,
      ),
    ],
    stream(),
    { release, metadata: { format: "pt", [FORMAT]: JSON.stringify(facts), ...metadata } },
  );
}

/** Passes items on, and takes the rest of them where nobody else does: other threads take part until the last. */
async function* toTheEnd<T>(items: AsyncGenerator<T>): AsyncGenerator<T, void, undefined> {
  let next = await items.next();
  try {
    for (; !next.done; next = await items.next()) yield next.value;
  } finally {
    while (!next.done) next = await items.next();
  }
}

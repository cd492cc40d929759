/**
 * The running averages of a training's parameters.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import * as ops from "../ops/_ops.ts";
import { AVERAGE } from "../optimizers/_running.ts";
import { gatherParts, selectTrained } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { mapTensors } from "../types/_tensors.ts";
import type { Params } from "../types/tensor.ts";
import type { TrainState } from "./train_state.ts";

export type { Network } from "../layers/network.ts";
export type { OptimizerState } from "../optimizers/optimizer.ts";
export { type Communicator, CommunicatorError } from "../parallel/communicator.ts";
export type { Params } from "../types/tensor.ts";
export type { TrainState } from "./train_state.ts";

/**
 * Gives the running averages of parameters that an optimizer with `averaged` keeps, to evaluate or to store; of frozen parameters
 * these themselves.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assert, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * const backend = await rill.openBackend("wasm");
 * const network = rill.build(rill.linear(2), [3]);
 * assert(network._tag === "Right");
 * const optimizer = pipe(rill.adam(), rill.averaged(0.999));
 * const state = rill.initTrainState(network.right, optimizer, rill.randomKey(0));
 * const params = rill.averagedParams(network.right, state);
 * assertEquals(params["weight"]?.shape, [3, 2]);
 * await backend.close();
 * ```
 *
 * @param network The network.
 * @param state The state of the training; it stays as it is.
 * @param communicator The ranks that the training is shared with; one by default. All must ask then.
 * @returns The parameters, owned by the caller; no later step changes them.
 * @throws {RangeError} If the state has no averages.
 */
export function averagedParams(
  network: Network,
  { params, optimizer }: Pick<TrainState, "params" | "optimizer">,
  communicator: Communicator = singleProcess(),
): Params {
  const averages = optimizer.slots[AVERAGE];
  if (!averages) {
    throw new RangeError(
      "Cannot give averages of parameters as the state has none: see averaged, a piece of optimizers",
    );
  }
  if (communicator.size === 1) {
    return mapTensors(params, (tensor, name) => ops.share(averages[name] ?? tensor));
  }
  const wholes = gatherParts(selectTrained(network, optimizer), averages, communicator);
  return mapTensors(params, (tensor, name) => {
    const numbers = wholes.get(name);
    return numbers ? ops.createTensor(numbers, tensor.shape) : ops.share(tensor);
  });
}

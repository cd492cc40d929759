/**
 * The state of a training.
 *
 * @module
 */

import type { InitializerName } from "../layers/initializers.ts";
import type { Network } from "../layers/network.ts";
import { initOptimizerState } from "../optimizers/init_optimizer_state.ts";
import { listTrained } from "../optimizers/list_trained.ts";
import type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
import { listParts, selectTrained, takeParts, viewParts } from "../parallel/_parts.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { foldIn, type Key } from "../random/key.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import { disposeTensors } from "../types/_tensors.ts";
import type { Params, Variables } from "../types/tensor.ts";

export type { InitializerName } from "../layers/initializers.ts";
export type { Network } from "../layers/network.ts";
export type { Optimizer, OptimizerState } from "../optimizers/optimizer.ts";
export type { Communicator } from "../parallel/communicator.ts";
export type { Key } from "../random/key.ts";
export type { Variables } from "../types/tensor.ts";

/** Everything that a training step reads and writes. */
export interface TrainState extends Variables {
  /** The optimizer's state. */
  readonly optimizer: OptimizerState;
  /** The number of steps that were made. */
  readonly step: number;
  /** The key of the run; each step derives its own from it. */
  readonly key: Key;
}

/** The start of a training, if not at drawn parameters. */
export interface InitTrainStateOptions {
  /** The distribution of drawn parameters, `"pytorch"` by default. */
  readonly initializer?: InitializerName | undefined;
  /** Parameters and buffers to start from. The state owns them from then on. */
  readonly variables?: Variables | undefined;
  /** The optimizer's state to go on with. The state owns it from then on. */
  readonly optimizer?: OptimizerState | undefined;
  /** The number of steps that were made before; 0 by default. */
  readonly step?: number | undefined;
  /**
   * The ranks that the training is shared with; one by default. The state then has the optimizer's running values of those
   * parameters only that this rank updates, and `optimizer` is still the whole of them.
   */
  readonly communicator?: Communicator | undefined;
}

/**
 * Makes the state before the first step, or the one to go on from.
 *
 * @example Usage
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { adam, build, initTrainState, linear, openBackend, randomKey } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const network = build(linear(2), [3]);
 * assert(network._tag === "Right");
 * const state = initTrainState(network.right, adam(), randomKey(0));
 * assertEquals(state.params["weight"]?.shape, [3, 2]);
 * await backend.close();
 * ```
 *
 * @param network The network.
 * @param optimizer The optimizer.
 * @param key The key of the run: parameters are drawn and features dropped by it.
 * @param options The start, if not at drawn parameters.
 * @returns The state.
 * @throws {RangeError} If a step has consumed the variables or the optimizer's state.
 */
export function initTrainState(
  network: Network,
  optimizer: Optimizer,
  key: Key,
  options: InitTrainStateOptions = {},
): TrainState {
  const { communicator = singleProcess() } = options;
  for (const given of [options.variables, options.optimizer]) {
    if (given) checkUnconsumed("begin", given);
  }
  const { params, buffers } = options.variables ??
    network.init(foldIn(key, 0), options.initializer);
  return {
    params,
    buffers,
    optimizer: communicator.size === 1
      ? options.optimizer ?? initOptimizerState(optimizer, params)
      : createOwnOptimizerState(network, optimizer, params, options.optimizer, communicator),
    step: options.step ?? 0,
    key: foldIn(key, 1),
  };
}

function createOwnOptimizerState(
  network: Network,
  optimizer: Optimizer,
  params: Params,
  whole: OptimizerState | undefined,
  communicator: Communicator,
): OptimizerState {
  if (whole) return takeParts(listParts(selectTrained(network, whole), communicator), whole);
  const names = network.parameters.map(({ name }) => name);
  const trained = { trained: listTrained(optimizer, names) };
  const own = viewParts(listParts(selectTrained(network, trained), communicator), params);
  const state = initOptimizerState(optimizer, own, names);
  disposeTensors(own);
  return state;
}

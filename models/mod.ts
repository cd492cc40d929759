/**
 * Models as pure builder functions, their training and their weights. Knows nothing of files; batches
 * come from any iterable.
 *
 * @example Training
 * ```ts
 * import { assert } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const model = rill.sequential([rill.linear(8), rill.relu(), rill.linear(2)]);
 * const network = rill.getOrThrow(rill.build(model, [2]));
 * const optimizer = rill.adam({ learningRate: 0.05 });
 * const step = rill.trainStep(network, optimizer);
 *
 * const images = { data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), shape: [4, 2] };
 * const exclusiveOr = { images, labels: Int32Array.of(0, 1, 1, 0), size: 4 };
 * let state = rill.initTrainState(network, optimizer, rill.randomKey(0));
 * for (let i = 0; i < 200; i++) {
 *   [state] = step(state, exclusiveOr);
 * }
 * const { means } = await rill.evalStep(network)(state, exclusiveOr);
 * assert(means.accuracy.sum === 4);
 * ```
 *
 * @module
 */

export * from "./backend/mod.ts";
export * from "./build.ts";
export * from "./find_device.ts";
export * from "./layers/mod.ts";
export * from "./losses/mod.ts";
export * from "./metrics/mod.ts";
export * from "./networks/mod.ts";
export * from "./onnx/mod.ts";
export * from "./open_backend.ts";
export * from "./ops/to_tensor.ts";
export * from "./optimizers/mod.ts";
export * from "./parallel/mod.ts";
export * from "./random/mod.ts";
export * from "./summary_table.ts";
export * from "./training/mod.ts";
export * from "./types/mod.ts";
export * from "./weights/mod.ts";

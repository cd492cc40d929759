/**
 * Losses: what training makes small. A loss is a function of a network's outputs and a batch that gives a sum and its weight, so
 * one of your own is a function, too, written with the operations of `@rill/rill/models/ops`.
 *
 * @example The focal loss, which examples that are told apart well don't count much in (Lin et al., 2017)
 * ```ts
 * import { assert } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 * import * as ops from "@rill/rill/models/ops";
 *
 * const focalLoss = (classes: number, gamma = 2): rill.Loss<rill.Labels> => (logits, { labels, size }) => {
 *   const isClass = ops.oneHot(rill.toTensor(labels, [size]), classes);
 *   const logs = ops.sum(ops.multiply(isClass, ops.logSoftmax(logits)), { axis: 1 });
 *   const doubts = ops.power(ops.subtract(1, ops.exp(logs)), gamma);
 *   return { sum: ops.negate(ops.sum(ops.multiply(doubts, logs))), weight: size };
 * };
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [2]));
 * const optimizer = rill.sgd({ learningRate: 1 });
 * const step = rill.trainStep(network, optimizer, {
 *   loss: focalLoss(2),
 *   metrics: { accuracy: rill.accuracy() },
 * });
 * let state = rill.initTrainState(network, optimizer, rill.randomKey(0));
 * const images = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] };
 * const batch = { images, labels: Int32Array.of(0, 1), size: 2 };
 * const pending = [];
 * for (let i = 0; i < 20; i++) {
 *   const [next, metrics] = step(state, batch);
 *   state = next;
 *   pending.push(metrics);
 * }
 * const metrics = await rill.readMetrics(pending);
 * assert(metrics.at(-1)!.loss < metrics[0]!.loss && metrics.at(-1)!.accuracy === 1);
 * ```
 *
 * @module
 */

export * from "./binary_cross_entropy.ts";
export * from "./cross_entropy.ts";
export * from "./loss.ts";
export * from "./regression.ts";

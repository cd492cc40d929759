/**
 * Evaluations of several batches.
 *
 * @module
 */

import type { NumericMean } from "../losses/loss.ts";
import type { Evaluation } from "./eval_step.ts";

export type { NumericMean } from "../losses/loss.ts";
export type { Evaluation } from "./eval_step.ts";
export type { Prediction } from "./predict_step.ts";

/**
 * Joins the evaluations of several batches, or of parts of one: sums and weights are added up, so that each example counts
 * alike, those of a smaller last batch too, and outputs stand one behind the other.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [2]));
 * const variables = network.init(rill.randomKey(0));
 * const evaluate = rill.evalStep(network);
 * const first = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
 * const last = { data: Float32Array.of(9, 1), shape: [1, 2] };
 * const all = rill.addEvaluations([
 *   await evaluate(variables, { images: first, labels: Int32Array.of(1, 1), size: 2 }),
 *   await evaluate(variables, { images: last, labels: Int32Array.of(1), size: 1 }),
 * ]);
 * assertEquals([all.size, all.outputs.shape], [3, [3, 2]]);
 * assertAlmostEquals(rill.computeMeans(all).accuracy, 2 / 3);
 * ```
 *
 * @typeParam M The names of the metrics.
 * @param evaluations The evaluations, in order, one at least.
 * @returns The evaluation of all examples.
 * @throws {RangeError} If there is none, or they are of different shapes or metrics.
 */
export function addEvaluations<M extends string>(
  evaluations: readonly Evaluation<M>[],
): Evaluation<M> {
  const [first] = evaluations;
  if (!first) throw new RangeError("Cannot add up no evaluations: it takes one at least");
  const names = Object.keys(first.means) as (M | "loss")[];
  const [, ...outputShape] = first.outputs.shape;
  for (const { means, outputs: { shape: [, ...shape] } } of evaluations) {
    if (`${shape}` === `${outputShape}` && `${Object.keys(means)}` === `${names}`) continue;
    throw new RangeError(
      `Cannot add an evaluation of outputs of [${shape}] with ${Object.keys(means).join(", ")} ` +
        `to one of [${outputShape}] with ${names.join(", ")}: they must be alike`,
    );
  }
  const data = new Float32Array(
    evaluations.reduce((sum, { outputs }) => sum + outputs.data.length, 0),
  );
  let at = 0;
  for (const { outputs } of evaluations) {
    data.set(outputs.data, at);
    at += outputs.data.length;
  }
  const size = evaluations.reduce((sum, { size }) => sum + size, 0);
  const means = names.map((name) => [name, addMeans(evaluations.map(({ means }) => means[name]))]);
  return {
    size,
    outputs: { data, shape: [size, ...outputShape] },
    means: Object.fromEntries(means),
  };
}

/**
 * Divides the sums of an evaluation by their weights.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { computeMeans } from "@rill/rill/models";
 *
 * const means = { loss: { sum: 6, weight: 4 }, accuracy: { sum: 3, weight: 4 } };
 * assertEquals(computeMeans({ means }), { loss: 1.5, accuracy: 0.75 });
 * ```
 *
 * @typeParam M The names.
 * @param evaluation The evaluation.
 * @returns The loss and the metrics as numbers; one that weighs nothing is NaN.
 */
export function computeMeans<M extends string>(
  { means }: { readonly means: { readonly [Name in M]: NumericMean } },
): { readonly [Name in M]: number } {
  const entries = Object.entries<NumericMean>(means)
    .map(([name, { sum, weight }]) => [name, sum / weight]);
  return Object.fromEntries(entries);
}

function addMeans(means: readonly NumericMean[]): NumericMean {
  return means.reduce((a, b) => ({ sum: a.sum + b.sum, weight: a.weight + b.weight }));
}

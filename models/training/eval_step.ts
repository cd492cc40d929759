/**
 * The evaluation of one batch.
 *
 * @module
 */

import type { Network } from "../layers/network.ts";
import { crossEntropy } from "../losses/cross_entropy.ts";
import type { ClassLabels, Loss } from "../losses/loss.ts";
import * as ops from "../ops/_ops.ts";
import { checkUnconsumed } from "../types/_consumption.ts";
import type { Variables } from "../types/tensor.ts";
import { watchFields } from "./_batch_fields.ts";
import { createMeasure, measureWhole } from "./_measure.ts";
import { withMeasure } from "./_whole_evaluation.ts";
import { checkBatch, toInputTensor } from "./_to_input_tensor.ts";
import type { NumericMean } from "../losses/loss.ts";
import type { Prediction } from "./predict_step.ts";
import type {
  InputBatch,
  InputOptions,
  LossOptions,
  SizedBatch,
  StepOptions,
} from "./training_batch.ts";

export type { Network } from "../layers/network.ts";
export type { Loss, Mean, Metric, NumericMean } from "../losses/loss.ts";
export type { Variables } from "../types/tensor.ts";
export type { Prediction } from "./predict_step.ts";
export type {
  BatchInput,
  InputBatch,
  InputOptions,
  LossOptions,
  SizedBatch,
  StepOptions,
  TrainingBatch,
} from "./training_batch.ts";

/**
 * A network's outputs for a batch, and what was measured of them: the loss and the metrics, as sums and weights. Those of
 * several batches are added up before they are divided, so that a smaller last batch counts for what it is.
 *
 * @typeParam M The names of the metrics.
 */
export interface Evaluation<M extends string = "accuracy"> {
  /** The number of examples. */
  readonly size: number;
  /** The outputs, such as logits. */
  readonly outputs: Prediction;
  /** The loss and the metrics. */
  readonly means: { readonly [Name in M | "loss"]: NumericMean };
}

/** Evaluates one batch: variables, or the state of a training, and batch to the evaluation. */
export type EvalStep<B extends SizedBatch, M extends string> = (
  variables: Variables,
  batch: B,
) => Promise<Evaluation<M>>;

/**
 * Makes the function that evaluates one batch: a forward pass as in use, without dropout, and the loss. That is the
 * cross-entropy of classification, with the accuracy beside it, unless another is given.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const network = rill.getOrThrow(rill.build(rill.relu(), [2]));
 * const images = { data: Float32Array.of(1, 1, 0, 9), shape: [2, 2] };
 * const evaluate = rill.evalStep(network);
 * const variables = network.init(rill.randomKey(0));
 * const { means } = await evaluate(variables, { images, labels: Int32Array.of(1, 1), size: 2 });
 * assertEquals(means.accuracy, { sum: 1, weight: 2 });
 * assertAlmostEquals(means.loss.sum / means.loss.weight, Math.log(2) / 2, 1e-3);
 * ```
 *
 * @typeParam M The names of further metrics.
 * @typeParam B The batches that those metrics take: all that have classes, or some of them.
 * @typeParam I The batches that the input is made of.
 * @param network The network.
 * @param options The function that makes the network's input of a batch, and further metrics.
 * @returns The function from variables (or the state of a training) and batch to the evaluation. It leaves both as they are, has
 * read all of the batch when it returns its promise, and rejects with a `RangeError` if the batch doesn't fit the network or
 * the loss.
 */
export function evalStep<
  M extends string = never,
  B extends ClassLabels = ClassLabels,
  I extends SizedBatch = InputBatch,
>(
  network: Network,
  options?: Partial<StepOptions<B, never, M, I>> & { readonly loss?: undefined },
): EvalStep<B & I, M | "accuracy">;
/**
 * Makes the function that evaluates one batch by a loss.
 *
 * @typeParam B The batches that the loss takes.
 * @typeParam L The names of the metrics that the loss gives.
 * @typeParam M The names of further metrics.
 * @typeParam I The batches that the input is made of.
 * @param network The network.
 * @param options The loss; besides the function that makes the network's input of a batch, and further metrics.
 * @returns The function from variables (or the state of a training) and batch to the evaluation.
 */
export function evalStep<
  B,
  L extends string = never,
  M extends string = never,
  I extends SizedBatch = InputBatch,
>(
  network: Network,
  options: StepOptions<B, L, M, I>,
): EvalStep<B & I, L | M>;
export function evalStep<B extends SizedBatch>(
  network: Network,
  options: InputOptions<B> & Partial<LossOptions<B, string, string>> = {},
): EvalStep<B, string> {
  const { input } = options;
  const loss = options.loss ?? crossEntropy() as Loss<SizedBatch, string>;
  const measure = createMeasure<B>({ ...options, loss });
  const evaluate: EvalStep<B, string> = async (variables, batch) => {
    checkUnconsumed("evaluate", variables);
    checkBatch(network, batch, input);
    measure.check(batch, network.outputShape);
    const { size } = batch;
    const { output, values, readMeans } = ops.tidy(() => {
      const { watched, checkRead } = watchFields(batch);
      const { output } = network.apply(variables, toInputTensor(network, watched, input));
      const measured = measureWhole(measure, output, watched);
      checkRead();
      return { output, ...measured };
    });
    const [data, numbers] = await Promise.all([output.data(), values.data()]);
    const evaluation = {
      size,
      outputs: { data: Float32Array.from(data), shape: [...output.shape] },
      means: readMeans(numbers, size) as Record<string, NumericMean> & { loss: NumericMean },
    };
    output.dispose();
    values.dispose();
    return evaluation;
  };
  return withMeasure(evaluate, async ({ data, shape }: Prediction, batch: B) => {
    measure.check(batch, network.outputShape);
    const { values, readMeans } = ops.tidy(() =>
      measureWhole(measure, ops.createTensor(data, shape), batch)
    );
    const numbers = await values.data();
    values.dispose();
    return readMeans(numbers, batch.size);
  });
}

// The step that trains on one batch.
import type { Network } from "../layers/network.ts";
import { crossEntropy } from "../losses/cross_entropy.ts";
import type { Loss } from "../losses/loss.ts";
import * as ops from "../ops/_ops.ts";
import { listTrained } from "../optimizers/list_trained.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { updateByOptimizer } from "../optimizers/update_by_optimizer.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { together } from "../parallel/_partial_params.ts";
import { selectTrained } from "../parallel/_parts.ts";
import { singleProcess } from "../parallel/single_process.ts";
import { foldIn } from "../random/key.ts";
import { checkUnconsumed, markConsumed } from "../types/_consumption.ts";
import { disposeTensors } from "../types/_tensors.ts";
import { getPart } from "./_batch_fields.ts";
import { differentiate, type Gradients } from "./_differentiate.ts";
import { createMeasure } from "./_measure.ts";
import { createMetrics, type StepMetrics } from "./_step_metrics.ts";
import { checkBatch } from "./_to_input_tensor.ts";
import { sumSquares, updateInParallel } from "./_update_in_parallel.ts";
import type { TrainState } from "./train_state.ts";
import type { InputOptions, LossOptions, SizedBatch } from "./training_batch.ts";

/** How a step is made, beside what `trainStep` is told. */
export interface CreateStepOptions {
  readonly communicator?: Communicator | undefined;
  /**
   * Whether each rank's parameters have, where that is enough, no more than what it computes with: `completeParams` gathers the
   * others. By default they are whole after each step.
   */
  readonly keepsParts?: boolean;
}

/** Makes the function that trains on one batch: see `trainStep`. */
export function createTrainStep<B extends SizedBatch>(
  network: Network,
  optimizer: Optimizer,
  options: InputOptions<B> & Partial<LossOptions<B, string, string>> & CreateStepOptions,
): (state: TrainState, batch: B) => [TrainState, StepMetrics<string>] {
  const { communicator = singleProcess(), input, keepsParts = false } = options;
  checkTrainable(network);
  const trained = listTrained(optimizer, network.parameters.map(({ name }) => name));
  const loss = options.loss ?? crossEntropy() as Loss<SizedBatch, string>;
  const measure = createMeasure<B>({ ...options, loss });
  return (state, batch) => {
    checkUnconsumed("train", state);
    try {
      checkBatch(network, batch, input);
      measure.check(batch, network.outputShape);
    } catch (error) {
      // A whole batch is refused by every rank alike, a part perhaps by this one alone.
      if (batch.part) communicator.abort(error);
      throw error;
    }
    const step = state.step + 1;
    let pass: Gradients | undefined;
    try {
      pass = together(() =>
        differentiate(network, state, {
          batch,
          trained,
          input,
          measure,
          communicator,
          key: foldIn(state.key, state.step),
          scaling: state.optimizer.scaling,
          divides: optimizer.accumulate === undefined,
        })
      );
      const { gradients, values, weight, buffers, names, readMeans } = pass;
      const multipliers = keepsParts ? pass.multipliers : [];
      markConsumed(state, `step ${step}`);
      const update = () => {
        if (communicator.size > 1) {
          return updateInParallel(network, optimizer, communicator, state, {
            gradients,
            weight,
            multipliers,
          });
        }
        const { params, state: next } = updateByOptimizer(optimizer, {
          params: state.params,
          gradients,
          state: state.optimizer,
          weight,
          ...ops.isInHostMemory() && {
            sumSquares: (gradients) =>
              sumSquares(selectTrained(network, state.optimizer), gradients, communicator),
          },
        });
        disposeTensors(gradients);
        return { params, optimizer: next };
      };
      const updated = update();
      if (typeof weight === "object") weight.dispose();
      releaseReplaced(state.buffers, buffers);
      ops.submit();
      return [
        { params: updated.params, buffers, optimizer: updated.optimizer, step, key: state.key },
        createMetrics<string>({ step, size: getPart(batch).whole, names }, values, readMeans),
      ];
    } catch (error) {
      if (pass) releasePass(pass, state.buffers);
      communicator.abort(error);
      throw error;
    }
  };
}

/** Releases what a pass has given to a step that failed. */
function releasePass(
  { gradients, values, weight, buffers }: Gradients,
  before: TrainState["buffers"],
): void {
  disposeTensors(gradients);
  values.dispose();
  if (typeof weight === "object") weight.dispose();
  releaseReplaced(buffers, before);
}

function checkTrainable({ parameters, layers }: Network): void {
  if (parameters.length > 0) return;
  const descriptions = layers.map(({ layer }) => layer).join(", ");
  throw new RangeError(
    `Cannot train a network without parameters: it has ${descriptions || "no layers"}`,
  );
}

/** Releases the buffers that a pass has renewed. */
function releaseReplaced(
  before: TrainState["buffers"],
  after: TrainState["buffers"],
): void {
  for (const [name, tensor] of Object.entries(before)) {
    if (after[name] !== tensor) tensor.dispose();
  }
}

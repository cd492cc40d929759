/**
 * Where in a training numbers cease to be finite.
 *
 * @module
 */

import * as ops from "../../ops/_ops.ts";
import { listTrained } from "../../optimizers/list_trained.ts";
import { foldIn, type Key } from "../../random/key.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import type { Params, Tensor } from "../../types/tensor.ts";
import { findNotFinite } from "../find_not_finite.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import { runTraining } from "./_run_training.ts";
import { NotFiniteError, type NotFiniteStep } from "../threads/training_error.ts";
import type { TrainEpochsOptions } from "./training_options.ts";
import type { TrainingPlan } from "../threads/training_plan.ts";

export { NotFiniteError, type NotFiniteStep } from "../threads/training_error.ts";
export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type { TrainEpochsOptions } from "./training_options.ts";

/**
 * Finds the step and the layer in which the numbers of a training first cease to be finite. It trains again from where the options
 * begin, such as the last checkpoint before, and looks at the parameters after each step; of the first step after which they or
 * the loss aren't finite it makes the pass once more by `findNotFinite`. Nothing is validated, saved or released.
 *
 * A training tells that its numbers aren't finite when the loss or a checkpoint shows it, which may be some steps later.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using backend = await rill.openBackend("wasm");
 * const images = { data: Float32Array.of(1e30, NaN), shape: [2, 1] };
 * const batch = { images, labels: Int32Array.of(0, 1), size: 2 };
 * const network = rill.getOrThrow(rill.build(rill.linear(2), [1]));
 * const options = {
 *   backend,
 *   model: { network, optimizer: rill.sgd() },
 *   epochs: 1,
 *   train: () => ReadableStream.from([batch]),
 * };
 * await assertRejects(
 *   async () => await Array.fromAsync(rill.trainEpochs(options)),
 *   rill.NotFiniteError,
 * );
 * const place = await rill.findNotFiniteStep({ ...options, steps: 1 });
 * assertEquals([place?.step, place?.where], [1, "input"]);
 * ```
 *
 * @typeParam B The batches.
 * @param options The options of the training, from where to begin, and to which step. They must give the same batches as before.
 * @returns The place and the step; undefined if all numbers are finite, or the signal came before.
 */
export async function findNotFiniteStep<B extends SizedBatch = TrainingBatch>(
  options: TrainEpochsOptions<B>,
): Promise<NotFiniteStep | undefined> {
  let last: Copy<B> | undefined;
  const training = runTraining(
    {
      ...options,
      saveEvery: 1,
      validate: undefined,
      release: undefined,
      processes: undefined,
    },
    async ({ plan, state }, batch) => {
      last = {
        plan,
        batch,
        step: state.step + 1,
        key: foldIn(state.key, state.step),
        isScaled: state.optimizer.scaling !== undefined,
        params: await copyTensors(state.params),
        buffers: await copyTensors(state.buffers),
      };
    },
  );
  try {
    for await (const _event of training);
  } catch (error) {
    if (!(error instanceof NotFiniteError) || !last) throw error;
    return await lookInto(last, error);
  }
  return undefined;
}

/** What a step begins with, in main memory. */
interface Copy<B extends SizedBatch> {
  readonly plan: TrainingPlan<B>;
  readonly batch: B;
  readonly step: number;
  readonly key: Key;
  /** Whether gradients are scaled, and steps left out where that was too much. */
  readonly isScaled: boolean;
  readonly params: CopiedTensors;
  readonly buffers: CopiedTensors;
}

type CopiedTensors = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

async function lookInto<B extends SizedBatch>(
  { plan, batch, step, key, isScaled, params, buffers }: Copy<B>,
  { subject }: NotFiniteError,
): Promise<NotFiniteStep> {
  const variables = { params: createTensors(params), buffers: createTensors(buffers) };
  const names = plan.network.parameters.map(({ name }) => name);
  try {
    const trained = listTrained(plan.optimizer, names);
    const place = await findNotFinite(plan.network, variables, batch, { ...plan, key, trained });
    if (place && !(isScaled && place.where === "backward")) return { ...place, step };
  } finally {
    disposeTensors(variables.params);
    disposeTensors(variables.buffers);
  }
  const [, updated] = /^a number of (.+)$/.exec(subject) ?? [];
  return {
    where: "update",
    step,
    subject: `the update of ${updated ?? "the parameters"}`,
    ...updated !== undefined && names.includes(updated) && { parameter: updated },
  };
}

async function copyTensors(tensors: Params): Promise<CopiedTensors> {
  const copied: Record<string, CopiedTensors[string]> = {};
  for (const [name, tensor] of Object.entries<Tensor>(tensors)) {
    copied[name] = { shape: tensor.shape, data: (await ops.readNumbers(tensor)).slice() };
  }
  return copied;
}

const createTensors = (copied: CopiedTensors): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(copied).map(([name, { data, shape }]) => [name, ops.createTensor(data, shape)]),
  );

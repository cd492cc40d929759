import * as ops from "../../ops/_ops.ts";
import type { Variables } from "../../types/tensor.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { exportParams } from "../../weights/params.ts";
import { checkStored } from "./_check_finite.ts";
import { disposeVariables, type SavedStart } from "./_create_state.ts";
import { beginPosition } from "./_training_position.ts";
import type { TrainEpochsOptions, TrainingStart } from "./training_options.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { TrainingPosition } from "./training_event.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** Opens where a training begins: as tensors at rest where other threads need them. */
export async function openStart<B extends SizedBatch>(
  { from, seed }: TrainEpochsOptions<B>,
  { network }: TrainingPlan<B>,
  isShared: boolean,
): Promise<{
  readonly start: SavedStart | Variables | undefined;
  readonly position: TrainingPosition;
  release(): void;
}> {
  const owned = typeof from === "function";
  const given: TrainingStart | undefined = owned ? await from() : from;
  const first = beginPosition(seed ?? 0);
  if (!given) return { start: undefined, position: first, release() {} };
  if ("variables" in given) {
    const { variables } = given;
    if (!isShared) return { start: variables, position: first, release() {} };
    const params = await exportParams(network, variables);
    disposeVariables(variables);
    return {
      start: { params, step: 0, updates: 0 },
      position: first,
      release: () => releaseTensors(params),
    };
  }
  const { params, optimizer, position = first } = given;
  if (seed !== undefined && seed !== position.seed) {
    throw new RangeError(
      `Cannot go on with a seed of ${seed}: the training to go on with has ${position.seed}`,
    );
  }
  checkStored({ ...params, ...optimizer });
  return {
    start: { params, optimizer, step: position.step, updates: position.updates },
    position,
    release() {
      if (!owned) return;
      releaseTensors(params);
      if (optimizer) releaseTensors(optimizer);
    },
  };
}

/** Gives back the memory of tensors at rest, many of which may lie in one buffer. */
function releaseTensors(tensors: Readonly<Record<string, StoredTensor>>): void {
  for (const { data } of Object.values(tensors)) {
    // Without its buffer it is empty.
    if (data.length > 0) ops.releaseNumbers(data);
  }
}

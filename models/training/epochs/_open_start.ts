import { releaseNumbers } from "../../types/_tensors.ts";
import type { Variables } from "../../types/tensor.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { checkStored } from "./_check_finite.ts";
import type { SavedStart } from "./_create_state.ts";
import { readPosition } from "./_read_position.ts";
import { beginPosition } from "./_training_position.ts";
import type { TrainEpochsOptions, TrainingStart } from "./training_options.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { TrainingPosition } from "./training_event.ts";

/** Opens where a training begins. What it gives is to be released once it is copied. */
export async function openStart<B extends SizedBatch>(
  { from, seed }: TrainEpochsOptions<B>,
): Promise<{
  readonly start: SavedStart | Variables | undefined;
  readonly position: TrainingPosition;
  release(): void;
}> {
  const owned = typeof from === "function";
  const given: TrainingStart | undefined = owned ? await from() : from;
  const first = beginPosition(seed ?? 0);
  if (!given) return { start: undefined, position: first, release() {} };
  if ("variables" in given) return { start: given.variables, position: first, release() {} };
  const { params, optimizer } = given;
  const position = given.position ? checkPosition(given.position) : first;
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

/** Refuses a position that can't be one. */
function checkPosition(position: TrainingPosition): TrainingPosition {
  const read = readPosition(position);
  if (read._tag === "Right") return read.right;
  throw new CheckpointError(`Cannot go on from a position that can't be one: ${read.left}`);
}

/** Gives back the memory of tensors at rest, many of which may lie in one buffer. */
function releaseTensors(tensors: Readonly<Record<string, StoredTensor>>): void {
  for (const { data } of Object.values(tensors)) {
    // Without its buffer it is empty.
    if (data.length > 0) releaseNumbers(data);
  }
}

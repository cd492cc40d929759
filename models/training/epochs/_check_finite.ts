import type { Network } from "../../layers/network.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { findNotFiniteNumber, readNotFiniteNumber } from "../_finite.ts";
import { NotFiniteError } from "../threads/training_error.ts";
import type { TrainState } from "../train_state.ts";

/** Checks a number that a training depends on. */
export function checkFinite(subject: string, value: number, step: number): void {
  if (!Number.isFinite(value)) throw new NotFiniteError(subject, value, step);
}

/** Checks the parameters: one that isn't finite makes a network worthless, and is never to be saved over a good one. */
export async function checkState(
  { parameters, buffers: specs }: Network,
  { params, buffers, step }: Pick<TrainState, "params" | "buffers" | "step">,
): Promise<void> {
  for (const { name } of [...parameters, ...specs]) {
    const tensor = params[name] ?? buffers[name];
    const value = tensor && await readNotFiniteNumber(tensor);
    if (value !== undefined) throw new NotFiniteError(`a number of ${name}`, value, step);
  }
}

/** Refuses tensors at rest with numbers that are NaN or infinite: training never makes them finite again. */
export function checkStored(tensors: Readonly<Record<string, StoredTensor>>): void {
  const names = Object.entries(tensors)
    .filter(([, { data }]) => findNotFiniteNumber(data) !== undefined)
    .map(([name]) => name);
  if (names.length === 0) return;
  throw new CheckpointError(
    `Cannot train on from tensors with numbers that are NaN or infinite: ${names.join(", ")}`,
  );
}

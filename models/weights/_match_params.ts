// Which stored tensors are a network's parameters and buffers.
import type { Network } from "../layers/network.ts";
import type { NamedSpec } from "../layers/variable_spec.ts";
import type { Either } from "../types/either.ts";
import { adaptNames } from "./_adapt_names.ts";
import { type Match, matchTensors } from "./_stored_tensors.ts";
import type { StoredTensor } from "./checkpoint.ts";
import type { CheckpointError } from "./checkpoint_error.ts";

/**
 * Matches stored tensors with a network's parameters and buffers, and copies nothing. Otherwise gives an error with all that doesn't
 * fit.
 */
export function matchParams(
  network: Network,
  stored: Readonly<Record<string, StoredTensor>>,
): Either<CheckpointError, readonly Match[]> {
  const { parameters, buffers } = network;
  const { tensors } = adaptNames(network, stored);
  const complete = adaptBatchCounts(buffers, tensors);
  return matchTensors("parameters", [...parameters, ...buffers], complete);
}

/** Tells whether a name is that of batch normalization's count of batches, which PyTorch counts and computes nothing with. */
export const isBatchCount = (name: string): boolean => /(^|\.)num_batches_tracked$/.test(name);

/** Adds the counts of batches that a file lacks, and leaves out those that the network hasn't, as PyTorch does. */
function adaptBatchCounts(
  buffers: readonly NamedSpec[],
  stored: Readonly<Record<string, StoredTensor>>,
): Readonly<Record<string, StoredTensor>> {
  const counts = new Set(buffers.map(({ name }) => name).filter(isBatchCount));
  const entries = Object.entries(stored).filter(([name]) =>
    !isBatchCount(name) || counts.has(name)
  );
  for (const name of counts) {
    if (!Object.hasOwn(stored, name)) {
      entries.push([name, { shape: [], data: new Float32Array(1) }]);
    }
  }
  return Object.fromEntries(entries);
}

import type { Network } from "../layers/network.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** A file's tensors, by the names that a network has for them. */
export interface AdaptedTensors {
  /** Those that may be the network's. */
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  /** The names of those that are of parts which the network does without. */
  readonly leftOver: readonly string[];
}

/** Gives tensors the names that a network has for them, where it knows others, and sets apart those of parts that it does without. */
export function adaptNames(
  { parameters, buffers, fileNames }: Pick<Network, "parameters" | "buffers" | "fileNames">,
  stored: Readonly<Record<string, StoredTensor>>,
): AdaptedTensors {
  if (!fileNames) return { tensors: stored, leftOver: [] };
  const own = new Set([...parameters, ...buffers].map(({ name }) => name));
  const entries: [string, StoredTensor][] = [];
  const leftOver: string[] = [];
  for (const [name, tensor] of Object.entries(stored)) {
    const isOwn = own.has(name);
    if (!isOwn && fileNames.isLeftOver?.(name)) {
      leftOver.push(name);
      continue;
    }
    const renamed = isOwn ? undefined : fileNames.rename?.(name);
    // A file with both has the tensor under its name here.
    const isTaken = renamed !== undefined && Object.hasOwn(stored, renamed);
    entries.push([isTaken ? name : renamed ?? name, tensor]);
  }
  return { tensors: Object.fromEntries(entries), leftOver };
}

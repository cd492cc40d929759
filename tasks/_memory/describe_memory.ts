import type { MemoryNeed } from "./estimate_memory.ts";
import type { FreeMemory } from "./free_memory.ts";

/** Formats bytes for people: `0.99 GB`. */
const format = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`;

/**
 * Describes how much memory a run will take.
 *
 * @param ranks How many processes share it, each of which takes that much.
 */
export const describeNeed = ({ host, device }: MemoryNeed, ranks = 1): string =>
  `memory: about ${format(host)}${device > 0 ? `, and ${format(device)} of the GPU's` : ""}${
    ranks > 1 ? " for each rank" : ""
  }`;

/** How much more than estimated a run may take, as a factor. */
const MARGIN = 1.2;

/**
 * Warns where a run needs more memory than there is: Linux ends a process for it without a word.
 *
 * @param isShared Whether the GPU's memory is the machine's, as that of a software adapter.
 * @param ranks How many processes on this machine need so much.
 */
export function warnOfMemory(
  { host, device }: MemoryNeed,
  free: FreeMemory | undefined,
  isShared: boolean,
  ranks = 1,
): string | undefined {
  const needed = ranks * (isShared ? host + device : host);
  if (!free || free.bytes >= MARGIN * needed) return undefined;
  const there = free.by === "cgroup"
    ? `its cgroup (a container's limit) gives it ${format(free.bytes)}`
    : `the machine has ${format(free.bytes)} free`;
  const who = ranks > 1 ? `the run's ${ranks} ranks here need` : "the run needs";
  return `warning: ${who} about ${
    format(needed)
  } of memory, and ${there}: the system may end it at any moment, ` +
    "without a word. Reduce --batch-size or --side, or --threads on WASM; what was saved until then stays";
}

import process from "node:process";

/** The memory that is there for this process, in bytes. */
export interface FreeMemory {
  readonly bytes: number;
  /** What sets the limit. */
  readonly by: "machine" | "cgroup";
}

/** The parts of Node's `process` that tell of memory. */
type Meter = Pick<typeof process, "availableMemory" | "constrainedMemory">;

/**
 * Finds how much memory there is for this process: what the machine has free, or the limit of the cgroup that it is in (a
 * container's), of either version. Undefined where nobody may ask or the system doesn't say.
 */
export function findFreeMemory(meter: Meter = process): FreeMemory | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  if (state !== "granted") return undefined;
  try {
    const machine = meter.availableMemory();
    // Without a limit it is 0, or larger than any memory.
    const limit = meter.constrainedMemory() || Infinity;
    if (!(machine > 0)) return undefined;
    return limit < machine ? { bytes: limit, by: "cgroup" } : { bytes: machine, by: "machine" };
  } catch {
    return undefined;
  }
}

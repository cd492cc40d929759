// What the program that started this process says of it.
import type { MpiKind } from "./_kinds.ts";

/** How this process was started. */
export interface Launch {
  /** The kind of `mpirun`; undefined for another program that starts ranks of any kind, such as SLURM's `srun`. */
  readonly kind: MpiKind | undefined;
  /** How many ranks it has started, if it says so. */
  readonly size: number | undefined;
}

/**
 * Reads the environment that the ranks of a program are started with. Undefined if this process was started as any other.
 *
 * @param get Gives a variable's value.
 */
export function readLaunch(get: (name: string) => string | undefined): Launch | undefined {
  const openMpi = get("OMPI_COMM_WORLD_SIZE");
  if (openMpi !== undefined) return { kind: "Open MPI", size: Number(openMpi) };
  const size = get("PMI_SIZE");
  // SLURM's sets PMI_SIZE, too, for whichever kind.
  if (size !== undefined) {
    return { kind: get("MPI_LOCALRANKID") === undefined ? undefined : "MPICH", size: Number(size) };
  }
  if (get("PMIX_RANK") === undefined) return undefined;
  const tasks = get("SLURM_STEP_NUM_TASKS");
  return { kind: undefined, size: tasks === undefined ? undefined : Number(tasks) };
}

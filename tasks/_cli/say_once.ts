// What processes that have been started together all have met, and one of them says.
import { readEnv } from "./env.ts";

/** The numbers of a process among those of its host, as different programs give them. */
const LOCAL_RANKS = ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"];

/** Leaves it to the first process of this host, if this one isn't that, to say what all have met. Tells whether it has. */
export async function leaveToFirst(): Promise<boolean> {
  const isFirst = LOCAL_RANKS.every((name) => Number(readEnv(name) ?? 0) === 0);
  if (!isFirst) await letOthersSay(2000);
  return !isFirst;
}

/** Waits for so many milliseconds: with this process's end `mpirun` ends the one that says why, which may be busy with a step, or be gone. */
export const letOthersSay = (time: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, time));

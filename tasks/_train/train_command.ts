import { formatCommand } from "../_cli/program.ts";
import { readLaunch } from "../mpi/_launch.ts";
import type { LedRanks } from "./ranks.ts";

/**
 * Formats a command line of `train` as it is to be typed for a run like this one: where ranks share that, with the program before it
 * that starts as many.
 *
 * @param flags What follows the task's name.
 */
export function formatTrainCommand(
  flags: string,
  ranks: Pick<LedRanks, "communicator" | "launcher"> | undefined,
): string {
  if (!ranks) return formatCommand(`train ${flags}`);
  const { communicator: { size }, launcher } = ranks;
  return `${launcher} -n ${size} ${formatCommand(`train --distributed ${flags}`)}`;
}

/** The programs that start ranks, of whichever kind, with what distributions add to their names. */
const LAUNCHERS = /^(?:mpirun|mpiexec|orterun|prterun|srun)(?:[.-]\w+)?$/;

/**
 * Names the program that has started this rank: as it was typed, where the shell has told that, else as its kind of MPI always has
 * it. MPICH's `mpirun` may be another one's on a machine that has both.
 *
 * @param get Gives the value of an environment variable.
 */
export function nameLauncher(get: (name: string) => string | undefined): string {
  const [typed = ""] = (get("_") ?? "").split("/").slice(-1);
  if (LAUNCHERS.test(typed)) return typed;
  const kind = readLaunch(get)?.kind;
  if (kind === "MPICH") return "mpiexec.hydra";
  return kind === undefined && get("SLURM_STEP_NUM_TASKS") !== undefined ? "srun" : "mpirun";
}

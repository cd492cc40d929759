import { CommunicatorError, getOrThrow } from "../../models/mod.ts";
import type * as TE from "fp-ts/lib/TaskEither.js";
import { readEnv } from "../_cli/env.ts";
import { formatError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import type { trainFlags } from "./train_flags.ts";
import { followRun } from "./follow_run.ts";
import { giveJob, type RankJob } from "./rank_job.ts";
import { checkRanks, type LedRanks, nameLauncher } from "./ranks.ts";

/**
 * Runs as one of the processes that `mpirun` has started: the first one plans the run, prints and saves, and the others take part in
 * its steps. If one fails all end, and the first one says why.
 *
 * @param lead Makes the run as the first rank.
 * @returns The exit code.
 */
export async function runDistributed(
  flags: FlagValues<typeof trainFlags>,
  lead: (ranks: LedRanks) => TE.TaskEither<Error, number>,
): Promise<number> {
  const { MpiError, openMpi } = await import("../mpi/mod.ts");
  let mpi: ReturnType<typeof openMpi>;
  try {
    mpi = openMpi();
  } catch (error) {
    // One of each host is enough to say so.
    if (error instanceof MpiError && isNotFirstOfHost()) return 1;
    throw error;
  }
  const { communicator } = mpi;
  try {
    checkRanks(mpi);
    let code = 0;
    if (communicator.rank > 0) await followRun(mpi, flags);
    else {
      let hasStarted = false;
      const start = (job: RankJob) => {
        hasStarted = true;
        giveJob(communicator, job);
      };
      code = getOrThrow(await lead({ ...mpi, launcher: nameLauncher(readEnv), start })());
      if (!hasStarted) giveJob(communicator, undefined);
    }
    mpi[Symbol.dispose]();
    return code;
  } catch (error) {
    communicator.abort(error);
    const { rank } = communicator;
    if (rank === 0) throw error;
    // With this process's end mpirun ends the others, and the first one has to say why before.
    await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    if (error instanceof CommunicatorError) return 1;
    throw new Error(`rank ${rank}, on ${mpi.hosts[rank]}: ${formatError(error)}`, { cause: error });
  }
}

/** How long another rank than the first lets that one say why all end, in milliseconds. It may be busy with a step, or be gone. */
const PATIENCE = 5000;

/** Whether this process is another one than the first that was started on its host. */
const isNotFirstOfHost = (): boolean =>
  ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"].some((name) =>
    Number(Deno.env.get(name) ?? 0) > 0
  );

import { CommunicatorError, getOrThrow } from "../../models/mod.ts";
import type * as TE from "fp-ts/lib/TaskEither.js";
import { readEnv } from "../_cli/env.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { leaveToFirst, letOthersSay } from "../_cli/say_once.ts";
import { printNote } from "../_text/print.ts";
import { readLaunch } from "../mpi/_launch.ts";
import type { trainFlags } from "./train_flags.ts";
import { followRun } from "./follow_run.ts";
import { giveJob, type RankJob, waitForCachers } from "./rank_job.ts";
import { checkRanks, describeDelay, explainLone, type LedRanks, nameLauncher } from "./ranks.ts";

/** After how many milliseconds the first rank says for which others it waits. */
const DELAY = 30_000;

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
  let led: LedRanks | undefined;
  const tell = (late: readonly number[]) => led?.tellDelay(describeDelay(late, led.hosts, DELAY));
  try {
    mpi = openMpi({ delay: { after: DELAY, tell } });
  } catch (error) {
    if (error instanceof MpiError) return await failOnce(error);
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
        giveJob(communicator, job);
        // One that goes back keeps its images.
        if (!hasStarted) waitForCachers(mpi, flags.cache, flags.quiet ? () => {} : printNote);
        hasStarted = true;
      };
      const launcher = nameLauncher(readEnv);
      const binds = readLaunch(readEnv)?.kind === "Open MPI";
      led = { ...mpi, launcher, binds, tellDelay: printNote, start };
      code = getOrThrow(await lead(led)());
      if (!hasStarted) giveJob(communicator, undefined);
    }
    mpi[Symbol.dispose]();
    return code;
  } catch (error) {
    communicator.abort(error);
    const { rank } = communicator;
    if (rank === 0) throw error;
    await letOthersSay(5000);
    if (error instanceof CommunicatorError && error.rank !== rank) return 1;
    throw new Error(`rank ${rank}, on ${mpi.hosts[rank]}: ${formatError(error)}`, { cause: error });
  }
}

/**
 * Runs as a process that has nothing to do with others. One of several that `mpirun` has started is refused: they would make as many
 * runs, in one folder.
 */
export async function runAlone(
  run: TE.TaskEither<Error, number>,
): Promise<number> {
  const refusal = explainLone(readEnv);
  return refusal === undefined ? getOrThrow(await run()) : await failOnce(new UsageError(refusal));
}

/** Fails for a reason that all processes have met: one of each host is enough to say so. */
async function failOnce(error: Error): Promise<number> {
  if (await leaveToFirst()) return 1;
  throw error;
}

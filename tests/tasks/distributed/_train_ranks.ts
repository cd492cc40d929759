import { findMpirun, type Mpirun } from "../mpi/_mpirun.ts";
import { readTaskArgs, root } from "../_task.ts";

/** The program that starts ranks of Open MPI, if it is installed. */
export const mpirun: Mpirun | undefined = await findMpirun("Open MPI");

/** That of MPICH. */
export const mpich: Mpirun | undefined = await findMpirun("MPICH");

/** The program that starts ranks on two hosts, which are network namespaces. */
const TWO_HOSTS = `${root}tests/tasks/distributed/two_hosts.sh`;

/** The address of the second, and how many ranks it takes. */
const SOUTH = "10.211.0.2:8";

/** Whether there may be two hosts here. */
export async function hasHosts(): Promise<boolean> {
  const args = [TWO_HOSTS, "true"];
  const { code } = await new Deno.Command("sh", { args, stderr: "null" }).output();
  return code === 0;
}

/** Some ranks that run the same. */
export interface RankGroup {
  readonly ranks: number;
  /** What follows `train`. */
  readonly args: readonly string[];
  /** Where they stand. */
  readonly cwd?: string;
}

/** Ranks that were started. */
export interface StartedRanks {
  /** Waits until all have written down their processes, and gives these. */
  processes(): Promise<number[]>;
  /** Resolves at their end. */
  readonly ended: Promise<RanksEnd>;
}

/** How ranks have ended. */
export interface RanksEnd {
  readonly code: number;
  readonly stderr: string;
  /** Their errors. */
  readonly errors: readonly string[];
}

/** Writes down its rank's process, which becomes Deno's. */
const NOTE = 'echo $$ >> "$0"; exec "$@"';

/**
 * Starts ranks of `deno task train --distributed`, with its permissions.
 *
 * @param note A file for their processes, which isn't there yet.
 * @param options Whether they are on two hosts, and what starts them.
 */
export async function startRanks(
  groups: readonly RankGroup[],
  note: string,
  { hosts = 1, by = mpirun! }: { readonly hosts?: 1 | 2; readonly by?: Mpirun } = {},
): Promise<StartedRanks> {
  const deno = [Deno.execPath(), ...await readTaskArgs("train")]
    .map((arg) => arg === "tasks/train.ts" ? `${root}${arg}` : arg);
  const [program, before] = hosts === 1 ? [by.program, []] : ["sh", [TWO_HOSTS, by.program]];
  const child = new Deno.Command(program, {
    args: [
      ...before,
      ...groups.flatMap(({ ranks, args, cwd = root }, i) => [
        ...i > 0 ? [":"] : [...by.args, "-bind-to", "none"],
        // A second group is on the second host.
        ...i > 0 && hosts === 2 ? ["-host", SOUTH] : [],
        ...["-n", String(ranks), "-wdir", cwd],
        ...["sh", "-c", NOTE, note, ...deno, "--distributed", ...args],
      ]),
    ],
    env: {
      NO_COLOR: "1",
      XDG_RUNTIME_DIR: "/tmp",
      // Open MPI warns of what whoever runs tests in a container is.
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const patience = setTimeout(() => child.kill("SIGTERM"), 120_000);
  const text = new Response(child.stderr).text();
  const count = groups.reduce((sum, { ranks }) => sum + ranks, 0);
  return {
    async processes() {
      for (;;) {
        const lines = await Deno.readTextFile(note).catch(() => "");
        const found = lines.split("\n").filter((line) => line !== "").map(Number);
        if (found.length === count) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    ended: child.status.then(async ({ code }) => {
      clearTimeout(patience);
      const stderr = await text;
      const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
      return { code, stderr, errors };
    }),
  };
}

/** Kills a process at once. */
export const kill = async (process: number): Promise<void> => {
  await new Deno.Command("sh", { args: ["-c", `kill -9 ${process}`] }).output();
};

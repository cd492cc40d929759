import { findProgram } from "../../_package/find_program.ts";
import { root } from "../_task.ts";
import type { Mode } from "./_rank.ts";

/** The programs that start ranks, by the kind of MPI, and what they say of themselves. */
const PROGRAMS = {
  "Open MPI": {
    names: ["mpirun.openmpi", "mpirun"],
    version: "Open MPI",
    args: ["--oversubscribe"],
  },
  MPICH: { names: ["mpirun.mpich", "mpirun"], version: "HYDRA", args: [] },
} as const;

/** A kind of MPI that is installed. */
export interface Mpirun {
  readonly program: string;
  readonly args: readonly string[];
}

/** Finds a kind of MPI, if it is installed. */
export async function findMpirun(kind: keyof typeof PROGRAMS): Promise<Mpirun | undefined> {
  const { names, version, args } = PROGRAMS[kind];
  for (const name of names) {
    const found = await findProgram(name);
    if (found?.version.includes(version)) return { program: name, args };
  }
  return undefined;
}

/** What came of some ranks. */
export interface Ranks {
  readonly code: number;
  /** The lines that they have written, sorted. */
  readonly lines: readonly string[];
  /** Their errors, sorted. */
  readonly errors: readonly string[];
  /** How long it took from their last line to the end of `mpirun`, in milliseconds. */
  readonly ending: number;
  /** Their processes that still run. */
  readonly left: readonly number[];
}

/** The names of the environment that a rank reads. */
export const ENVIRONMENT = [
  "OMPI_COMM_WORLD_SIZE",
  "PMI_SIZE",
  "PMIX_RANK",
  "MPI_LOCALRANKID",
  "SLURM_STEP_NUM_TASKS",
];

/**
 * Runs so many ranks of `_rank.ts`.
 *
 * @param options Deno's flags for it, the program that starts each, if `mpirun` doesn't itself, and the number of lines after which
 * that is told to end.
 */
export async function runRanks(
  { program, args }: Mpirun,
  size: number,
  mode: Mode,
  { flags = ["--allow-ffi"], through = [], endAfter = Infinity }: {
    readonly flags?: readonly string[];
    readonly through?: readonly string[];
    readonly endAfter?: number;
  } = {},
): Promise<Ranks> {
  const deno = [Deno.execPath(), "run", "--quiet", "--no-check", "--no-prompt", ...flags];
  const rank = [`--allow-env=${ENVIRONMENT}`, `${root}tests/tasks/mpi/_rank.ts`, mode];
  const process = new Deno.Command(program, {
    args: [...args, "-n", `${size}`, ...through, ...deno, ...rank],
    cwd: root,
    env: {
      NO_COLOR: "1",
      // Open MPI warns of what whoever runs tests in a container is.
      OMPI_ALLOW_RUN_AS_ROOT: "1",
      OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const patience = setTimeout(() => process.kill("SIGTERM"), 90_000);
  const errors = new Response(process.stderr).text();
  let text = "";
  let last = performance.now();
  for await (const part of process.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    last = performance.now();
    if (text.split("\n").length > endAfter) process.kill("SIGTERM");
  }
  const { code } = await process.status;
  const ending = performance.now() - last;
  clearTimeout(patience);
  const lines = text.trim().split("\n").sort();
  const processes = lines.flatMap((line) => /is process (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  return {
    code,
    lines: lines.filter((line) => !line.includes("is process")),
    errors: (await errors).split("\n").filter((line) => line.startsWith("error:")).sort(),
    ending,
    left: processes.filter(isRunning),
  };
}

/** Whether a process still runs: one that has ended is there until another has asked for its code. */
export function isRunning(process: number): boolean {
  // Deno itself reads nothing there without all permissions.
  const args = ["-c", `cat /proc/${process}/stat`];
  const { stdout } = new Deno.Command("sh", { args, stderr: "null" }).outputSync();
  return /\) [^ZX] /.test(new TextDecoder().decode(stdout));
}

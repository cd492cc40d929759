import denoJson from "../../deno.json" with { type: "json" };
import { type Communicator, gatherTexts } from "../../models/mod.ts";
import { countRoundings } from "../../models/kernels/wasm/_rounding.ts";
import { UsageError } from "../_cli/errors.ts";
import { formatCommand, getTaskArgs } from "../_cli/program.ts";
import { readLaunch } from "../mpi/_launch.ts";
import { hashCodeFile } from "../_model/model_file.ts";
import { nameRanks, type RankJob } from "./rank_job.ts";
import type { RunConfig } from "./run_config.ts";

/** The processes that share a run, of which this is one. */
export interface Ranks {
  readonly communicator: Communicator;
  /** The name of each rank's host. */
  readonly hosts: readonly string[];
  /** The name and version of MPI's library. */
  readonly library: string;
  /** How many processors this rank's host has, whichever it may use; undefined where the system doesn't say. */
  readonly processors: number | undefined;
}

/** The ranks of a run, as its first one has them. */
export interface LedRanks extends Ranks {
  /** The name of the program that has started them. */
  readonly launcher: string;
  /** Whether that binds ranks to some of their hosts' processors, unless it is told otherwise. */
  readonly binds: boolean;
  /** Takes the line that tells of ranks that are late. */
  tellDelay: (line: string) => void;
  /** Has the others begin a run with this one. */
  start(job: RankJob): void;
}

/** What every rank must have alike. */
export interface Program {
  readonly rill: string;
  readonly deno: string;
  readonly processor: string;
  readonly args: readonly string[];
}

/** Checks that all ranks run the same program with the same flags. All fail alike if not. */
export function checkRanks({ communicator, hosts }: Ranks): void {
  const own: Program = {
    rill: denoJson.version,
    deno: Deno.version.deno,
    processor: describeProcessor(),
    args: getTaskArgs(),
  };
  const misfit = findMisfit(
    gatherTexts(JSON.stringify(own), communicator).map((text) => JSON.parse(text)),
    hosts,
  );
  if (misfit !== undefined) throw new UsageError(misfit);
}

/** Says of the first rank that runs another program than rank 0 how they differ; undefined if there is none. */
export function findMisfit(
  programs: readonly Program[],
  hosts: readonly string[],
): string | undefined {
  for (const [rank, program] of programs.entries()) {
    const difference = describeDifference(programs[0]!, program);
    if (difference === undefined) continue;
    return `Cannot train with rank ${rank}, on ${hosts[rank]}, and rank 0, on ${
      hosts[0]
    }, as they have ${difference}`;
  }
  return undefined;
}

/** Describes the processor as far as the last bits depend on it. */
function describeProcessor(): string {
  const roundings = countRoundings();
  const kind = roundings === undefined
    ? "without relaxed SIMD"
    : `${roundings === 1 ? "with" : "without"} fused multiply-add`;
  return `${Deno.build.arch} ${kind}`;
}

function describeDifference(first: Program, other: Program): string | undefined {
  const than = (what: string, a: string, b: string) => `${what} ${b} and ${a}`;
  if (other.rill !== first.rill) return than("Rill", first.rill, other.rill);
  if (other.deno !== first.deno) return than("Deno", first.deno, other.deno);
  if (other.processor !== first.processor) {
    return than("processors of the kinds", first.processor, other.processor);
  }
  const flags = describeWords(first.args, other.args);
  return flags && than("the flags", ...flags);
}

/** Describes two command lines where they differ; undefined if they don't. */
function describeWords(
  first: readonly string[],
  other: readonly string[],
): [first: string, other: string] | undefined {
  const most = Math.max(first.length, other.length);
  const isAlike = (i: number) => first.at(i) === other.at(i);
  let start = 0;
  while (start < most && isAlike(start)) start++;
  if (start === most) return undefined;
  // With the flag that has these values.
  const isValue = (word = "-") => !word.startsWith("-");
  while (start > 0 && (isValue(first[start]) || isValue(other[start]))) start--;
  const least = Math.min(first.length, other.length);
  let end = 0;
  while (end < least - start && isAlike(-1 - end)) end++;
  const describe = (words: readonly string[]) =>
    [
      ...start > 0 ? ["…"] : [],
      ...words.slice(start, words.length - end),
      ...end > 0 ? ["…"] : [],
    ].join(" ") || "none";
  return [describe(first), describe(other)];
}

/**
 * Checks that the files of code that a run names are on this rank's host what they are on that of the first one. What they import
 * isn't looked at.
 *
 * @throws {Error} If one is missing here, or another.
 */
export async function checkCode(
  { model, pipeline }: Pick<RunConfig, "model" | "pipeline">,
  host: string,
): Promise<void> {
  const files = { "--model": { path: model.name, hash: model.hash }, "--pipeline": pipeline };
  for (const [flag, file] of Object.entries(files)) {
    if (file?.hash === undefined) continue;
    const { path, hash } = await hashCodeFile(file.path, flag);
    if (hash !== file.hash) {
      throw new Error(`Cannot train by ${path} of ${host} as it isn't that of rank 0`);
    }
  }
}

/** The most hosts that are named. */
const MOST_HOSTS = 4;

/** Describes the ranks, in a line for people. */
export function describeRanks({ communicator: { size }, hosts, library }: Ranks): string {
  const counts = new Map<string, number>();
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1);
  const places = counts.size > MOST_HOSTS
    ? `on ${counts.size} hosts`
    : [...counts].map(([host, count]) => `${count} on ${host}`).join(", ");
  return `ranks: ${size}, ${places}; ${library}`;
}

/** Describes ranks that others have waited for for so many milliseconds. */
export const describeDelay = (
  late: readonly number[],
  hosts: readonly string[],
  time: number,
): string => `waiting: for ${nameRanks(late, hosts)}, for ${time / 1000} s by now`;

/** Counts the ranks that share this one's processor. */
export const countNeighbours = ({ communicator: { rank }, hosts }: Ranks): number =>
  hosts.filter((host) => host === hosts[rank]).length;

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

/** Says why this process can't train by itself, where it is one of several that a program has started; undefined if it isn't. */
export function explainLone(get: (name: string) => string | undefined): string | undefined {
  const { size = 1 } = readLaunch(get) ?? {};
  return size > 1
    ? `Cannot train in each of the ${size} processes that ${nameLauncher(get)} has started: ` +
      "add --distributed, with which they share one run"
    : undefined;
}

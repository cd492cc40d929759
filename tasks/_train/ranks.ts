import denoJson from "../../deno.json" with { type: "json" };
import { type Communicator, gatherTexts } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { getTaskArgs } from "../_cli/program.ts";

import type { RankJob } from "./rank_job.ts";

/** The processes that share a run, of which this is one. */
export interface Ranks {
  readonly communicator: Communicator;
  /** The name of each rank's host. */
  readonly hosts: readonly string[];
  /** The name and version of MPI's library. */
  readonly library: string;
}

/** The ranks of a run, as its first one has them. */
export interface LedRanks extends Ranks {
  /** The name of the program that has started them. */
  readonly launcher: string;
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
    processor: Deno.build.arch,
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

function describeDifference(first: Program, other: Program): string | undefined {
  const than = (what: string, a: string, b: string) => `${what} ${b} and ${a}`;
  if (other.rill !== first.rill) return than("Rill", first.rill, other.rill);
  if (other.deno !== first.deno) return than("Deno", first.deno, other.deno);
  if (other.processor !== first.processor) {
    return than("processors of the kinds", first.processor, other.processor);
  }
  const [a, b] = [first.args, other.args].map((args) => args.join(" ") || "none") as [
    string,
    string,
  ];
  return a === b ? undefined : than("the flags", a, b);
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

/** Counts the ranks that share this one's processor. */
export const countNeighbours = ({ communicator: { rank }, hosts }: Ranks): number =>
  hosts.filter((host) => host === hosts[rank]).length;

// What the first rank tells the others: a run, or that there is none.
import { type Communicator, type EpochResult, gatherTexts } from "../../models/mod.ts";
import { listFirst } from "../../models/types/_names.ts";
import type { RunConfig } from "./run_config.ts";
import type { RunPlanOptions } from "./training_plan.ts";

/** A run, as each rank makes its part of it. */
export interface RankJob extends Pick<RunPlanOptions, "classWeights" | "judgedWeights"> {
  readonly config: RunConfig;
  /** What the data that ranks read must have in common, of each split. */
  readonly outlines: readonly string[];
  readonly threadCount: number;
  /** The epochs that were made before. */
  readonly history: readonly EpochResult[];
  /** The step after which it ends, if that isn't its last one. */
  readonly steps?: number | undefined;
}

/** Tells the other ranks what to do; undefined if it is nothing. */
export function giveJob(communicator: Communicator, job: RankJob | undefined): void {
  gatherTexts(job ? JSON.stringify(job) : "", communicator);
}

/** Takes what the first rank tells; undefined if there is nothing to do. */
export function takeJob(communicator: Communicator): RankJob | undefined {
  const [text] = gatherTexts("", communicator);
  return text ? JSON.parse(text) : undefined;
}

/** Processes, and the name of each one's host. */
interface HostedRanks {
  readonly communicator: Communicator;
  readonly hosts: readonly string[];
}

/**
 * Lists the ranks that keep decoded images for themselves, or for their host, where `--cache` asks for that: the first rank has
 * done so before the others begin, and what is on a host's disk is found there by its other ranks.
 *
 * @param cache The value of `--cache`.
 */
export const listCachers = (hosts: readonly string[], cache: string | undefined): number[] =>
  cache === undefined
    ? []
    : [...hosts.keys()].slice(1).filter((rank) =>
      cache === "memory" || hosts.indexOf(hosts[rank]!) === rank
    );

/**
 * Opens what a rank reads, in turns: those that decode images for others do so before these. The first rank has opened its own by
 * then, and waits for them.
 */
export async function openInTurns<T>(
  { communicator, hosts }: HostedRanks,
  cache: string | undefined,
  open: () => Promise<T>,
): Promise<T> {
  const cachers = listCachers(hosts, cache);
  const opened = cachers.includes(communicator.rank) ? { value: await open() } : undefined;
  waitForTurns(communicator, cachers);
  return opened ? opened.value : await open();
}

/** Waits for the ranks that decode images, as the first one, which says so. */
export function waitForCachers(
  { communicator, hosts }: HostedRanks,
  cache: string | undefined,
  note: (line: string) => void,
): void {
  const cachers = listCachers(hosts, cache);
  if (cachers.length > 0) {
    const what = cache === "memory" ? "itself" : "its host";
    note(`cache: waiting for ${nameRanks(cachers, hosts)} to decode, each for ${what}`);
  }
  waitForTurns(communicator, cachers);
}

/** The most ranks that are named. */
const MOST_NAMES = 4;

/** Names ranks and their hosts, the first few of them. */
export const nameRanks = (ranks: readonly number[], hosts: readonly string[]): string =>
  listFirst(ranks.map((rank) => `rank ${rank} on ${hosts[rank]}`), MOST_NAMES);

const waitForTurns = (communicator: Communicator, cachers: readonly number[]): void => {
  if (cachers.length > 0) gatherTexts("", communicator);
};

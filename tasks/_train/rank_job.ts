// What the first rank tells the others: a run, or that there is none.
import { type Communicator, type EpochResult, gatherTexts } from "../../models/mod.ts";
import type { RunConfig } from "./run_config.ts";
import type { RunPlanOptions } from "./training_plan.ts";

/** A run, as each rank makes its part of it. */
export interface RankJob extends Pick<RunPlanOptions, "classWeights" | "judgedWeights"> {
  readonly config: RunConfig;
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

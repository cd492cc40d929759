import type { Backend, Network, TrainingPosition } from "../../models/mod.ts";
import type { BadRecords } from "../_data/prepare_images.ts";
import type { Interrupt } from "../_cli/interrupt.ts";
import type { Dashboard } from "./dashboard/dashboard.ts";
import type { JsonLog } from "./report/json_log.ts";
import type { RunPlan } from "./plan_run.ts";
import type { ProgressDisplay } from "./report/progress_display.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrainInput } from "./train_input.ts";

/** The things that a run works with from beginning to end. */
export interface Run
  extends
    Pick<RunPlan, "config" | "data" | "flags" | "options" | "ranks" | "threadCount" | "workers"> {
  readonly backend: Backend;
  readonly network: Network;
  /** Where the saved run was that goes on. */
  readonly position: TrainingPosition | undefined;
  readonly input: TrainInput;
  readonly badRecords: BadRecords;
  /** Looks whether files have changed that each epoch reads anew. Gives the line that warns of it, once. */
  readonly findChange: () => Promise<string | undefined>;
  /** The step after which the run ends. */
  readonly lastStep: number;
  readonly folder: RunFolder;
  readonly log: JsonLog;
  /** The log as long as it is in use: it is made anew with a folder that was removed. */
  readonly logs: JsonLog[];
  /** Steps from one step event to the next. */
  readonly logEvery: number;
  readonly display: ProgressDisplay;
  /** Takes a line of the results. */
  readonly print: (line: string) => void;
  /** Takes a line that --quiet leaves out. */
  readonly note: (line: string) => void;
  readonly interrupt: Interrupt;
  /** Gets the seconds since the run began, those before a `--resume` included. */
  readonly seconds: () => number;
  /** The seconds that the epoch in which it goes on took before. */
  readonly epochSeconds: number;
  /** The page on which the run is looked at. */
  readonly dashboard: Dashboard | undefined;
  /** Ends the training after the step under way. */
  readonly signal: AbortSignal;
}

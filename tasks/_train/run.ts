import type { Backend, Network, Optimizer, TrainState } from "../../models/mod.ts";
import type { Example, IndexedSource } from "../../pipelines/mod.ts";
import type { Interrupt } from "../_cli/interrupt.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { JsonLog } from "./json_log.ts";
import type { ProgressDisplay } from "./progress_display.ts";
import type { RunCounters } from "./run_counters.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrainSettings } from "./train_settings.ts";
import type { TrainingThreads } from "./training_threads.ts";

/** The things that a run works with from beginning to end. */
export interface Run {
  readonly backend: Backend;
  readonly model: ModelConfig;
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly threads: TrainingThreads;
  readonly settings: TrainSettings;
  readonly trainSet: IndexedSource<Example<Uint8Array<ArrayBuffer>>>;
  readonly testSet: IndexedSource<Example<Uint8Array<ArrayBuffer>>>;
  /** The step after which the run ends. */
  readonly lastStep: number;
  readonly folder: RunFolder;
  readonly log: JsonLog;
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
}

/** The state and the counters of a run between two steps. A step consumes the state. */
export interface RunState {
  readonly state: TrainState;
  readonly counters: RunCounters;
}

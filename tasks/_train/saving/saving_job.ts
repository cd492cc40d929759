// What the thread that saves a run is told, and what it answers.
import {
  listBuffers,
  type TrainingCopy,
} from "../../../models/training/checkpoints/_training_copy.ts";
import type {
  RefusedFile,
  SaveCheckpointOptions,
} from "../../../models/training/checkpoints/checkpoint_store.ts";

/** How a run's folder is opened. */
export interface OpenSaverOptions {
  readonly keep: number;
  /** Whether another run is there, over which this one begins. */
  readonly replace: boolean;
}

/** What the worker is told: to open a folder, first and where that was made anew, and to save. */
export type SavingJob =
  | ({ readonly kind: "open"; readonly dir: string } & OpenSaverOptions)
  | {
    readonly kind: "save";
    readonly training: TrainingCopy;
    readonly options: SaveCheckpointOptions;
  };

/** What it answers. */
export type SavingReply =
  | {
    readonly kind: "done";
    readonly refused: readonly RefusedFile[];
    /** The memory of what was saved, for the next. */
    readonly memory?: ArrayBuffer | undefined;
  }
  | {
    readonly kind: "failed";
    readonly name: string;
    readonly message: string;
    /** What a file system was asked for, and of what, if it refused. */
    readonly fault?: { readonly action: string; readonly file: string; readonly found: string };
    /** What was to be saved, to be tried again. */
    readonly job?: SavingJob;
  };

/** Lists the memory of what is to be saved, each once. */
export function listJobBuffers(job: SavingJob): ArrayBuffer[] {
  if (job.kind === "open") return [];
  const { training, options: { best } } = job;
  const others = typeof best === "object" ? listBuffers(best) : [];
  return [...new Set([...listBuffers(training), ...others])];
}

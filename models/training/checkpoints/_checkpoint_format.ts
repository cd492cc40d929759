import type { TrainingPosition } from "../epochs/training_event.ts";

/** The entry of a checkpoint's metadata that has position and data. */
export const FORMAT = "rill_training";

/** The version of that entry. */
export const VERSION = 1;

/** What the names of the optimizer's tensors begin with in a file that has others, too. No layer is called so. */
export const OPTIMIZER_PREFIX = "optimizer/";

/** What that entry says, as JSON. */
export interface SavedFacts {
  readonly version: number;
  readonly position?: TrainingPosition | undefined;
  readonly data?: unknown;
}

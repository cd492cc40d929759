import type { TrainingCopy } from "./copy_training.ts";
import type { DecodedCheckpoint } from "./decode_checkpoint.ts";

/** A checkpoint that is kept, as long as there are not too many. */
export interface StoredGeneration {
  /** The number of steps made. */
  readonly step: number;
  /** Whether it is one that each run of the training has, and not only the place where this one was at some time. */
  readonly permanent: boolean;
}

/** A file that can't be used. */
export interface RefusedFile {
  /** Its name. */
  readonly file: string;
  /** Why, as a sentence with the name in it. */
  readonly reason: string;
}

/** What was loaded. */
export interface LoadedCheckpoint {
  /** The newest checkpoint that is whole; undefined if there is none. */
  readonly checkpoint: DecodedCheckpoint | undefined;
  /** The files that had to be passed over for it, and why. */
  readonly refused: readonly RefusedFile[];
}

/** What is loaded. */
export interface LoadCheckpointOptions {
  /**
   * Whether the optimizer's state is, which takes what goes on, and nothing else.
   *
   * @default {true}
   */
  readonly optimizer?: boolean;
}

/** Checkpoints that are looked at. */
export interface CheckpointReader {
  /** Lists the generations, the oldest first. */
  list(): Promise<readonly StoredGeneration[]>;
  /** Loads the newest generation that is whole. */
  load(options?: LoadCheckpointOptions): Promise<LoadedCheckpoint>;
  /** Loads the parameters that were best, without an optimizer's state. */
  loadBest(): Promise<LoadedCheckpoint>;
}

/** What is saved with a training. */
export interface SaveCheckpointOptions {
  /**
   * Whether its parameters, or their averages where it has those, are the best so far; or another training whose are, such as that
   * which a training in another place has gone on from.
   *
   * @default {false}
   */
  readonly best?: boolean | TrainingCopy | undefined;
  /**
   * Whether each run of the training has this checkpoint, as `permanent` of a checkpoint event says. One that isn't gives way to the
   * next.
   *
   * @default {true}
   */
  readonly permanent?: boolean;
  /** Anything else that belongs to it, as JSON: settings, classes, preprocessing. */
  readonly data?: unknown;
  /** Further entries of the metadata of the files with parameters. */
  readonly metadata?: Readonly<Record<string, string>>;
}

import { type Either, left, right } from "../../types/either.ts";
import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { isPosition, revivePosition } from "../epochs/_training_position.ts";
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

/** Reads position and data from a file's metadata; none where it has no such entry. */
export function readFacts(
  metadata: Readonly<Record<string, string>>,
  source: string,
): Either<CheckpointError, Omit<SavedFacts, "version">> {
  const text = metadata[FORMAT];
  if (text === undefined) return right({});
  const refuse = (found: string) =>
    left(new CheckpointError(`Cannot read ${source} as its ${FORMAT} is damaged: ${found}`));
  let facts: Partial<SavedFacts> | null;
  try {
    facts = JSON.parse(text);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (typeof facts?.version !== "number") return refuse("it has no version");
  if (facts.version > VERSION) {
    return left(
      new CheckpointError(
        `Cannot read ${source} as its ${FORMAT} is of version ${facts.version}: this reads up to ${VERSION}`,
      ),
    );
  }
  const { position, data } = facts;
  if (position !== undefined && !isPosition(position)) return refuse("its position is none");
  return right({ position: position && revivePosition(position), data });
}

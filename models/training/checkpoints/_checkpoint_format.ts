import { type Either, left, right } from "../../types/either.ts";
import { CheckpointError } from "../../weights/checkpoint_error.ts";
import { readPosition } from "../epochs/_read_position.ts";
import type { TrainingPosition } from "../epochs/training_event.ts";
import { CHECKSUM } from "./_checksum.ts";

/** The entry of a checkpoint's metadata that has position and data. */
export const FORMAT = "rill_training";

/** The version of that entry. Since the second a file has its checksum beside it, and a position no times. */
export const VERSION = 2;

/** What the names of the optimizer's tensors begin with in a file that has others, too. No layer is called so. */
export const OPTIMIZER_PREFIX = "optimizer/";

/** What that entry says, as JSON. */
export interface SavedFacts {
  readonly version: number;
  readonly position?: TrainingPosition | undefined;
  /** The checksum of the file of the optimizer's state that belongs to it. */
  readonly optimizer?: string | undefined;
  readonly data?: unknown;
}

/** Reads position and data from a file's metadata; none where it has no such entry. */
export function readFacts(
  metadata: Readonly<Record<string, string>>,
  source: string,
): Either<CheckpointError, Omit<SavedFacts, "version">> {
  if (!Object.hasOwn(metadata, FORMAT)) return right({});
  const refuse = (found: string) =>
    left(new CheckpointError(`Cannot read ${source} as its ${FORMAT} is damaged: ${found}`));
  let facts: unknown;
  try {
    facts = JSON.parse(metadata[FORMAT]!);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const { version, position, optimizer, data }: { readonly [Name in keyof SavedFacts]?: unknown } =
    typeof facts === "object" && facts !== null ? facts : {};
  if (!Number.isSafeInteger(version) || Number(version) < 1) return refuse("it has no version");
  if (Number(version) > VERSION) {
    return left(
      new CheckpointError(
        `Cannot read ${source} as its ${FORMAT} is of version ${version}: this reads up to ${VERSION}`,
      ),
    );
  }
  if (Number(version) > 1 && !Object.hasOwn(metadata, CHECKSUM)) {
    return refuse(`there is no ${CHECKSUM} beside it`);
  }
  const read = position === undefined ? undefined : readPosition(position);
  if (read?._tag === "Left") return refuse(`its position can't be one: ${read.left}`);
  if (optimizer !== undefined && typeof optimizer !== "string") {
    return refuse("its checksum of the optimizer's state is none");
  }
  return right({ position: read?.right, optimizer, data });
}

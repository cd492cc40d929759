import { type Either, left, right } from "../../types/either.ts";
import { CheckpointError } from "../../weights/checkpoint_error.ts";
import {
  CHECKSUM,
  computeChecksum,
  NO_CHECKSUM,
  setChecksum,
  verifyChecksum,
} from "./_checksum.ts";
import type { StoredGeneration } from "./_store_types.ts";

/** A generation that counts, and the checksum of its file of parameters, which has that of its optimizer's state. */
export interface ListedGeneration extends StoredGeneration {
  readonly checksum: string;
}

/** Which parameters are the best. */
export interface ListedBest {
  /** Their step; 0 where that isn't known. */
  readonly step: number;
  /** The checksum of their file; null if it is one of before there were any, or couldn't be read. */
  readonly checksum: string | null;
}

/** What a store's pointer says. */
export interface Pointer {
  /** The generations that count, the oldest first. */
  readonly generations: readonly ListedGeneration[];
  /** The best parameters; null if there are none. */
  readonly best: ListedBest | null;
  /**
   * The steps of generations that counted before, and are not to count again: of a training that has gone back, or of another one.
   * They are listed until their files are removed.
   */
  readonly dropped: readonly number[];
}

/** The version of pointers. */
const VERSION = 1;

/** Encodes a pointer as JSON with a checksum, in one line. */
export async function encodePointer(pointer: Pointer): Promise<Uint8Array<ArrayBuffer>> {
  const { generations, best, dropped } = pointer;
  const text = JSON.stringify({
    version: VERSION,
    generations: generations.map(({ step, permanent, checksum }) => ({
      step,
      permanent,
      checksum,
    })),
    best: best && { step: best.step, checksum: best.checksum },
    ...dropped.length > 0 && { dropped },
    [CHECKSUM]: NO_CHECKSUM,
  });
  const bytes = new TextEncoder().encode(text + "\n");
  setChecksum(bytes, await computeChecksum([bytes]));
  return bytes;
}

/** A pointer that a newer version has written, which is whole, and none to be repaired. */
export interface NewerPointer {
  readonly newer: CheckpointError;
}

/** Decodes a pointer, once its checksum is found right. */
export async function decodePointer(
  bytes: Uint8Array<ArrayBuffer>,
  source: string,
): Promise<Either<CheckpointError, Pointer | NewerPointer>> {
  const error = await verifyChecksum(bytes, bytes.length, source);
  if (error) return left(error);
  const refuse = () =>
    left(new CheckpointError(`Cannot read ${source} as it names no generations of checkpoints`));
  let value: { readonly [Name in keyof Pointer | "version"]?: unknown };
  try {
    value = Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return refuse();
  }
  const { version, generations, best, dropped = [] } = value;
  if (!isCount(version)) return refuse();
  if (version > VERSION) {
    return right({
      newer: new CheckpointError(
        `Cannot read ${source} as it is of version ${version}: this reads up to ${VERSION}`,
      ),
    });
  }
  return areGenerations(generations) && (best === null || isBest(best)) &&
      Array.isArray(dropped) && dropped.every(isCount)
    ? right({ generations, best, dropped })
    : refuse();
}

const areGenerations = (value: unknown): value is readonly ListedGeneration[] =>
  Array.isArray(value) &&
  value.every((item: Partial<ListedGeneration> | null, i) =>
    isCount(item?.step) && typeof item.permanent === "boolean" &&
    typeof item.checksum === "string" && (i === 0 || item.step > value[i - 1]?.step)
  );

function isBest(value: unknown): value is ListedBest {
  const { step, checksum }: { readonly [Name in keyof ListedBest]?: unknown } = Object(value);
  return isCount(step) && (checksum === null || typeof checksum === "string");
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

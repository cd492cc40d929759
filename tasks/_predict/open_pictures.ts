import { pipe } from "fp-ts/lib/function.js";
import { getOrThrow } from "../../models/mod.ts";
import { map } from "../../pipelines/mod.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { openData, type Split } from "../_data/open_data.ts";
import type { UnreadableRecord } from "../_data/sets/data_set.ts";
import { pickSplit } from "../_evaluate/choose_split.ts";
import { listPictures, type Picture } from "./list_pictures.ts";
import type { predictFlags } from "./predict_flags.ts";

/** The pictures that were asked for. */
export interface PictureSource {
  readonly length: number;
  /** Their size and channels, as far as they are known. */
  readonly size: Split["size"];
  readonly channels: 1 | 3;
  /** What is wrong with words that name none, a line each. */
  readonly problems: readonly string[];
  /** Names a picture for people. */
  name(index: number): string;
  /** Reads them in order. The label of each is its index; one that cannot be read says why. */
  read(): AsyncIterable<UnreadableRecord>;
}

/** How many files are read ahead. */
const READ_AHEAD = 16;

/**
 * Opens the pictures that a command line names, or those of a split of some data.
 *
 * @throws {UsageError} If it names nothing, or both.
 */
export async function openPictures(
  flags: FlagValues<typeof predictFlags>,
  operands: readonly string[],
  note: (line: string) => void,
): Promise<PictureSource> {
  if (flags.data !== undefined) {
    if (operands.length === 0) return await openSplitOf(flags.data, flags, note);
    throw new UsageError(`Cannot predict ${operands[0]} with --data: name pictures in one way`);
  }
  const { pictures, problems } = await listPictures(operands);
  return {
    length: pictures.length,
    // As of a folder's: of any size, in color.
    size: undefined,
    channels: 3,
    problems,
    name: (index) => pictures[index]!.name,
    read: () => pipe(ReadableStream.from(pictures), map(readPicture, { concurrency: READ_AHEAD })),
  };
}

async function openSplitOf(
  spec: string,
  flags: FlagValues<typeof predictFlags>,
  note: (line: string) => void,
): Promise<PictureSource> {
  const data = getOrThrow(await openData(spec, toOpenOptions(flags, note))());
  const { split, name } = getOrThrow(pickSplit(data, flags.split, spec));
  note(`data: ${split.length.toLocaleString("en-US")} ${name} images of ${spec}`);
  const count = map((record: UnreadableRecord, label): UnreadableRecord => ({ ...record, label }));
  return {
    length: split.length,
    size: split.size,
    channels: data.channels,
    problems: [],
    name: (index) => split.name(index),
    read: () => count(split.read({ seed: 0, epoch: 0, shuffle: false })),
  };
}

async function readPicture({ name, read }: Picture, label: number): Promise<UnreadableRecord> {
  try {
    return { bytes: await read(), label, path: name };
  } catch (error) {
    return { bytes: new Uint8Array(), label, path: name, problem: formatError(error) };
  }
}

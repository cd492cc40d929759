import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  type Checkpoint,
  CheckpointError,
  decodeCheckpoint,
  decodePth,
  importParams,
  type Network,
  type StoredTensor,
  type Variables,
} from "../../models/mod.ts";
import { listFirst } from "../../models/types/_names.ts";
import { adaptNames } from "../../models/weights/_adapt_names.ts";
import { matchParams } from "../../models/weights/_match_params.ts";
import { catchFault } from "../../models/weights/_fault.ts";
import {
  BEGINNING_BYTES,
  findHeaderEnd,
  type Header,
  readHeader,
} from "../../models/weights/_header.ts";
import { isTorchFile } from "../../models/weights/_torch_archive.ts";
import { describeReadError } from "../_files/files.ts";
import { explainOptimizerFile } from "./run_files.ts";

/**
 * Reads a safetensors file or one of PyTorch's, told by its content, without an optimizer's state that is in it; fails if it cannot be read, is neither, or isn't what its
 * checksum says, if it has one.
 */
export const readCheckpoint = (path: string): TE.TaskEither<CheckpointError, Checkpoint> =>
  pipe(
    TE.tryCatch(() => readChecked(path), (error) =>
      error instanceof CheckpointError
        ? error
        : new CheckpointError(describeReadError(path, error))),
    TE.chain((bytes) => async () =>
      isTorchFile(bytes) ? await decodePth(bytes, { source: path }) : pipe(
        await decodeCheckpoint(bytes, { source: path }),
        E.map(({ params, metadata }) => ({ tensors: params, metadata })),
      )
    ),
  );

/** Reads a file whose kind, header and length have been looked at: a device or a wrong file costs neither time nor memory. */
async function readChecked(path: string): Promise<Uint8Array<ArrayBuffer>> {
  // Before the file is opened, which waits for the other end of a pipe.
  const { isFile, isDirectory, size } = await Deno.stat(path);
  if (!isFile) {
    throw new CheckpointError(
      `Cannot read ${path} as it is ${isDirectory ? "a folder" : "a device or pipe"}, not a file`,
    );
  }
  using file = await Deno.open(path);
  const beginning = await readBytes(file, Math.min(size, BEGINNING_BYTES));
  await file.seek(0, Deno.SeekMode.Start);
  if (!isTorchFile(beginning)) await readFileHeader(file, path, size);
  await file.seek(0, Deno.SeekMode.Start);
  return await readBytes(file, size);
}

/** Reads a file's header, and checks it and the file's length. */
async function readFileHeader(file: Deno.FsFile, path: string, size: number): Promise<Header> {
  const check = <T>(read: () => T) =>
    pipe(
      catchFault(path, read),
      E.getOrElse((error): T => {
        throw error;
      }),
    );
  const beginning = await readBytes(file, Math.min(size, BEGINNING_BYTES));
  const end = check(() => findHeaderEnd(beginning, size));
  const rest = await readBytes(file, Math.max(0, end - beginning.length));
  return check(() => readHeader(concat(beginning, rest), size));
}

/** Reads the metadata of a safetensors file without its tensors; gives none where there is no such file. */
export async function readMetadata(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    using file = await Deno.open(path);
    return (await readFileHeader(file, path, (await file.stat()).size)).metadata;
  } catch {
    return {};
  }
}

/** Reads so many bytes, or fewer where the file ends. */
async function readBytes(file: Deno.FsFile, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) return bytes.subarray(0, at);
    at += read;
  }
  return bytes;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

/**
 * Copies a checkpoint's tensors to the backend; fails if they don't fit the network, with the names of those that don't.
 *
 * @param path The file they were read from, for the message.
 */
export const loadParams = (
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
  path: string,
): TE.TaskEither<CheckpointError, Variables> =>
  pipe(TE.fromEither(importParams(network, tensors)), nameSource(path));

/** Checks that a checkpoint's tensors fit the network, without a backend; fails as {@linkcode loadParams} does. */
export const checkParams = (
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
  path: string,
): TE.TaskEither<CheckpointError, void> =>
  pipe(TE.fromEither(matchParams(network, tensors)), TE.map(() => {}), nameSource(path));

/** Names the file whose tensors don't fit, and where the parameters are, if it holds an optimizer's state. */
const nameSource = (path: string) => <A>(loaded: TE.TaskEither<CheckpointError, A>) =>
  pipe(
    loaded,
    TE.orElse((error) =>
      TE.leftTask<CheckpointError, A>(async () =>
        await explainOptimizerFile(error, path) ?? error.withSource(path)
      )
    ),
  );

/** The most names that a line lists. */
const MOST_LISTED = 6;

/** Lists the names of tensors: `fc.weight, fc.bias`, the first ones of many, or `none`. */
export const listNames = (names: readonly string[]): string =>
  listFirst(names, MOST_LISTED) || "none";

/** Describes in a line what of a file a network does without, such as auxiliary classifiers; gives no line where it takes all. */
export function describeLeftOver(
  network: Network,
  tensors: Readonly<Record<string, StoredTensor>>,
): string[] {
  const { leftOver } = adaptNames(network, tensors);
  return leftOver.length > 0 ? [`weights: left over: ${listNames(leftOver)}`] : [];
}

/** Counts the values that are NaN or infinite, of each tensor that has some. */
export function countNotFinite(
  tensors: Readonly<Record<string, StoredTensor>>,
): Record<string, number> {
  const counts = Object.entries(tensors).map(([name, { data }]): [string, number] => [
    name,
    countIn(data),
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Of twenty million values this takes a tenth of the time of a loop over the items. */
function countIn(data: StoredTensor["data"]): number {
  let count = 0;
  // Of NaN and of infinities the difference is NaN.
  for (let i = 0; i < data.length; i++) if (data[i]! - data[i]! !== 0) count++;
  return count;
}

/** The most tensors that a message names. */
const MOST_NAMES = 8;

/** Formats the counts of {@linkcode countNotFinite}, the most first: `3 of 40,960 in fc.0.weight, 1 of 10 in fc.0.bias`. */
export function formatNotFinite(
  counts: Readonly<Record<string, number>>,
  tensors: Readonly<Record<string, StoredTensor>>,
): string {
  const formatCount = (count: number) => count.toLocaleString("en-US");
  const parts = Object.entries(counts).sort(([, a], [, b]) => b - a).map(([name, count]) =>
    `${formatCount(count)} of ${formatCount(tensors[name]?.data.length ?? 0)} in ${name}`
  );
  const rest = parts.splice(MOST_NAMES).length;
  return `${parts.join(", ")}${
    rest > 0 ? ` and some in ${rest} more tensor${rest === 1 ? "" : "s"}` : ""
  }`;
}

/** Refuses tensors with values that are NaN or infinite: training never makes them finite again. */
export const requireFinite = (
  tensors: Readonly<Record<string, StoredTensor>>,
  path: string,
): E.Either<CheckpointError, Readonly<Record<string, StoredTensor>>> => {
  const counts = countNotFinite(tensors);
  return Object.keys(counts).length === 0 ? E.right(tensors) : E.left(
    new CheckpointError(
      `Cannot train on from ${path} as it holds values that are NaN or infinite: ` +
        `${formatNotFinite(counts, tensors)}; start from an earlier checkpoint with --weights`,
    ),
  );
};

import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Checkpoint, CheckpointError } from "../../models/mod.ts";
import { readEnv } from "../_cli/env.ts";
import { attempt, formatError, UsageError } from "../_cli/errors.ts";
import { formatCause } from "../_data/fetch/dataset_error.ts";
import { findCacheDir } from "../_data/fetch/find_cache_dir.ts";
import { hashBytes, joinPath, writeFileAtomically } from "../_files/files.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { exists, findParamsFile } from "./run_files.ts";

/** A file of weights that was read. */
export interface Weights extends Checkpoint {
  /** The path of the file, for messages. */
  readonly path: string;
}

/** How weights are opened. */
export interface OpenWeightsOptions {
  /** The beginning of the SHA-256 that the file must have. */
  readonly sha256?: string | undefined;
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly note: (line: string) => void;
  /** The folder in which downloads are kept; the cache directory's by default. */
  readonly cache?: string | undefined;
}

/** Tells whether weights are named by an address. */
const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * Opens the weights that somebody named: a file of either kind, the folder of a run, or an address. What is downloaded is kept in the
 * cache directory by its address. The checksum of the file is printed, and checked if one was given.
 */
export const openWeights = (
  source: string,
  options: OpenWeightsOptions,
): TE.TaskEither<Error, Weights> =>
  pipe(
    isAddress(source) ? attempt(() => fetchWeights(source, options)) : pipe(
      findParamsFile(source),
      TE.map(({ path, warnings }) => {
        warnings.forEach(options.note);
        return path;
      }),
    ),
    TE.chainFirstW((path) => attempt(() => checkSum(path, isAddress(source), options))),
    TE.chainW((path) =>
      pipe(
        readCheckpoint(path),
        TE.map((checkpoint): Weights => ({ ...checkpoint, path })),
        // A download that is no weights, kept, would be in the way of what is there the next time.
        TE.orElseFirstTaskK(() => () =>
          isAddress(source) ? Deno.remove(path).catch(() => {}) : Promise.resolve()
        ),
      )
    ),
  );

/** Prints a file's checksum, and checks it. */
async function checkSum(
  path: string,
  isKept: boolean,
  { sha256, note }: OpenWeightsOptions,
): Promise<void> {
  if (sha256 === undefined) return;
  const wanted = sha256.toLowerCase();
  if (!/^[0-9a-f]{8,64}$/.test(wanted)) {
    throw new UsageError(
      `Cannot use --sha256 ${sha256}: it must be 8 to 64 hexadecimal digits`,
    );
  }
  const found = await hashFile(path);
  if (!found.startsWith(wanted)) {
    const advice = isKept ? "; once it is deleted it is downloaded anew" : "";
    throw new CheckpointError(
      `Cannot use ${path} as its SHA-256 is ${found}, not ${wanted}${advice}`,
    );
  }
  note(`weights: ${path} has the SHA-256 ${found}`);
}

const hashFile = async (path: string): Promise<string> =>
  await hashBytes(await Deno.readFile(path));

/** Downloads weights, unless they were before. */
async function fetchWeights(
  address: string,
  { quiet, note, cache = findWeightsDir() }: OpenWeightsOptions,
): Promise<string> {
  if (cache === undefined) {
    throw new Error(
      `Cannot keep ${address} as there is no cache directory: neither XDG_CACHE_HOME nor HOME is set`,
    );
  }
  if (!URL.canParse(address)) throw new UsageError(`Cannot download ${address}: it is no address`);
  const key = await hashBytes(new TextEncoder().encode(address));
  const name = /([^/]+?)(?:[?#].*)?$/.exec(new URL(address).pathname)?.[1] ?? "weights";
  const path = joinPath(cache, `${key.slice(0, 16)}-${name.replaceAll(/[^\w.-]/g, "_")}`);
  if (await exists(path)) {
    note(`weights: ${address}, kept as ${path} (SHA-256 ${await hashFile(path)})`);
    return path;
  }
  note(`weights: downloading ${address}`);
  const bytes = await download(address, quiet ?? false);
  await Deno.mkdir(cache, { recursive: true });
  await writeFileAtomically(path, [bytes]);
  note(
    `weights: kept as ${path}, ${(bytes.length / 1e6).toFixed(1)} MB, SHA-256 ${await hashBytes(
      bytes,
    )}`,
  );
  return path;
}

function findWeightsDir(): string | undefined {
  const dir = findCacheDir(readEnv);
  return dir && joinPath(dir, "weights");
}

async function download(address: string, quiet: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, cause?: unknown) =>
    new Error(`Cannot download ${address}: ${reason}`, { cause });
  const response = await fetch(address).catch((error) => {
    throw refuse(formatCause(error), error);
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw refuse(`the server answers ${response.status} ${response.statusText}`.trim());
  }
  const length = Number(response.headers.get("content-length") ?? NaN);
  const line = quiet ? silentLine : createProgressLine();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let done = 0;
  try {
    for await (const part of response.body) {
      parts.push(part);
      done += part.length;
      const share = done / length;
      if (share <= 1) line.show(share, `downloading, ${formatPercent(share)}`);
    }
  } catch (error) {
    throw refuse(`the connection broke after ${done} bytes: ${formatError(error)}`, error);
  } finally {
    line.clear();
  }
  return await new Blob(parts).bytes();
}

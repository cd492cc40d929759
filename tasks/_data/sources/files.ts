import { createHash } from "node:crypto";
import type { EncodedImage } from "../../../pipelines/mod.ts";
import { openIdx } from "../fetch/open_idx.ts";
import type { UnreadableRecord } from "../sets/data_set.ts";
import { hashText } from "../sets/splits.ts";

/** Describes why a picture cannot be read that its folder or table named when the data was opened. */
export function describeGone(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const isGone = cause instanceof Deno.errors.NotFound ||
    (cause as { code?: string }).code === "ENOENT";
  if (isGone) return "there is no such file, or no longer";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Cannot read image .*? as /s, "");
}

/**
 * Reads a picture's file. One that cannot be read becomes a record that cannot be decoded, so that it is treated as other bad
 * records are.
 */
export async function readPicture(
  read: () => Promise<EncodedImage>,
  path: string,
  label: number,
): Promise<UnreadableRecord> {
  try {
    return await read();
  } catch (error) {
    return { bytes: new Uint8Array(), label, path, problem: describeGone(error) };
  }
}

/** How many files are asked for at a time. */
const AT_A_TIME = 256;

/** What is known of a file without reading it; nothing if it is gone. */
type FileFacts = Pick<Deno.FileInfo, "size" | "mtime"> | undefined;

/** Asks for the facts of files, in their order. */
async function* statFiles(paths: readonly string[]): AsyncGenerator<[string, FileFacts]> {
  for (let at = 0; at < paths.length; at += AT_A_TIME) {
    const some = paths.slice(at, at + AT_A_TIME).map(async (path): Promise<[string, FileFacts]> => [
      path,
      await Deno.stat(path).catch(() => undefined),
    ]);
    yield* await Promise.all(some);
  }
}

/** Computes a fingerprint of files by their paths, sizes and times, without reading them. */
export async function fingerprintFiles(paths: readonly string[]): Promise<string> {
  const facts: string[] = [];
  for await (const [path, found] of statFiles(paths)) {
    facts.push(`${path} ${found?.size} ${found?.mtime?.getTime()}`);
  }
  return hashText(facts.join("\n"));
}

/** The most bytes of files whose content is read for an outline. */
const READ_FOR_OUTLINE = 64e6;

/** Computes what the same files have wherever they lie: of their names and sizes, and of their content where that is 64 MB or less. */
export async function outlineFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const [path, found] of statFiles(paths)) {
    bytes += found?.size ?? 0;
    hash.update(`${path.slice(path.lastIndexOf("/") + 1)} ${found?.size}\n`);
  }
  if (bytes <= READ_FOR_OUTLINE) {
    for (const path of paths) hash.update(await Deno.readFile(path).catch(() => new Uint8Array()));
  }
  return hash.digest("hex").slice(0, 32);
}

/** Watches files by their sizes and times: each call lists those that are others than at the first. */
export function watchFiles(paths: readonly string[]): () => Promise<string[]> {
  let first: Float64Array | undefined;
  return async () => {
    const facts = new Float64Array(2 * paths.length);
    const changed: string[] = [];
    let at = 0;
    for await (const [path, found] of statFiles(paths)) {
      facts.set([found?.size ?? NaN, found?.mtime?.getTime() ?? NaN], at);
      const isSame = !first || Object.is(facts[at], first[at]) &&
          Object.is(facts[at + 1], first[at + 1]);
      if (!isSame) changed.push(path);
      at += 2;
    }
    first ??= facts;
    return changed;
  };
}

/**
 * Opens a file, decompressed where it is gzipped, when it is first read: one that is never read is never opened, and none stays
 * open where another could not be.
 */
export async function* openLater(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* await openIdx(path);
}

import { createHash } from "node:crypto";
import type { FileFacts } from "./dataset.ts";
import { type FileProblem, formatCause } from "./dataset_error.ts";
import { isGzipError, openIdx } from "./open_idx.ts";

const formatCount = (n: number): string => n.toLocaleString("en-US");

/** What was read of a file: its content, decompressed, or the problem with it. */
export type ReadFile =
  | { readonly content: Uint8Array<ArrayBuffer>; readonly problem?: undefined }
  | { readonly content?: undefined; readonly problem: FileProblem };

/** Reads a whole file and checks its content. */
export async function readChecked(path: string, expected: FileFacts): Promise<ReadFile> {
  const content = new Uint8Array(expected.bytes);
  const problem = await checkFile(path, expected, content);
  return problem ? { problem } : { content };
}

/**
 * Reads a whole file and compares its decompressed content with the expected facts. What is longer is read no further.
 *
 * @param content Where the decompressed content is put, if it is wanted: room for all of it.
 * @returns The problem with the file, or `undefined`.
 */
export async function checkFile(
  path: string,
  expected: FileFacts,
  content?: Uint8Array<ArrayBuffer>,
): Promise<FileProblem | undefined> {
  const hash = createHash("sha256");
  let bytes = 0;
  let broken: string | undefined;
  let stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  try {
    // A pipe without a writer can't even be opened, and a device may have no end.
    if (!(await Deno.stat(path)).isFile) return { path, found: "it is not a regular file" };
    stream = await openIdx(path);
  } catch (error) {
    return { path, found: `it cannot be read: ${formatCause(error)}` };
  }
  try {
    for await (const chunk of stream) {
      if (bytes + chunk.length > expected.bytes) {
        const found = `it has more than ${formatCount(expected.bytes)} bytes when decompressed`;
        return { path, found, expectedSha256: expected.sha256, isWrong: true };
      }
      hash.update(chunk);
      content?.set(chunk, bytes);
      bytes += chunk.length;
    }
  } catch (error) {
    if (!isGzipError(error)) {
      return { path, found: `it cannot be read: ${formatCause(error)}` };
    }
    broken = "its gzip stream ends early or is damaged";
  }
  const actualSha256 = hash.digest("hex");
  if (!broken && bytes === expected.bytes && actualSha256 === expected.sha256) return undefined;
  const size = bytes === expected.bytes
    ? `${formatCount(bytes)} bytes`
    : `${formatCount(bytes)} of ${formatCount(expected.bytes)} bytes`;
  return {
    path,
    found: `${broken ? `${broken}: ` : ""}${size} when decompressed, ` +
      `SHA-256 ${actualSha256} where ${expected.sha256} is right`,
    expectedSha256: expected.sha256,
    actualSha256,
    isWrong: true,
  };
}

/**
 * Renames a file of wrong content to `*.rejected`, so that no later run takes it for a good one. Only for files that Rill
 * has put where they are: a person's own stay as they are.
 */
export async function rejectFile(problem: FileProblem): Promise<FileProblem> {
  if (!problem.isWrong) return problem; // It was not read, so its content may be right.
  const movedTo = `${problem.path.replace(/\.part$/, "")}.rejected`;
  try {
    await Deno.rename(problem.path, movedTo);
    return { ...problem, movedTo };
  } catch {
    return problem; // The folder is read-only: the file stays and is refused again next time.
  }
}

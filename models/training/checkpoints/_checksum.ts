import { CheckpointError } from "../../weights/checkpoint_error.ts";

/** The entry of a file's metadata that has its checksum. */
export const CHECKSUM = "rill_checksum";

/** What stands in the place of the checksum while it is computed. */
export const NO_CHECKSUM = "0".repeat(64);

/** The bytes that are hashed at a time: enough to be fast, and few enough not to be noticed as memory. */
const BLOCK = 2 ** 20;

/** What a checksum's digits come behind. Within a string of JSON its quotes are escaped, so there it isn't found. */
const beginning = new TextEncoder().encode(`"${CHECKSUM}":"`);

/** Computes the SHA-256 of bytes. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

/**
 * Computes the checksum of a file that is in memory in parts, whose checksum is given as zeros: the SHA-256 of the SHA-256s of its
 * blocks of a MiB, in lower-case hexadecimal.
 */
export async function computeChecksum(
  parts: readonly Uint8Array<ArrayBuffer>[],
  hash: Sha256 = hashOnTheWeb,
): Promise<string> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const digests = new Uint8Array(32 * Math.ceil(length / BLOCK));
  let at = 0;
  for (const block of listBlocks(parts)) {
    digests.set(await hash(block), at);
    at += 32;
  }
  return formatHex(await hash(digests));
}

/** Lists the blocks of what lies in parts. A block is to be used before the next is asked for. */
function* listBlocks(
  parts: readonly Uint8Array<ArrayBuffer>[],
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  const block = new Uint8Array(BLOCK);
  let filled = 0;
  for (const part of parts) {
    let at = 0;
    while (at < part.length) {
      const next = part.subarray(at, at + BLOCK - filled);
      at += next.length;
      if (next.length === BLOCK) {
        yield next;
        continue;
      }
      block.set(next, filled);
      filled += next.length;
      if (filled < BLOCK) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Computes it by what browsers have. */
async function hashOnTheWeb(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // Pages that aren't secure, such as those of a machine in the next room by http, have none.
  if (globalThis.crypto?.subtle) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  }
  const { sha256 } = await import("@noble/hashes/sha2.js");
  return sha256(bytes);
}

const formatHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Finds where the digits of the checksum begin in a header, or in any bytes that begin with one. */
function findDigits(bytes: Uint8Array): number | undefined {
  const [first = 0] = beginning;
  const last = bytes.length - beginning.length - NO_CHECKSUM.length;
  for (let at = bytes.indexOf(first); at >= 0 && at <= last; at = bytes.indexOf(first, at + 1)) {
    if (beginning.every((byte, i) => bytes[at + i] === byte)) return at + beginning.length;
  }
  return undefined;
}

/** Puts a checksum into bytes, such as a header, in the place of the one that they have, which must be there. */
export function setChecksum(bytes: Uint8Array<ArrayBuffer>, checksum: string): void {
  new TextEncoder().encodeInto(checksum, bytes.subarray(findDigits(bytes)));
}

/**
 * Verifies the checksum of a file that has one.
 *
 * @param header The number of bytes among which the checksum is.
 * @returns The error, if it is another than the file's.
 */
export async function verifyChecksum(
  bytes: Uint8Array<ArrayBuffer>,
  header: number,
  source: string,
): Promise<CheckpointError | undefined> {
  const head = bytes.slice(0, header);
  const at = findDigits(head);
  const digits = at === undefined
    ? ""
    : new TextDecoder().decode(head.subarray(at, at + NO_CHECKSUM.length));
  if (at !== undefined) setChecksum(head, NO_CHECKSUM);
  const found = await computeChecksum([head, bytes.subarray(header)]);
  if (digits === found) return undefined;
  return new CheckpointError(
    `Cannot read ${source} as it is damaged: its checksum is ${digits || "gone"}, ` +
      `and that of its bytes ${found}`,
  );
}

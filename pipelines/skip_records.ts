import { checkWhole } from "./_check_whole.ts";
import type { BadRecord, RecordPolicy } from "./record_policy.ts";

/** Options of {@linkcode skipRecords}. */
export interface SkipRecordsOptions {
  /**
   * How many records may be skipped in a stream; the next bad one fails it. After a resumption, those before it count.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
  /** Is told of each record that is skipped. A promise that it returns is awaited. */
  readonly onSkip?: (bad: BadRecord) => void | Promise<void>;
}

/** A policy that counts. */
export interface SkippingPolicy extends RecordPolicy {
  /** How many records it has skipped so far, of all streams that it was used for in this process. */
  readonly skipped: number;
}

/**
 * The policy to go on without bad records, and to count them.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, guarded, map, skipRecords } from "@rill/rill/pipelines";
 *
 * const lines: string[] = [];
 * const policy = skipRecords({ limit: 10, onSkip: ({ error }) => void lines.push(error.message) });
 * const numbers = pipe(
 *   ReadableStream.from(["1", "two", "3"]),
 *   guarded(map((text: string) => BigInt(text)), policy),
 * );
 * assertEquals(await collect(numbers), [1n, 3n]);
 * assertEquals(policy.skipped, 1);
 * assertEquals(lines, ["Cannot map item 1: Cannot convert two to a BigInt"]);
 * ```
 *
 * @param options How many may be skipped, and who is told.
 * @returns The policy.
 * @throws {RangeError} When `limit` is neither a whole number of at least 0 nor `Infinity`.
 */
export function skipRecords(
  { limit = Infinity, onSkip = () => {} }: SkipRecordsOptions = {},
): SkippingPolicy {
  if (limit !== Infinity) checkWhole(`skip up to ${limit} records`, "limit", limit);
  let skipped = 0;
  const policy: RecordPolicy = async (bad) => {
    if (bad.skipped >= limit) return "fail";
    await onSkip(bad);
    skipped++;
    return "skip";
  };
  return Object.defineProperty(policy, "skipped", {
    get: () => skipped,
    enumerable: true,
  }) as SkippingPolicy;
}

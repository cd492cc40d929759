/**
 * Policies for records that a stage fails on: fail, or skip and count.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import type { StageError } from "../stage/stage_error.ts";

/**
 * Decides about each record that a stage fails on.
 * {@linkcode failRecords} and {@linkcode skipRecords} make the usual ones, and {@linkcode withRecordPolicy} gives a stage one.
 *
 * @example A policy of one's own
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, withRecordPolicy, map, type RecordPolicy } from "@rill/rill/pipelines";
 *
 * // Leaves out what is empty, takes what isn't a number for 0, and fails at anything else.
 * const lenient: RecordPolicy<string, number> = ({ record, error }) => {
 *   if (record === "") return "skip";
 *   return error.cause instanceof TypeError ? { use: 0 } : "fail";
 * };
 * const parse = map((text: string) => {
 *   const number = text === "" ? NaN : Number(text);
 *   if (Number.isNaN(number)) throw new TypeError(`"${text}" is not a number`);
 *   return number;
 * });
 * const numbers = pipe(ReadableStream.from(["1", "", "two", "3"]), withRecordPolicy(parse, lenient));
 * assertEquals(await collect(numbers), [1, 0, 3]);
 * ```
 *
 * @typeParam I The type of the records.
 * @typeParam R The type of what takes the place of an output.
 */
export type RecordPolicy<I = unknown, R = never> = (
  bad: BadRecord<I>,
) => Recovery<R> | Promise<Recovery<R>>;

/** A record that a stage failed on. */
export interface BadRecord<I = unknown> {
  /** The item that the stage was given. */
  readonly record: I;
  /** The stage's error, with the record's position. */
  readonly error: StageError;
  /** How many records before it were skipped. */
  readonly skipped: number;
}

/**
 * The decision about a bad record:
 * - `"fail"`: the stream fails with its error.
 * - `"skip"`: the stream goes on without it.
 * - `{ use }`: the stream goes on with this in the place of what the stage would have given.
 */
export type Recovery<R = never> = "fail" | "skip" | { readonly use: R };

/**
 * Makes the policy to fail at the first bad record, with its position and cause, as a stage does without a policy.
 *
 * @example Usage
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { drain, failRecords, withRecordPolicy, map, skipRecords, StageError } from "@rill/rill/pipelines";
 *
 * const isStrict = true; // An option of the program, say.
 * const policy = isStrict ? failRecords() : skipRecords();
 * const parse = withRecordPolicy(map((text: string) => JSON.parse(text)), policy);
 * await assertRejects(
 *   () => drain(parse(ReadableStream.from(["1", "?"]))),
 *   StageError,
 *   "Cannot map item 1: ",
 * );
 * ```
 *
 * @returns The policy.
 */
export function failRecords(): RecordPolicy {
  return () => "fail";
}

/** Options of {@linkcode skipRecords}. */
export interface SkipRecordsOptions {
  /**
   * How many records may be skipped in a stream; the next bad one fails it. After a resumption, those before it count.
   *
   * @default {Infinity}
   */
  readonly limit?: number;
  /** Called for each record that is skipped. A promise that it returns is awaited. */
  readonly onSkip?: (bad: BadRecord) => void | Promise<void>;
}

/** A policy that counts. */
export interface SkippingPolicy extends RecordPolicy {
  /** How many records it has skipped so far, of all streams that it was used for in this process. */
  readonly skipped: number;
}

/**
 * Makes the policy to go on without bad records, and to count them.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, withRecordPolicy, map, skipRecords } from "@rill/rill/pipelines";
 *
 * const lines: string[] = [];
 * const policy = skipRecords({ limit: 10, onSkip: ({ error }) => void lines.push(error.message) });
 * const numbers = pipe(
 *   ReadableStream.from(["1", "two", "3"]),
 *   withRecordPolicy(map((text: string) => BigInt(text)), policy),
 * );
 * assertEquals(await collect(numbers), [1n, 3n]);
 * assertEquals(policy.skipped, 1);
 * assertEquals(lines, ["Cannot map item 1: Cannot convert two to a BigInt"]);
 * ```
 *
 * @param options How many may be skipped, and who is told.
 * @returns The policy.
 * @throws {RangeError} When `limit` is neither an integer of at least 0 nor `Infinity`.
 */
export function skipRecords(
  { limit = Infinity, onSkip = () => {} }: SkipRecordsOptions = {},
): SkippingPolicy {
  if (limit !== Infinity) checkInteger(`skip up to ${limit} records`, "limit", limit);
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

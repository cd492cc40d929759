import type { StageError } from "./stage_error.ts";

/**
 * What is to become of the records that a stage fails on: a function, which is asked about each of them.
 * {@linkcode failRecords} and {@linkcode skipRecords} make the usual ones, and {@linkcode guarded} gives a stage one.
 *
 * @example A policy of one's own
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, guarded, map, type RecordPolicy } from "@rill/rill/pipelines";
 *
 * // Leaves out what is empty, takes what is no number for 0, and fails at anything else.
 * const lenient: RecordPolicy<string, number> = ({ record, error }) => {
 *   if (record === "") return "skip";
 *   return error.cause instanceof TypeError ? { use: 0 } : "fail";
 * };
 * const parse = map((text: string) => {
 *   const number = text === "" ? NaN : Number(text);
 *   if (Number.isNaN(number)) throw new TypeError(`"${text}" is no number`);
 *   return number;
 * });
 * const numbers = pipe(ReadableStream.from(["1", "", "two", "3"]), guarded(parse, lenient));
 * assertEquals(await collect(numbers), [1, 0, 3]);
 * ```
 *
 * @typeParam I The type of the records.
 * @typeParam R The type of what takes the place of an output.
 */
export type RecordPolicy<I = unknown, R = never> = (
  bad: BadRecord<I>,
) => Verdict<R> | Promise<Verdict<R>>;

/** A record that a stage failed on. */
export interface BadRecord<I = unknown> {
  /** What the stage was given. */
  readonly record: I;
  /** What went wrong, with the record's position. */
  readonly error: StageError;
  /** How many records before it were skipped. */
  readonly skipped: number;
}

/**
 * What is to become of it:
 * - `"fail"`: the stream fails with its error.
 * - `"skip"`: the stream goes on without it.
 * - `{ use }`: the stream goes on with this in the place of what the stage would have given.
 */
export type Verdict<R = never> = "fail" | "skip" | { readonly use: R };

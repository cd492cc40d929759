import type { RecordPolicy } from "./record_policy.ts";

/**
 * The policy to fail at the first bad record, with its position and cause. It is what a stage does without a policy.
 *
 * @example Usage
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { drain, failRecords, guarded, map, skipRecords, StageError } from "@rill/rill/pipelines";
 *
 * const isStrict = true; // An option of the program, say.
 * const policy = isStrict ? failRecords() : skipRecords();
 * const parse = guarded(map((text: string) => JSON.parse(text)), policy);
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

/**
 * Stages with a policy for records that they fail on.
 *
 * @module
 */

import { findPerItem, isPerItem } from "../stage/_per_item.ts";
import { carryRandom, findRandom } from "../stage/_random.ts";
import { findStart } from "../stage/_start.ts";
import { type Recovered, workItems } from "../stage/_work_items.ts";
import type { Stage } from "../stage/stage.ts";
import { StageError } from "../stage/stage_error.ts";
import type { RecordPolicy } from "./record_policy.ts";

export { StageError } from "../stage/stage_error.ts";
export type { BadRecord, RecordPolicy, Recovery } from "./record_policy.ts";

/**
 * Gives a stage a policy for the records that it fails on: a stage that is the same but for them. Without a policy it is
 * the same there too.
 *
 * It takes stages that make one output of each item by itself, such as {@linkcode map}, {@linkcode decodeImage},
 * {@linkcode resize}, {@linkcode randomCrop} and {@linkcode inWorkers}, and several of them in `flow`, where a record is
 * left out by all of them together. The place of a record is its place in what the first of them is given, whatever was
 * left out before it; by this place random stages draw, so that what becomes of the good records doesn't depend on the
 * bad ones. A pipeline can be resumed as with the stage itself; the records left out have their part in a position.
 *
 * Other stages are refused. Of a stream of bytes nothing can be told behind the place where it is broken, so
 * {@linkcode decodeIdx}, {@linkcode decodeTar} and {@linkcode decodeCsv} can only fail; and a stage that gathers, as
 * {@linkcode batch} does, fails on what doesn't go together, which of the records is the bad one being another question. A
 * `map` with a policy in front of it that checks what a record must be answers it.
 *
 * Errors of the source and of what comes after pass as they are, and so does a {@linkcode WorkerError}. Holds what the
 * stage holds.
 *
 * @example Usage
 * ```ts
 * import { flow, pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, type Example, withRecordPolicy, normalize, resize } from "@rill/rill/pipelines";
 * import { skipRecords } from "@rill/rill/pipelines";
 *
 * const example = (bytes: number, label: number): Example => ({
 *   image: { data: new Uint8Array(bytes), height: 2, width: 2, channels: 1 },
 *   label,
 * });
 * const policy = skipRecords();
 * const prepared = pipe(
 *   ReadableStream.from([example(4, 0), example(3, 1), example(4, 2)]),
 *   withRecordPolicy(flow(resize({ height: 5, width: 5 }), normalize()), policy),
 * );
 * assertEquals((await collect(prepared)).map(({ label }) => label), [0, 2]);
 * assertEquals(policy.skipped, 1);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that the stage gives.
 * @typeParam R The type of what the policy gives in their place.
 * @param stage The stage.
 * @param policy What is to become of a record that the stage fails on with a {@linkcode StageError}.
 * @returns The stage with the policy. A record that the policy is to fail at fails the stream with its own error. An
 * error of the policy itself fails it with a {@linkcode StageError}.
 * @throws {TypeError} When the stage is not one that makes one output of each item by itself.
 */
export function withRecordPolicy<I, O, R = never>(
  stage: Stage<I, O>,
  policy: RecordPolicy<NoInfer<I>, R>,
): (source: AsyncIterable<I>) => AsyncIterable<O | R> {
  if (!isPerItem(stage)) throw new TypeError(NOT_PER_ITEM);
  const recover = async (
    error: unknown,
    record: I,
    index: number,
    skipped: number,
  ): Promise<Recovered<R>> => {
    if (!(error instanceof StageError)) throw error;
    let recovery;
    try {
      recovery = await policy({ record, error, skipped });
    } catch (cause) {
      throw new StageError("recover", index, cause);
    }
    if (recovery === "fail") throw error;
    if (recovery === "skip" || typeof recovery === "object" && "use" in recovery) return recovery;
    throw new StageError("recover", index, new TypeError(`the policy gave ${String(recovery)}`));
  };
  return (source) => {
    const perItem = findPerItem(stage, findRandom(source), findStart(source));
    if (!perItem) throw new TypeError(NOT_PER_ITEM);
    const { concurrency, begin, random } = perItem;
    const options = { name: "withRecordPolicy", concurrency, begin, recover };
    return carryRandom(workItems<I, O | R>(source, options), random);
  };
}

const NOT_PER_ITEM =
  "Cannot give a policy to a stage that doesn't make one output of each item by itself, as map() does";

/**
 * One share of a stream, for one of several readers.
 *
 * @module
 */

import { checkShard } from "../_arguments/check_integer.ts";
import { type Pull, type Pulled, pullUntil } from "../stage/_pull.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

/**
 * Gives one of `count` shares of the items: those at the positions `index`, `index + count`, `index + 2 * count` and so
 * on. Together the shares have each item once. Holds one item. For a source with indices, {@linkcode shardIndexed} reads
 * nothing of the other shares.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, shard } from "@rill/rill/pipelines";
 *
 * assertEquals(await collect(shard(0, 2)(ReadableStream.from([..."abcde"]))), ["a", "c", "e"]);
 * assertEquals(await collect(shard(1, 2)(ReadableStream.from([..."abcde"]))), ["b", "d"]);
 * ```
 *
 * @param index Which share, from 0.
 * @param count How many shares there are.
 * @returns The stage.
 * @throws {RangeError} When `count` is not an integer of at least 1, or `index` not one from 0 to `count - 1`.
 */
export function shard(
  index: number,
  count: number,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkShard(index, count);
  const facts = { shard: index, shards: count };
  return <T>(source: AsyncIterable<T>) =>
    stageOf({
      name: "shard",
      facts,
      state: { index: 0 },
      itemsPerOutput: count,
      begin({ input, state }: StageRun<T>): Pull<T> {
        const pull = () => input.pull();
        const isOfShard = (result: Pulled<T>) => result.done || state.index++ % count === index;
        return () => pullUntil(pull, isOfShard);
      },
    })(source);
}

/**
 * One part of each batch, for one of several ranks.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { carryShards } from "../stage/_batch_shards.ts";
import { andThen, type Pull, type Pulled } from "../stage/_pull.ts";
import { findSelectable } from "../stage/_selectable.ts";
import { carryStart, findFirstIndex, findStart } from "../stage/_start.ts";
import { countItems, createShards, findPlace } from "./_batch_parts.ts";
import type { Position } from "../stage/position.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";

/**
 * Gives of each batch of one order the part that one rank of several trains on, so that together they train on the same batches
 * as one alone. The batches are as {@linkcode batch} of the same size gathers them behind, which gathers the parts then and says of
 * each which it is.
 *
 * Stages between that make one output of each item count as in the whole order: what is drawn at random for an item is the same
 * whichever rank has it, in workers too. Others, as `filter` and `shuffle`, belong before. Directly behind {@linkcode readIndexed}
 * nothing of the other parts is read. Behind other sources it is read and nothing more, and the stage holds one batch of items, as
 * the last one may be smaller and its parts others. For shares of a stream whatever the batches, there is {@linkcode shard}.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, gather, readIndexed, shardBatches } from "@rill/rill/pipelines";
 *
 * const source = { length: 6, get: (n: number) => ({ n }) };
 * const ofRank = (rank: number) =>
 *   pipe(
 *     source,
 *     readIndexed(),
 *     shardBatches(4, (size) => [size * rank / 2, size * (rank + 1) / 2]),
 *     gather(4),
 *     collect,
 *   );
 * assertEquals((await ofRank(1)).map(({ n, part }) => [[...n], part]), [
 *   [[2, 3], { first: 2, whole: 4 }],
 *   [[5], { first: 1, whole: 2 }],
 * ]);
 * ```
 *
 * @param size How many items a batch holds.
 * @param share Which items of a batch of so many the part has: the index of the first one, and that after the last one. It has one
 * at least. `findBatchPart` of `models` gives it.
 * @returns The stage. It throws a `RangeError` where `share` gives no part of a batch.
 * @throws {RangeError} When `size` is not an integer of at least 1, or `share` gives no part of a batch of this size.
 */
export function shardBatches(
  size: number,
  share: (size: number) => readonly [first: number, end: number],
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`shard batches of ${size}`, "size", size, { min: 1 });
  const findShare = checkShare(share);
  const [first, end] = findShare(size);
  return <T>(source: AsyncIterable<T>): AsyncIterable<T> => {
    const parts = { size, share: findShare, length: Infinity };
    const shards = createShards(parts, findFirstIndex(source));
    const carry = (items: AsyncIterable<T>) =>
      carryShards(
        // Where it isn't known what comes before, nothing behind may be drawn at random.
        carryStart(items, Number.isNaN(findStart(source)) ? NaN : 0),
        shards,
      );
    const facts = { size, first, end };
    const selectable = findSelectable(source);
    if (selectable) {
      parts.length = selectable.length;
      const items = selectable.select(countItems(parts), (index) => findPlace(parts, index));
      // For the position of another rank to be refused, and to have the same form behind any source.
      return carry(
        stageOf({
          name: "shardBatches",
          facts,
          state: { index: 0 },
          begin({ input, state }: StageRun<T>): Pull<T> {
            const count = (pulled: Pulled<T>): Pulled<T> => {
              if (!pulled.done) state.index++;
              return pulled;
            };
            return (allocate) => andThen(input.pull(allocate), count);
          },
        })(items),
      );
    }
    return carry(
      stageOf({
        name: "shardBatches",
        facts,
        // How many items are in batches that are done with, and how many of the part of the next one were given.
        state: { index: 0, given: 0 },
        limits: { given: end - first },
        begin({ input, state }: StageRun<T, { index: number; given: number }>) {
          /** Where the source was before the batch. */
          let before = input.position();
          async function* giveParts(): AsyncGenerator<T, void, undefined> {
            while (true) {
              const items: T[] = [];
              while (items.length < size) {
                const pulled = await input.pull();
                if (pulled.done) break;
                items.push(pulled.value);
              }
              const { length } = items;
              if (length < size) parts.length = state.index + length;
              if (length === 0) return;
              const part = items.slice(...findShare(length));
              while (state.given < part.length) {
                const item = part[state.given++]!;
                if (state.given === part.length) {
                  state.index += length;
                  state.given = 0;
                  before = input.position();
                  yield item;
                  break;
                }
                yield item;
              }
              if (length < size) return;
            }
          }
          return { outputs: giveParts(), position: (): Position => ({ source: before! }) };
        },
      })(source),
    );
  };
}

/** Makes a function of sizes that keeps what it gave last, and refuses what is no part of a batch. */
function checkShare(
  share: (size: number) => readonly [number, number],
): (size: number) => readonly [number, number] {
  const known = new Map<number, readonly [number, number]>();
  return (size) => {
    const found = known.get(size);
    if (found) return found;
    const [first, end] = share(size);
    const isPart = Number.isInteger(first) && Number.isInteger(end) &&
      first >= 0 && first < end && end <= size;
    if (!isPart) {
      throw new RangeError(
        `Cannot shard batches of ${size} to items ${first} to ${end}: a part has items of the batch, one at least`,
      );
    }
    known.set(size, [first, end]);
    return [first, end];
  };
}

import { checkWhole } from "./_check_whole.ts";
import { closing } from "./_closing.ts";

/**
 * Works ahead: while the consumer is busy with an item, the source is pulled for the next ones, one after the other.
 * Order stays, and an error comes in its place, after the items before it. Holds `count` items beside the one it gave.
 *
 * What the source does without waiting still takes its time from the consumer, as both share a thread; what overlaps is
 * waiting, for a disk, a network, a worker or a GPU.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { prefetch } from "@rill/rill/pipelines";
 *
 * let pulled = 0;
 * async function* source() {
 *   while (true) yield pulled++;
 * }
 * for await (const item of prefetch(2)(source())) {
 *   await new Promise((resolve) => setTimeout(resolve, 1)); // A training step.
 *   assertEquals(pulled, item + 1 + 2);
 *   if (item === 3) break;
 * }
 * ```
 *
 * @param count How many items to be ahead.
 * @returns The stage.
 * @throws {RangeError} When `count` is not a whole number of at least 1.
 */
export function prefetch(count: number): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkWhole(`prefetch ${count} items`, "count", count, { min: 1 });
  return (source) => closing(prefetched(source, count), source);
}

async function* prefetched<T>(
  source: AsyncIterable<T>,
  count: number,
): AsyncGenerator<T, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  const queue: Promise<IteratorResult<T, void>>[] = [];
  let closed = false;
  let ended = false;
  const pull = async (): Promise<IteratorResult<T, void>> => {
    if (closed || ended) return { done: true, value: undefined };
    try {
      const result = await items.next();
      ended = result.done === true;
      return result;
    } catch (error) {
      ended = true;
      throw error;
    }
  };
  // Each pull waits for the one before it: not every iterator can take two at a time.
  let last: Promise<unknown> = Promise.resolve();
  const pullNext = (): Promise<IteratorResult<T, void>> => {
    const result = last.then(pull);
    result.catch(() => {}); // An error is reported when its turn comes.
    last = result;
    return result;
  };
  try {
    while (true) {
      while (queue.length <= count) queue.push(pullNext());
      const result = await queue.shift()!;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    closed = true;
    if (!ended) await items.return?.();
  }
}

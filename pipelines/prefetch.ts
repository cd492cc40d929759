import { checkWhole } from "./_check_whole.ts";
import { Input } from "./_input.ts";
import { output } from "./_output.ts";
import { type Pulled, Puller } from "./_puller.ts";
import type { Position } from "./position.ts";

/**
 * Works ahead: while the consumer is busy with an item, the source is pulled for the next ones, one after the other.
 * Order stays, and an error comes in its place, after the items before it. Holds `count` items beside the one it gave.
 *
 * What the source does without waiting still takes its time from the consumer, as both share a thread; what overlaps is
 * waiting, for a disk, a network, a worker or a GPU.
 *
 * A position is that of the item that was given, not of those that are ahead, and has nothing of this stage in it: to
 * resume with another `count`, or without the stage, is all the same.
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
  return <T>(source: AsyncIterable<T>) =>
    output([source], (tracked, from) => {
      const input = new Input(source, tracked, from);
      // Where the input was when it gave the item that was given last. A position has nothing of this stage in it.
      let position: Position | undefined;
      const given = (pulled: Pulled<T>) => position = pulled.position;
      return {
        outputs: prefetched(input, count, tracked, given),
        inputs: [input],
        position: () => position ?? input.position(),
      };
    });
}

async function* prefetched<T>(
  input: Input<T>,
  count: number,
  tracked: boolean,
  given: (pulled: Pulled<T>) => void,
): AsyncGenerator<T, void, undefined> {
  const puller = new Puller(input, tracked);
  const queue: Promise<Pulled<T>>[] = [];
  try {
    while (true) {
      while (queue.length <= count) queue.push(puller.pull());
      const pulled = await queue.shift()!;
      if (pulled.result.done) return;
      given(pulled);
      yield pulled.result.value;
    }
  } finally {
    await puller.close();
  }
}

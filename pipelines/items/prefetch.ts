/**
 * Items pulled ahead, while the consumer is busy.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { Input } from "../stage/_input.ts";
import { makeTransparentIterable } from "../stage/_iterable.ts";
import { isPromise, type Pulled } from "../stage/_pull.ts";
import type { Position } from "../stage/position.ts";

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
 * @throws {RangeError} When `count` is not an integer of at least 1.
 */
export function prefetch(count: number): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`prefetch ${count} items`, "count", count, { min: 1 });
  return <T>(source: AsyncIterable<T>) =>
    makeTransparentIterable(source, (tracked, from) => {
      const input = new Input(source, tracked, from);
      const ahead = new ReadAhead(input, count);
      return {
        outputs: () => ahead.pull(),
        inputs: [input],
        source: () => ahead.position ?? input.position()!,
      };
    });
}

/** A result of a pull, and where the input was then. */
interface Arrival<T> {
  readonly result: Pulled<T>;
  readonly position: Position | undefined;
}

/** Pulls ahead. Each pull waits for the one before it: not every iterator can take two at a time. */
class ReadAhead<T> {
  /** Where the input was when it gave the item that was given last. */
  position: Position | undefined;
  readonly #input: Input<T>;
  readonly #count: number;
  readonly #arrived: (() => Arrival<T>)[] = [];
  #arriving: Promise<void> | undefined;
  /** Whether the consumer waits for it. */
  #isAwaited = false;
  /** Whether more are to be pulled, soon. */
  #isDue = false;
  #ended = false;

  constructor(input: Input<T>, count: number) {
    this.#input = input;
    this.#count = count;
  }

  pull(): Pulled<T> | Promise<Pulled<T>> {
    if (this.#arrived.length === 0 && !this.#arriving) this.#fetch();
    if (this.#arrived.length > 0) return this.#give();
    this.#isAwaited = true;
    return this.#arriving!.then(() => this.#give());
  }

  #give(): Pulled<T> {
    this.#isAwaited = false;
    this.#continueSoon();
    const { result, position } = this.#arrived.shift()!();
    this.position = position;
    return result;
  }

  /** The consumer goes first: what it does until it waits for something is more urgent than what is ahead. */
  async #continueSoon(): Promise<void> {
    if (this.#isDue) return;
    this.#isDue = true;
    for (let i = 0; i < CONSUMER_TURNS; i++) await undefined;
    this.#isDue = false;
    this.#continue();
  }

  #continue(): void {
    while (!this.#ended && !this.#input.ended && !this.#arriving) {
      if (this.#arrived.length >= this.#count) return;
      this.#fetch();
    }
  }

  #fetch(): void {
    let pulled: Pulled<T> | Promise<Pulled<T>>;
    try {
      pulled = this.#input.pull();
    } catch (error) {
      return this.#keepError(error);
    }
    if (!isPromise(pulled)) return this.#keep(pulled);
    const arrived = () => {
      this.#arriving = undefined;
      if (!this.#isAwaited && !this.#isDue) this.#continue();
    };
    this.#arriving = pulled.then(
      (result) => {
        this.#keep(result);
        arrived();
      },
      (error) => {
        this.#keepError(error);
        arrived();
      },
    );
  }

  #keep(result: Pulled<T>): void {
    if (result.done) this.#ended = true;
    const position = this.#input.position();
    this.#arrived.push(() => ({ result, position }));
  }

  /** An error is reported when its turn comes. */
  #keepError(error: unknown): void {
    this.#ended = true;
    this.#arrived.push(() => {
      throw error;
    });
  }
}

/** The number of other tasks that go first, which is often enough for an item to get from here to an `await` of the consumer's. */
const CONSUMER_TURNS = 8;

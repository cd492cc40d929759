import { checkWhole } from "./_check_whole.ts";
import { closing } from "./_closing.ts";
import { below, hash } from "./_hash.ts";

/** Options of {@linkcode shuffle}. */
export interface ShuffleOptions {
  /** How many items to choose from, a whole number of at least 1. */
  readonly bufferSize: number;
  /** The seed, a whole number of at least 0. */
  readonly seed: number;
  /**
   * The epoch, a whole number of at least 0. Each has an order of its own.
   *
   * @default {0}
   */
  readonly epoch?: number;
}

/**
 * Mixes a stream that cannot be read in any order: fills a buffer, then gives one of its items at random for each that
 * comes in, and the rest at the end. Holds `bufferSize` items. For a source with indices, {@linkcode readIndexed} mixes
 * better, holds nothing and can start anywhere.
 *
 * An item can come out at most `bufferSize - 1` places before its own and stays in the buffer for `bufferSize` outputs on
 * average, so items of the stream's end never come early. With a buffer as long as the stream every order is
 * equally likely; with one of 1 the order stays.
 *
 * The choice at each output is a function of the seed, the epoch and the output's position alone, so the same source
 * comes out in the same order every time. That order is part of the contract: it stays the same in every version.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, shuffle } from "@rill/rill/pipelines";
 *
 * const mixed = shuffle({ bufferSize: 3, seed: 1, epoch: 0 });
 * const items = await collect(mixed(ReadableStream.from([0, 1, 2, 3, 4, 5])));
 * assertEquals(items.toSorted(), [0, 1, 2, 3, 4, 5]);
 * assertEquals(await collect(mixed(ReadableStream.from([0, 1, 2, 3, 4, 5]))), items);
 * ```
 *
 * @param options The buffer's size, and what decides the order.
 * @returns The stage.
 * @throws {RangeError} When `bufferSize` is not a whole number of at least 1, or `seed` or `epoch` not one of at least 0.
 */
export function shuffle(
  { bufferSize, seed, epoch = 0 }: ShuffleOptions,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkWhole(`shuffle with a buffer of ${bufferSize}`, "size", bufferSize, { min: 1 });
  checkWhole(`shuffle by seed ${seed}`, "seed", seed);
  checkWhole(`shuffle for epoch ${epoch}`, "epoch", epoch);
  return (source) => closing(shuffled(source, bufferSize, seed, epoch), source);
}

async function* shuffled<T>(
  source: AsyncIterable<T>,
  bufferSize: number,
  seed: number,
  epoch: number,
): AsyncGenerator<T, void, undefined> {
  const buffer: T[] = [];
  let given = 0;
  const draw = (): T => {
    const chosen = below(buffer.length, hash(PURPOSE, seed, epoch, given++));
    const item = buffer[chosen];
    const last = buffer.pop()!;
    if (chosen < buffer.length) buffer[chosen] = last;
    return item;
  };
  for await (const item of source) {
    if (buffer.push(item) === bufferSize) yield draw();
  }
  while (buffer.length > 0) yield draw();
}

/** Keeps these bits apart from those that {@linkcode indexPermutation} draws by the same seed. */
const PURPOSE = 2;

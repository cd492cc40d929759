/**
 * A stream in a random order, by a buffer. Indexed sources are shuffled by reading them.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { hash, pickBelow } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { andThen, END, type Pulled, pullUntil } from "../stage/_pull.ts";
import { findStart } from "../stage/_start.ts";
import { type Position, PositionError } from "../stage/position.ts";
import { stageOf, type StageOutputs, type StageRun } from "../stage/stage_of.ts";

/** Options of {@linkcode shuffle}. */
export interface ShuffleOptions {
  /** How many items to choose from, an integer of at least 1. */
  readonly bufferSize: number;
  /** The seed, an integer of at least 0. */
  readonly seed: number;
  /**
   * The epoch, an integer of at least 0. Each has an order of its own.
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
 * To resume, the source is pulled again from the oldest item in the buffer on: from `bufferSize` to several times as many
 * items, on average about `bufferSize * Math.log(bufferSize)`. A saved position stays small, but while positions are
 * asked for the buffer has one of the source beside each item.
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
 * @throws {RangeError} When `bufferSize` is not an integer of at least 1, or `seed` or `epoch` not one of at least 0. When it is
 * used behind a source that begins in the middle of an epoch, of which the buffer would hold items from before.
 */
export function shuffle(
  { bufferSize, seed, epoch = 0 }: ShuffleOptions,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`shuffle with a buffer of ${bufferSize}`, "size", bufferSize, { min: 1 });
  checkInteger(`shuffle by seed ${seed}`, "seed", seed);
  checkInteger(`shuffle for epoch ${epoch}`, "epoch", epoch);
  const draw = (index: number): number => hash(PURPOSES.shuffle, seed, epoch, index);
  return <T>(source: AsyncIterable<T>) => {
    if (findStart(source) !== 0) throw new RangeError(IN_THE_MIDDLE);
    return stageOf({
      name: "shuffle",
      facts: { bufferSize, seed, epoch },
      state: { index: 0, pulled: 0 },
      begin: (run: StageRun<T, ShuffleState>): StageOutputs<T> =>
        pullShuffled(run, bufferSize, draw),
    })(source);
  };
}

const IN_THE_MIDDLE =
  "Cannot shuffle from the middle of an epoch as the buffer would hold items of before: begin at its beginning, or resume " +
  "by resumeFrom(); a part that counts as a whole has withSeed({ seed, from: 0 }) before it";

type ShuffleState = {
  /** How many items have been given. */
  readonly index: number;
  /** How many have been pulled. */
  readonly pulled: number;
};

/** An item in the buffer. */
interface Slot<T> {
  /** The item, once it is there. */
  item?: T;
  /** How many items of the source come before it. */
  readonly index: number;
  /** The position of the source before it, where positions are asked for. */
  before?: Position | undefined;
}

function pullShuffled<T>(
  { input, state }: StageRun<T, ShuffleState>,
  bufferSize: number,
  draw: (index: number) => number,
): StageOutputs<T> {
  const buffer: Slot<T>[] = findBuffered(state, bufferSize, draw).map((index) => ({ index }));
  /** The items of the buffer that are to be pulled again, by their index. */
  const missing = new Map(buffer.map((slot) => [slot.index, slot]));
  let index = Math.min(state.pulled, ...missing.keys());
  let before = input.position();
  let ended = false;
  /** Puts an item in the buffer, and tells whether one is to be drawn. */
  const keep = (pulled: Pulled<T>): boolean => {
    if (pulled.done) {
      if (index < state.pulled) {
        throw new PositionError("shuffle", "its source has fewer items than at the position");
      }
      return ended = true;
    }
    const item = pulled.value;
    if (index < state.pulled) {
      const slot = missing.get(index++);
      if (slot) Object.assign(slot, { item, before });
    } else {
      buffer.push({ item, index, before });
      state.pulled = ++index;
    }
    before = input.position();
    return buffer.length === bufferSize;
  };
  const give = (): Pulled<T> =>
    buffer.length === 0
      ? END
      : { done: false, value: takeAt(buffer, draw(state.index++)).item as T };
  const pull = () => input.pull();
  return {
    outputs: () => ended ? give() : andThen(pullUntil(pull, keep), give),
    position: () => {
      const oldest = buffer.reduce<Slot<T> | undefined>(
        (old, slot) => old && old.index < slot.index ? old : slot,
        undefined,
      );
      return { source: oldest?.before ?? input.position()! };
    },
  };
}

/** Takes a random item out of the buffer and puts the last one in its place. */
function takeAt<T extends object | number>(buffer: T[], bits: number): T {
  const chosen = pickBelow(buffer.length, bits);
  const item = buffer[chosen]!;
  const last = buffer.pop()!;
  if (chosen < buffer.length) buffer[chosen] = last;
  return item;
}

/** Repeats the draws up to a position, and gives the indices of the items that are in the buffer then, by their place. */
function findBuffered(
  { index: given, pulled }: ShuffleState,
  bufferSize: number,
  draw: (index: number) => number,
): number[] {
  // One draw for each pull that filled the buffer; and after the last pull as many as there are items.
  if (given > pulled || given < pulled - bufferSize + 1) {
    throw new PositionError("shuffle", `the position has ${given} items given of ${pulled} pulled`);
  }
  const indices: number[] = [];
  let draws = 0;
  for (let index = 0; index < pulled; index++) {
    if (indices.push(index) === bufferSize) takeAt(indices, draw(draws++));
  }
  while (draws < given) takeAt(indices, draw(draws++));
  return indices;
}

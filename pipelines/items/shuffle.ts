import { checkInteger } from "../_arguments/check_integer.ts";
import { hash, pickBelow } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { END, type Pull, type Result } from "../stage/_pull.ts";
import { readSaved, type Saved } from "../stage/_saved.ts";
import { search } from "../stage/_search.ts";
import { andThen } from "../stage/_promise.ts";
import { type Position, PositionError } from "../stage/position.ts";

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
 * @throws {RangeError} When `bufferSize` is not an integer of at least 1, or `seed` or `epoch` not one of at least 0.
 */
export function shuffle(
  { bufferSize, seed, epoch = 0 }: ShuffleOptions,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkInteger(`shuffle with a buffer of ${bufferSize}`, "size", bufferSize, { min: 1 });
  checkInteger(`shuffle by seed ${seed}`, "seed", seed);
  checkInteger(`shuffle for epoch ${epoch}`, "epoch", epoch);
  const facts = { bufferSize, seed, epoch };
  return <T>(source: AsyncIterable<T>) =>
    output([source], (tracked, from) => {
      const saved = readSaved("shuffle", from);
      saved?.expect(facts);
      const drawn = (given: number): number => hash(PURPOSES.shuffle, seed, epoch, given);
      const state = restore<T>(saved, bufferSize, drawn);
      const input = new Input(source, tracked, saved?.part("source"));
      return {
        outputs: shuffled(input, tracked, state, bufferSize, drawn),
        inputs: [input],
        position: () => {
          const { buffer, given, pulled } = state;
          const oldest = buffer.reduce<Slot<T> | undefined>(
            (old, slot) => old && old.index < slot.index ? old : slot,
            undefined,
          );
          const source = oldest?.before ?? input.position();
          return { stage: "shuffle", ...facts, index: given, pulled, source };
        },
      };
    });
}

/** An item in the buffer. */
interface Slot<T> {
  item: T;
  /** Its position in the source, as a count. */
  readonly index: number;
  /** The position of the source before it, where that is tracked. */
  before?: Position;
}

interface State<T> {
  readonly buffer: Slot<T>[];
  given: number;
  pulled: number;
  /** Items of the buffer that are to be pulled again, by their index. */
  readonly missing: Map<number, Slot<T>>;
  /** The index of the first item that the input gives. */
  readonly first: number;
}

function shuffled<T>(
  input: Input<T>,
  tracked: boolean,
  state: State<T>,
  bufferSize: number,
  drawn: (given: number) => number,
): Pull<T> {
  const { buffer, missing } = state;
  const where = () => tracked ? input.position() : undefined;
  let before = where();
  let index = state.first;
  let ended = false;
  /** Puts an item in the buffer, and says whether one is to be drawn. */
  const keep = (pulled: Result<T>): boolean => {
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
    before = where();
    return buffer.length === bufferSize;
  };
  const draw = (): Result<T> =>
    buffer.length === 0 ? END : { done: false, value: drawFrom(buffer, drawn(state.given++)).item };
  return () => ended ? draw() : andThen(search(() => input.pull(), keep), draw);
}

/** Takes a random item out of the buffer and puts the last one in its place. */
function drawFrom<T>(buffer: T[], bits: number): T {
  const chosen = pickBelow(buffer.length, bits);
  const item = buffer[chosen];
  const last = buffer.pop()!;
  if (chosen < buffer.length) buffer[chosen] = last;
  return item;
}

/** Repeats the draws up to a position, to know which items are in the buffer then and where. */
function restore<T>(
  saved: Saved | undefined,
  bufferSize: number,
  drawn: (given: number) => number,
): State<T> {
  const given = saved?.count("index") ?? 0;
  const pulled = saved?.count("pulled") ?? 0;
  // One draw for each pull that filled the buffer; and after the last pull as many as there are items.
  if (given > pulled || given < pulled - bufferSize + 1) {
    throw saved!.refusal(`the position has ${given} items given of ${pulled} pulled`);
  }
  const indices: number[] = [];
  let draws = 0;
  for (let index = 0; index < pulled; index++) {
    if (indices.push(index) === bufferSize) drawFrom(indices, drawn(draws++));
  }
  while (draws < given) drawFrom(indices, drawn(draws++));
  const buffer = indices.map((index) => ({ index } as Slot<T>));
  const missing = new Map(buffer.map((slot) => [slot.index, slot]));
  const first = indices.reduce((a, b) => Math.min(a, b), pulled);
  return { buffer, given, pulled, missing, first };
}

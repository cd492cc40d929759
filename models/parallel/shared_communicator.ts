/**
 * Parallel training by threads that share memory.
 *
 * @module
 */

import { type Range, visitRanges } from "./_share.ts";
import {
  computeChunkLength,
  countSharedBytes,
  LENGTHS,
  MAX_RANKS,
  NUMBERS_START,
  REASON,
  WORD,
} from "./_shared_layout.ts";
import { type Communicator, CommunicatorError } from "./communicator.ts";

export { type Communicator, CommunicatorError } from "./communicator.ts";

/** The options of {@linkcode sharedCommunicator}. */
export interface SharedCommunicatorOptions {
  /**
   * How long this rank waits for another one at the most, in milliseconds, before it takes it for failed: one that hangs or was
   * ended says nothing. Time in which the whole machine sleeps doesn't count.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
}

/** The number of times that a rank looks for the others before it lets its CPU go: some tens of microseconds. */
const SPINS = 4000;

/**
 * Joins the ranks that exchange numbers through shared memory. Each rank must be a thread of its own: it waits for the
 * others with its thread blocked (and spins where a thread must not block, as a browser's first).
 *
 * @example Two ranks, of which this one fails
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { CommunicatorError, sharedCommunicator, sharedMemory } from "@rill/rill/models";
 *
 * const memory = sharedMemory(2);
 * sharedCommunicator(memory, 0).abort("no luck");
 * assertThrows(
 *   () => sharedCommunicator(memory, 1).allGather([Float32Array.of(1)], [[new Float32Array(1)], []]),
 *   CommunicatorError,
 *   "Cannot go on as rank 0 failed: no luck",
 * );
 * ```
 *
 * @param memory The memory that `sharedMemory` made.
 * @param rank The number of this rank, from 0.
 * @param options How long it waits for the others.
 * @returns The communicator of this rank.
 * @throws {RangeError} If the memory is not from `sharedMemory`, has no such rank, or the time is none.
 */
export function sharedCommunicator(
  memory: SharedArrayBuffer,
  rank: number,
  { timeout = Infinity }: SharedCommunicatorOptions = {},
): Communicator {
  const words = new Int32Array(memory, 0, NUMBERS_START / 4);
  const size = words[WORD.size]!;
  if (size < 1 || memory.byteLength !== countSharedBytes(size)) {
    throw new RangeError("Cannot join the ranks of this memory: it is not from sharedMemory");
  }
  if (!Number.isSafeInteger(rank) || rank < 0 || rank >= size) {
    throw new RangeError(`Cannot join as rank ${rank}: there are ${size} ranks, from 0`);
  }
  if (!(timeout > 0)) {
    throw new RangeError(`Cannot wait for other ranks for ${timeout} ms: it must be more than 0`);
  }
  const others = Array.from({ length: size }, (_, r) => r).filter((r) => r !== rank);
  const length = computeChunkLength(size);
  let half = 0;
  let turn = 0;

  /** Views the numbers from one rank, to one rank where each gets others. */
  const viewSlot = (from: number, to: number, numbers = length): Float32Array =>
    new Float32Array(
      memory,
      NUMBERS_START + ((half * size + from) * size + to) * length * 4,
      numbers,
    );

  /** Reports that a rank has failed, unless another one has before. */
  const fail = (failed: number, reason: unknown) => {
    if (Atomics.compareExchange(words, WORD.failed, 0, -1) !== 0) return;
    const text = reason instanceof Error ? reason.message || reason.name : String(reason);
    const bytes = new TextEncoder().encode(text).subarray(0, REASON.length);
    new Uint8Array(memory, REASON.start).set(bytes);
    words[WORD.reasonBytes] = bytes.length;
    Atomics.store(words, WORD.failed, failed + 1);
    Atomics.add(words, WORD.generation, 1);
    Atomics.notify(words, WORD.generation);
  };

  /** Waits until all ranks are here. Numbers written before can be read after it, until the call after the next. */
  const waitForAll = () => {
    const generation = Atomics.load(words, WORD.generation);
    checkFailure(memory, words);
    Atomics.or(words, WORD.present + (rank >> 5), 1 << (rank & 31));
    if (Atomics.add(words, WORD.arrived, 1) === size - 1) {
      Atomics.store(words, WORD.present, 0);
      Atomics.store(words, WORD.present + 1, 0);
      Atomics.store(words, WORD.arrived, 0);
      Atomics.add(words, WORD.generation, 1);
      Atomics.notify(words, WORD.generation);
    } else if (!waitFor(words, generation, timeout)) {
      const absent = others.find((r) =>
        (Atomics.load(words, WORD.present + (r >> 5)) & 1 << (r & 31)) === 0
      );
      // None where the last one has come at this very moment.
      if (absent !== undefined) {
        fail(absent, `it hasn't answered for ${Math.round(timeout / 100) / 10} s`);
      } else waitFor(words, generation, timeout);
    }
    checkFailure(memory, words);
  };

  const allGather: Communicator["allGather"] = (given, taken) => {
    checkFailure(memory, words);
    const own = join(given);
    const theirs = taken.map(join);
    const most = others.reduce((most, from) => Math.max(most, theirs[from]!.total), own.total);
    // A rank gives the same numbers to all, so they have the room of all its slots.
    const room = length * size;
    for (let start = 0; start < most; start += room, half ^= 1) {
      const slot = viewSlot(rank, 0, room);
      visitChunk(own, start, room, (numbers, at) => slot.set(numbers, at));
      waitForAll();
      for (const from of others) takeChunk(theirs[from]!, start, viewSlot(from, 0, room));
    }
  };

  const exchange: Communicator["exchange"] = (given, taken) => {
    const own = given.map(join);
    const theirs = taken.map(join);
    // All ranks go on until the largest of all has gone over. How large it is they say beside the first chunk: in turn at one of
    // two places, as another rank may still read what was said before.
    const lengths = new Int32Array(memory, LENGTHS.start + turn * MAX_RANKS * 4, size);
    turn ^= 1;
    Atomics.store(lengths, rank, others.reduce((most, to) => Math.max(most, own[to]!.total), 0));
    let most = length;
    for (let start = 0; start < most; start += length, half ^= 1) {
      for (const to of others) {
        const slot = viewSlot(rank, to);
        visitChunk(own[to]!, start, length, (numbers, at) => slot.set(numbers, at));
      }
      waitForAll();
      if (start === 0) most = lengths.reduce((most, one) => Math.max(most, one), 0);
      for (const from of others) takeChunk(theirs[from]!, start, viewSlot(from, rank));
    }
  };

  return {
    rank,
    size,
    allGather,
    exchange,
    abort: (reason) => fail(rank, reason),
  };
}

/** Arrays that count as one, with the lengths of each and of all. */
interface Joined {
  readonly arrays: readonly Float32Array[];
  readonly lengths: readonly number[];
  readonly total: number;
}

function join(arrays: readonly Float32Array[]): Joined {
  const lengths = arrays.map(({ length }) => length);
  return { arrays, lengths, total: lengths.reduce((a, b) => a + b, 0) };
}

/** Gives `visit` the numbers of a chunk, array by array, and where in the chunk they begin. */
function visitChunk(
  { arrays, lengths, total }: Joined,
  start: number,
  length: number,
  visit: (numbers: Float32Array, at: number) => void,
): void {
  const chunk: Range = [Math.min(start, total), Math.min(start + length, total)];
  let at = 0;
  visitRanges(lengths, chunk, (index, start, end) => {
    visit(arrays[index]!.subarray(start, end), at);
    at += end - start;
  });
}

/** Takes a chunk out of a slot. */
function takeChunk(joined: Joined, start: number, slot: Float32Array): void {
  visitChunk(joined, start, slot.length, (numbers, at) => {
    numbers.set(slot.subarray(at, at + numbers.length));
  });
}

/** The longest time that a rank waits without a look at the clock, in milliseconds. */
const SLICE = 500;

/** Waits for the next generation. Tells whether it came in time. */
function waitFor(words: Int32Array, generation: number, timeout: number): boolean {
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.load(words, WORD.generation) !== generation) return true;
  }
  let waited = 0;
  let last = performance.now();
  while (Atomics.load(words, WORD.generation) === generation) {
    try {
      Atomics.wait(words, WORD.generation, generation, Math.min(SLICE, timeout));
    } catch {
      // A thread that must not block.
    }
    const now = performance.now();
    // A machine that slept for hours has not waited for long.
    waited += Math.min(now - last, 2 * SLICE);
    last = now;
    if (waited >= timeout) return Atomics.load(words, WORD.generation) !== generation;
  }
  return true;
}

function checkFailure(memory: SharedArrayBuffer, words: Int32Array): void {
  // -1 for the moment in which the reason is written.
  const failed = Atomics.load(words, WORD.failed);
  if (failed <= 0) return;
  // A decoder refuses shared memory, hence a copy.
  const bytes = new Uint8Array(memory, REASON.start, words[WORD.reasonBytes]!).slice();
  throw new CommunicatorError(failed - 1, new TextDecoder().decode(bytes));
}

/**
 * Makes the memory through which the ranks of a parallel training exchange numbers. Give it to each of them, by
 * `postMessage` to workers, and there to `sharedCommunicator`. It is about 4 MB a rank.
 * A browser has such memory only for pages that are isolated from those of other origins.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sharedCommunicator, sharedMemory } from "@rill/rill/models";
 *
 * const { rank, size } = sharedCommunicator(sharedMemory(4), 3);
 * assertEquals([rank, size], [3, 4]);
 * ```
 *
 * @param size The number of ranks, from 1 to 64.
 * @returns The memory.
 * @throws {RangeError} If there cannot be so many.
 */
export function sharedMemory(size: number): SharedArrayBuffer {
  if (!Number.isSafeInteger(size) || size < 1 || size > MAX_RANKS) {
    throw new RangeError(
      `Cannot share memory between ${size} ranks: it must be an integer from 1 to ${MAX_RANKS}`,
    );
  }
  const memory = new SharedArrayBuffer(countSharedBytes(size));
  new Int32Array(memory)[WORD.size] = size;
  return memory;
}

// The exchange of numbers between processes over MPI.
import { type Communicator, CommunicatorError } from "../../models/parallel/communicator.ts";
import { createMessages, type Group, MESSAGE } from "./_messages.ts";
import type { MpiLibrary } from "./_library.ts";
import { countPiece, join, type Joined, NONE, pack, unpack } from "./_pack.ts";
import type { Handle } from "./_symbols.ts";
import { waitUntil } from "./_wait.ts";

/** What the exchange needs. */
export interface Joining {
  readonly library: MpiLibrary;
  readonly rank: number;
  readonly size: number;
  /** The communicator of the numbers. */
  readonly numbers: Handle;
  readonly float: Handle;
  /** That of the messages. */
  readonly group: Group;
  readonly timeout: number;
  /** Is told once in a call which ranks are late, when this one has waited for so many milliseconds. */
  readonly delay: Delay | undefined;
}

/** When ranks are late, and who is told. */
export interface Delay {
  readonly after: number;
  readonly tell: (ranks: readonly number[]) => void;
}

/** A rank of processes. */
export interface MpiRank {
  readonly communicator: Communicator;
  /** Waits until all ranks have called this, or one has failed. Tells whether none has, so that MPI may be finalized. */
  leave(): boolean;
}

/**
 * How many numbers one rank gives another at a time: so few that they are in a CPU's caches when they are copied, and so many that
 * a network is busy with them; fewer where all ranks' would take more than 32 MB.
 */
const PIECE = { longest: 2 ** 18, ofAll: 2 ** 23 };

/** Computes how many numbers one of so many ranks gives another at a time. */
export const computePiece = (size: number): number =>
  Math.min(PIECE.longest, Math.ceil(PIECE.ofAll / size));

/** How long a rank that has failed tries to tell the others, in milliseconds. */
const TELLING = 1000;

/** Joins the exchange. */
export function createMpiRank(
  { library, rank, size, numbers, float, group, timeout, delay }: Joining,
): MpiRank {
  const { symbols, constants: { inPlace }, check } = library;
  const messages = createMessages(library, group);
  const others = Array.from({ length: size }, (_, r) => r).filter((r) => r !== rank);
  const status = new Int32Array(new ArrayBuffer(64));
  const flag = new Int32Array(1);
  const request = new Uint8Array(new ArrayBuffer(8));
  const [counts, starts, givenCounts, givenStarts] = Array.from(
    { length: 4 },
    () => new Int32Array(new ArrayBuffer(4 * size)),
  ) as [Words, Words, Words, Words];
  /** The most that each rank has for another. */
  const mosts = new Float32Array(new ArrayBuffer(4 * size));
  const staging = { given: createStaging(), taken: createStaging() };
  /** The number of calls that this rank has begun. */
  let calls = 0;
  /** The last call for which it has said that it waits. */
  let asked = 0;
  /** The last call in which others were late. */
  let delayed = 0;
  const patience = Math.min(timeout, delay?.after ?? Infinity);
  /** For each rank the call in which it has said that it waits, and the number after which it has left. */
  const waiting = new Map<number, number>();
  const left = new Map<number, number>();
  let failure: CommunicatorError | undefined;
  /** What has started this rank, such as `deno task`. The system gives an orphan another parent. */
  const starter = Deno.ppid;
  const piece = computePiece(size);

  /** Reports a failure to all others, unless there has been one before. */
  const fail = (failed: number, reason: unknown): void => {
    if (failure) return;
    const text = reason instanceof Error ? reason.message || reason.name : String(reason);
    const cut = new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, REASON));
    failure = new CommunicatorError(failed, cut);
    messages.send(MESSAGE.failed, failed, cut);
    try {
      waitUntil(messages.isSent, (waited) => {
        if (waited > TELLING) throw failure;
      });
    } catch (error) {
      // The others are ended by `mpirun` when this one ends.
      if (error !== failure) throw error;
    }
  };

  /** Receives what others have said. */
  const hear = (): void => {
    for (let message; !failure && (message = messages.receive());) {
      const { tag, from, number, text } = message;
      if (tag === MESSAGE.failed) failure = new CommunicatorError(number, text);
      else if (tag === MESSAGE.waits) waiting.set(from, number);
      else left.set(from, number);
    }
  };

  const throwFailure = (): void => {
    // Anew, so that its stack tells of the call.
    if (failure) throw new CommunicatorError(failure.rank, failure.reason);
  };

  /** Fails where what has started this rank is gone: `mpirun` knows that one alone, so it ends the others, and not this. */
  const checkStarter = (): void => {
    if (Deno.ppid !== starter) fail(rank, "what started it has ended");
  };

  /** Tells who should be here, and isn't. */
  const listAbsent = (): number[] =>
    others.filter((other) => (waiting.get(other) ?? 0) < calls && !left.has(other));

  /** Says that this rank waits, so that others know who doesn't. */
  const ask = (): void => {
    if (asked === calls) return;
    asked = calls;
    messages.send(MESSAGE.waits, calls);
  };

  /** Looks for what keeps this rank waiting. */
  const look = (waited: number): void => {
    messages.isSent();
    hear();
    throwFailure();
    const gone = others.find((other) => (left.get(other) ?? Infinity) < calls);
    if (gone !== undefined) fail(gone, "it ended before the others");
    checkStarter();
    throwFailure();
    // Who is asked says so at once, if it waits; that leaves half the time to hear of it.
    if (waited >= patience / 2 || others.some((other) => waiting.get(other) === calls)) ask();
    if (delay && waited >= delay.after && delayed < calls) {
      delayed = calls;
      const late = listAbsent();
      if (late.length > 0) delay.tell(late);
    }
    if (waited < timeout) return;
    const [absent] = listAbsent();
    const seconds = Math.round(timeout / 100) / 10;
    if (absent !== undefined) fail(absent, `it hasn't answered for ${seconds} s`);
    else fail(rank, `its numbers haven't come for ${seconds} s, though no rank is missing`);
    throwFailure();
  };

  /** Begins an operation, and waits for its end. */
  const complete = (what: string, begin: () => number): void => {
    try {
      check(begin(), what);
      waitUntil(() => {
        check(symbols.test(request, flag, status), what);
        return flag[0] !== 0;
      }, look);
    } catch (error) {
      if (!(error instanceof CommunicatorError)) fail(rank, error);
      throw error;
    }
  };

  /** Gathers what all ranks give, each of which has put its own in place. */
  const gather = (memory: Float32Array<ArrayBuffer>): void =>
    complete(
      "gather numbers",
      () => symbols.gather(inPlace, 0, float, memory, counts, starts, float, numbers, request),
    );

  /** Begins a call. */
  const begin = (): void => {
    throwFailure();
    calls++;
    hear();
    throwFailure();
  };

  const allGather: Communicator["allGather"] = (given, taken) => {
    begin();
    if (size === 1) return;
    const all = taken.map((arrays, from) => join(from === rank ? given : arrays));
    const most = Math.max(...all.map(({ total }) => total));
    for (let start = 0; start < most; start += piece) {
      const memory = staging.taken(lay(all, start, piece, counts, starts));
      pack(all[rank]!, start, view(memory, rank, counts, starts));
      gather(memory);
      for (const from of others) unpack(all[from]!, start, view(memory, from, counts, starts));
    }
  };

  /** Finds the most that any rank has for another. */
  const agreeOnMost = (own: number): number => {
    // Moved as bits.
    const words = new Uint32Array(mosts.buffer);
    words[rank] = own;
    counts.fill(1);
    for (const r of starts.keys()) starts[r] = r;
    gather(mosts);
    return Math.max(...words);
  };

  const exchange: Communicator["exchange"] = (given, taken) => {
    begin();
    if (size === 1) return;
    const [own, theirs] = [given, taken].map((all) =>
      all.map((arrays, other) => other === rank ? NONE : join(arrays))
    ) as [Joined[], Joined[]];
    const most = agreeOnMost(Math.max(...own.map(({ total }) => total)));
    for (let start = 0; start < most; start += piece) {
      const out = staging.given(lay(own, start, piece, givenCounts, givenStarts));
      const into = staging.taken(lay(theirs, start, piece, counts, starts));
      for (const to of others) pack(own[to]!, start, view(out, to, givenCounts, givenStarts));
      complete("exchange numbers", () =>
        symbols.exchange(
          out,
          givenCounts,
          givenStarts,
          float,
          into,
          counts,
          starts,
          float,
          numbers,
          request,
        ));
      for (const from of others) unpack(theirs[from]!, start, view(into, from, counts, starts));
    }
  };

  const leave = (): boolean => {
    // Others that are in a call of which this rank knows nothing wait in vain for it.
    if (!failure) messages.send(MESSAGE.left, calls);
    const isDone = () => messages.isSent() && others.every((other) => left.has(other));
    // However long: what another has still to do, such as a report, is its own.
    waitUntil(() => failure !== undefined || isDone(), () => {
      hear();
      checkStarter();
    });
    return failure === undefined;
  };

  return {
    communicator: { rank, size, allGather, exchange, abort: (reason) => fail(rank, reason) },
    leave,
  };
}

type Words = Int32Array<ArrayBuffer>;

/** The most bytes of a reason. */
const REASON = 1024;

/** Makes memory that grows with what is asked of it, and stays. */
function createStaging(): (length: number) => Float32Array<ArrayBuffer> {
  let memory = new Float32Array(new ArrayBuffer(0));
  return (length) => {
    if (memory.length < length) memory = new Float32Array(new ArrayBuffer(4 * length));
    return memory;
  };
}

/** Lays pieces one behind the other, and gives the length of all. */
function lay(
  all: readonly Joined[],
  start: number,
  piece: number,
  counts: Words,
  starts: Words,
): number {
  let at = 0;
  for (const [r, joined] of all.entries()) {
    starts[r] = at;
    at += counts[r] = countPiece(joined, start, piece);
  }
  return at;
}

/** Views a rank's piece. */
const view = (memory: Float32Array<ArrayBuffer>, r: number, counts: Words, starts: Words) =>
  memory.subarray(starts[r], starts[r]! + counts[r]!);

// What every communicator does, whatever its ranks are. Each of these functions is called by all ranks, with the same arguments.
import { assertEquals, assertThrows } from "@std/assert";
import { type Communicator, CommunicatorError } from "@rill/rill/models";

/** An exchange of the ranks: numbers of such lengths, made by `givenBy`. */
interface Exchange {
  readonly call: "allGather" | "exchange";
  /** The lengths of the arrays that each rank gives, to each other one where those get different ones. */
  readonly lengths: readonly (readonly number[])[];
}

/** Lists exchanges: none, of some ranks alone, several arrays, and more than one piece or two of so many numbers. */
function listExchanges(size: number, piece: number): Exchange[] {
  const shapes = [[[]], [[0, 0]], [[1], [], [0]], [[2, 1], [3, 0, 7, 1, 1, 8], []]];
  const all = [...shapes, [[piece * size + 5, 3, piece + 1], [1]], [[2 * piece], [piece]]];
  return all.flatMap((shapes) => {
    const lengths = Array.from({ length: size }, (_, rank) => shapes[rank % shapes.length]!);
    return [{ call: "allGather", lengths }, { call: "exchange", lengths }] as const;
  });
}

/** Makes the arrays that a rank gives to another, or to all. */
const givenBy = (rank: number, to: number, lengths: readonly number[]): Float32Array[] =>
  lengths.map((length, a) => {
    const numbers = new Float32Array(length);
    for (let i = 0; i < length; i++) numbers[i] = (i + a * 31) % 97 + rank * 100 + to * 1000;
    return numbers;
  });

/** Rotates lengths, so that those for each rank are others. */
const lengthsFor = (lengths: readonly number[], from: number, to: number): readonly number[] =>
  lengths.map((_, i) => lengths[(i + from * to) % lengths.length]!);

/** Compares arrays, whose elements need not be told one by one. */
function assertNumbers(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  what: string,
) {
  assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length), what);
  for (const [a, array] of expected.entries()) {
    const at = array.findIndex((value, i) => value !== actual[a]![i]);
    assertEquals([at, actual[a]![at]], [-1, undefined], `${what}: array ${a}`);
  }
}

/** Makes an exchange, and gives what this rank has taken of each. */
function makeExchange(
  { rank, ...communicator }: Communicator,
  { call, lengths }: Exchange,
): Float32Array[][] {
  const room = (lengths: readonly number[]) => lengths.map((length) => new Float32Array(length));
  if (call === "allGather") {
    const taken = lengths.map(room);
    communicator.allGather(givenBy(rank, 0, lengths[rank]!), taken);
    return taken;
  }
  const taken = lengths.map((lengths, from) => room(lengthsFor(lengths, from, rank)));
  communicator.exchange(
    lengths.map((_, to) => givenBy(rank, to, lengthsFor(lengths[rank]!, rank, to))),
    taken,
  );
  return taken;
}

/**
 * Checks that numbers get to where they should, whatever the lengths.
 *
 * @param communicator The communicator of this rank.
 * @param piece How many numbers of a rank are moved at a time.
 */
export function checkExchanges(communicator: Communicator, piece: number): void {
  const { rank, size } = communicator;
  for (const [e, exchange] of listExchanges(size, piece).entries()) {
    const taken = makeExchange(communicator, exchange);
    for (const [from, own] of exchange.lengths.entries()) {
      const expected = exchange.call === "allGather"
        ? givenBy(from, 0, own)
        : givenBy(from, rank, lengthsFor(own, from, rank));
      // What is there for the rank itself is left alone.
      if (from === rank) { for (const array of expected) array.fill(0); }
      assertNumbers(taken[from]!, expected, `${exchange.call} ${e} from ${from} to ${rank}`);
    }
  }
}

/** Checks that a rank gets all numbers, though the others take what they don't want to one place. */
export function checkGiving({ rank, size, ...communicator }: Communicator, piece: number): void {
  const length = 3 * piece + 7;
  const give = (from: number) => new Float32Array(length).fill(from + 1);
  const place = new Float32Array(length);
  const taken = Array.from(
    { length: size },
    () => [rank === 0 ? new Float32Array(length) : place],
  );
  communicator.allGather([give(rank)], taken);
  if (rank > 0) return;
  for (let from = 1; from < size; from++) {
    assertNumbers(taken[from]!, [give(from)], `from ${from}`);
  }
}

/** Checks that bits stay, in any memory that numbers may lie in. */
export function checkMemories(communicator: Communicator): void {
  const { rank, size } = communicator;
  // NaNs of several kinds, -0, the least number.
  const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x7f800001, 0x80000000, 1);
  const memories: (() => Float32Array)[] = [
    () => new Float32Array(bits.length),
    () => new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer, 12, bits.length),
    () => new Float32Array(new ArrayBuffer(4096)).subarray(7, 7 + bits.length),
  ];
  if (typeof SharedArrayBuffer !== "undefined") {
    memories.push(() => new Float32Array(new SharedArrayBuffer(64), 8, bits.length));
  }
  const viewBits = ({ buffer, byteOffset, length }: Float32Array) =>
    new Uint32Array(buffer, byteOffset, length);
  for (const call of ["allGather", "exchange"] as const) {
    const own = memories.map((create) => create());
    for (const array of own) viewBits(array).set(bits.map((word) => word ^ rank << 8));
    // Each into another kind than it comes from.
    const taken = Array.from(
      { length: size },
      () => memories.map((_, m) => memories[(m + 1) % memories.length]!()),
    );
    if (call === "allGather") communicator.allGather(own, taken);
    else communicator.exchange(taken.map((_, to) => to === rank ? [] : own), taken);
    for (const [from, arrays] of taken.entries()) {
      const expected = from === rank ? bits.map(() => 0) : bits.map((word) => word ^ from << 8);
      for (const array of arrays) assertEquals([...viewBits(array)], [...expected], call);
    }
  }
}

/** The rank that fails for {@linkcode checkFailure}: at least three others make it worth telling who it was. */
export const FAILING = 1;

/** Fails as that rank, with more to say than there is room for. */
export function fail(communicator: Communicator): void {
  communicator.abort(new RangeError("ä".repeat(2000)));
}

/** Checks that the rank's failure is told, in whatever call, from now on, and that a later one isn't. */
export function checkFailure(communicator: Communicator): void {
  const none = Array.from({ length: communicator.size }, () => []);
  const given = Float32Array.of(1);
  const all = none.map(() => [new Float32Array(1)]);
  const calls = [
    () => communicator.allGather([given], all),
    () => communicator.exchange(all.map(() => [given]), all),
    () => communicator.allGather([], none),
    () => communicator.exchange(none, none),
  ];
  for (const call of [...calls, ...calls]) {
    const error = assertThrows(call, CommunicatorError);
    assertEquals([error.rank, error.reason], [FAILING, "ä".repeat(512)]);
    communicator.abort("too late");
  }
}

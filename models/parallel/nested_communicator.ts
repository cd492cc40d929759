/**
 * Parallel training by groups of ranks, such as processes that have threads each.
 *
 * @module
 */

import { type Communicator, CommunicatorError } from "./communicator.ts";

export { type Communicator, CommunicatorError } from "./communicator.ts";

/**
 * Joins the ranks of several groups: the ranks of a group, such as the threads of a process, exchange numbers by one
 * communicator, and the groups by another one, which the first rank of each has. All groups are of one size, and the ranks are
 * counted group by group.
 *
 * A number for another group goes to the first rank of this one, from there to the first rank of the other, and on to its own.
 * What is for all ranks goes from group to group once.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nestedCommunicator, sharedCommunicator, sharedMemory } from "@rill/rill/models";
 *
 * const threads = sharedCommunicator(sharedMemory(4), 2);
 * const { rank, size } = nestedCommunicator(threads, { rank: 1, size: 2 });
 * assertEquals([rank, size], [6, 8]);
 * ```
 *
 * @param group Joins the ranks of this group.
 * @param groups Joins the groups; of a rank that isn't the first one of its group only their number and the group's place.
 * @returns The communicator of all ranks.
 * @throws {TypeError} If the first rank of a group can't exchange numbers with the others.
 */
export function nestedCommunicator(
  group: Communicator,
  groups: Communicator | Pick<Communicator, "rank" | "size">,
): Communicator {
  const across = "exchange" in groups ? groups : undefined;
  if (group.rank === 0 && !across) {
    throw new TypeError(
      "Cannot join groups of ranks: the first rank of each must exchange numbers",
    );
  }
  if (groups.size === 1) return group;
  const isFirst = group.rank === 0;
  const members = listFirst(group.size);
  /** The ranks of each group. */
  const ranks = listFirst(groups.size).map((g) => members.map((member) => g * group.size + member));
  const size = group.size * groups.size;
  const mates = ranks[groups.rank]!;
  const strangers = ranks.flatMap((of, g) => g === groups.rank ? [] : of);
  const own = mates[group.rank]!;
  const createRoom = keepRoom();

  /** Exchanges by one of the communicators, so that a rank which failed is told by its number among all. */
  const call = <T>(body: () => T, findRank: (rank: number) => number): T => {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof CommunicatorError)) throw error;
      throw new CommunicatorError(findRank(error.rank), error.reason);
    }
  };
  const within = (body: (group: Communicator) => void) =>
    call(() => body(group), (member) => mates[member]!);
  const between = (body: (groups: Communicator) => void) =>
    across && call(() => body(across), (g) => ranks[g]![0]!);

  const allGather: Communicator["allGather"] = (given, taken) => {
    // The first member sends on what it takes of the others, and may be given one place for the numbers of all ranks.
    createRoom.clear();
    const ofMates = mates.map((rank) =>
      rank === own ? given : isFirst ? [createRoom(countNumbers(taken[rank]!))] : taken[rank]!
    );
    within((group) => group.allGather(given, ofMates));
    between((groups) =>
      groups.allGather(ofMates.flat(), ranks.map((of) => of.flatMap((rank) => taken[rank]!)))
    );
    if (isFirst) {
      for (const [member, rank] of mates.entries()) {
        if (rank !== own) split(ofMates[member]![0]!, taken[rank]!);
      }
    }
    const ofStrangers = strangers.flatMap((rank) => taken[rank]!);
    within((group) =>
      group.allGather(isFirst ? ofStrangers : [], members.map((m) => m === 0 ? ofStrangers : []))
    );
  };

  /** Tells all members how many numbers each of them gives and takes of each rank. */
  const gatherCounts = (given: Arrays, taken: Arrays) => {
    const counts = members.map(() => new Int32Array(2 * size));
    counts[group.rank]!.set([...given, ...taken].map(countNumbers));
    // Their bits, in the words that are exchanged.
    const words = counts.map(({ buffer }) => [new Float32Array(buffer)]);
    within((group) => group.allGather(words[group.rank]!, words));
    return { given: counts, taken: counts.map((counts) => counts.subarray(size)) };
  };

  const exchange: Communicator["exchange"] = (given, taken) => {
    const counts = gatherCounts(given, taken);
    // At the first member is what the others give to other groups and take from them.
    const place = (of: readonly Int32Array[]) =>
      members.map((member) =>
        strangers.map((rank) => isFirst && member > 0 ? createRoom(of[member]![rank]!) : undefined)
      );
    createRoom.clear();
    const [held, brought] = [place(counts.given), place(counts.taken)];
    const find = (rooms: ReturnType<typeof place>, member: number, rank: number, own: Arrays) =>
      member === 0 ? own[rank]! : [rooms[member]![strangers.indexOf(rank)]!];

    within((group) =>
      group.exchange(
        mates.map((rank, member) => [
          ...given[rank]!,
          ...member === 0 ? strangers.flatMap((rank) => given[rank]!) : [],
        ]),
        mates.map((rank, member) => [
          ...taken[rank]!,
          ...isFirst && member > 0 ? strangers.map((_, i) => held[member]![i]!) : [],
        ]),
      )
    );
    between((groups) =>
      groups.exchange(
        ranks.map((of, g) =>
          g === groups.rank
            ? []
            : members.flatMap((member) => of.flatMap((rank) => find(held, member, rank, given)))
        ),
        ranks.map((of, g) =>
          g === groups.rank
            ? []
            : of.flatMap((rank) => members.flatMap((member) => find(brought, member, rank, taken)))
        ),
      )
    );
    const ofStrangers = strangers.flatMap((rank) => taken[rank]!);
    within((group) =>
      group.exchange(
        members.map((member) =>
          isFirst && member > 0 ? strangers.map((_, i) => brought[member]![i]!) : []
        ),
        members.map((member) => member === 0 && !isFirst ? ofStrangers : []),
      )
    );
  };

  const abort = (reason: unknown) => {
    // The others are told what it was, not what this rank heard of it.
    const cause = reason instanceof CommunicatorError ? reason.reason : reason;
    group.abort(cause);
    across?.abort(cause);
  };

  return {
    rank: own,
    size,
    group: {
      rank: group.rank,
      size: group.size,
      allGather: (given, taken) => within((group) => group.allGather(given, taken)),
      exchange: (given, taken) => within((group) => group.exchange(given, taken)),
      abort,
    },
    allGather,
    exchange,
    abort,
  };
}

type Arrays = readonly (readonly Float32Array[])[];

const listFirst = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const countNumbers = (arrays: readonly Float32Array[]): number =>
  arrays.reduce((sum, { length }) => sum + length, 0);

/** Puts the numbers of one array into several, one behind the other. */
function split(numbers: Float32Array, arrays: readonly Float32Array[]): void {
  let at = 0;
  for (const array of arrays) {
    array.set(numbers.subarray(at, at + array.length));
    at += array.length;
  }
}

/** Makes the function that makes room for so many numbers, in memory that is kept and used again once it is cleared. */
function keepRoom(): { (length: number): Float32Array; clear(): void } {
  const kept: ArrayBuffer[] = [];
  let used = 0;
  const create = (length: number) => {
    const bytes = length * 4;
    if ((kept[used]?.byteLength ?? -1) < bytes) kept[used] = new ArrayBuffer(bytes);
    return new Float32Array(kept[used++]!, 0, length);
  };
  return Object.assign(create, { clear: () => void (used = 0) });
}

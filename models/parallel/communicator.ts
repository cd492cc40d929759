/**
 * The exchange between the ranks of a parallel training.
 *
 * @module
 */

/**
 * The exchange of numbers between the ranks of a parallel training. A rank is a thread or a process; all run the same
 * program, each with its share of the data, and make the same calls in the same order. A call returns when the rank has its
 * result.
 *
 * Several arrays count as one, one behind the other: of `n` numbers in all, rank `r` of `size` owns those from
 * `⌊n·r/size⌋` to before `⌊n·(r+1)/size⌋`.
 */
export interface Communicator {
  /** The number of this rank, from 0. */
  readonly rank: number;
  /** The number of ranks. */
  readonly size: number;
  /**
   * Replaces the numbers by the sums over all ranks, in place. Every rank gets the same bits.
   *
   * @param arrays This rank's numbers.
   * @throws {CommunicatorError} If a rank has failed.
   */
  allReduce(arrays: readonly Float32Array[]): void;
  /**
   * Replaces the numbers that this rank owns by the sums over all ranks, in place. The others keep what they were.
   *
   * @param arrays This rank's numbers.
   * @throws {CommunicatorError} If a rank has failed.
   */
  reduceScatter(arrays: readonly Float32Array[]): void;
  /**
   * Replaces the numbers that other ranks own by what they have there, in place.
   *
   * @param arrays This rank's numbers.
   * @throws {CommunicatorError} If a rank has failed.
   */
  allGather(arrays: readonly Float32Array[]): void;
  /**
   * Reports that this rank has failed: every other one throws a `CommunicatorError` where it waits, and from then on.
   *
   * @param reason The error that ended this rank.
   */
  abort(reason: unknown): void;
}

/** A rank of a parallel training has failed, so that none can go on. */
export class CommunicatorError extends Error {
  /** The rank that failed. */
  readonly rank: number;
  /** The reason, as the rank itself gave it. */
  readonly reason: string;

  /**
   * Makes the error.
   *
   * @param rank The rank that failed.
   * @param reason The reason, as the rank itself gave it.
   */
  constructor(rank: number, reason: string) {
    super(`Cannot go on as rank ${rank} failed: ${reason}`);
    this.name = "CommunicatorError";
    this.rank = rank;
    this.reason = reason;
  }
}

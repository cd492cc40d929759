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
 * Numbers are moved and nothing is added up: each sum of a training has one order, whatever the number of ranks, and is made by
 * the rank that needs it. Several arrays count as one, one behind the other.
 */
export interface Communicator {
  /** The number of this rank, from 0. */
  readonly rank: number;
  /** The number of ranks. */
  readonly size: number;
  /**
   * Joins the ranks that lie close to this one, such as the threads of its process, where all ranks are in such groups: of one size,
   * one behind the other. What may be added up within a group before it goes to others is added up there.
   */
  readonly group?: Communicator | undefined;
  /**
   * Gives numbers to all other ranks, and takes theirs: MPI's `Allgatherv`.
   *
   * @param given This rank's numbers.
   * @param taken For each rank, where its numbers are put: as many as it gives. What is there for this rank is left alone.
   * @throws {CommunicatorError} If a rank has failed.
   */
  allGather(
    given: readonly Float32Array[],
    taken: readonly (readonly Float32Array[])[],
  ): void;
  /**
   * Gives each other rank numbers of its own, and takes theirs for this one: MPI's `Alltoallv`.
   *
   * @param given For each rank, the numbers for it. What is there for this rank is left alone.
   * @param taken For each rank, where its numbers for this one are put: as many as it gives.
   * @throws {CommunicatorError} If a rank has failed.
   */
  exchange(
    given: readonly (readonly Float32Array[])[],
    taken: readonly (readonly Float32Array[])[],
  ): void;
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

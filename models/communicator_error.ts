/** A rank of a parallel training has failed, so that none can go on. */
export class CommunicatorError extends Error {
  /** The rank that failed. */
  readonly rank: number;
  /** Why, as it said itself. */
  readonly reason: string;

  /**
   * Makes the error.
   *
   * @param rank The rank that failed.
   * @param reason Why, as it said itself.
   */
  constructor(rank: number, reason: string) {
    super(`Cannot go on as rank ${rank} failed: ${reason}`);
    this.name = "CommunicatorError";
    this.rank = rank;
    this.reason = reason;
  }
}

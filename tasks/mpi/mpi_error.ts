/**
 * What keeps processes from computing together over MPI.
 *
 * @module
 */

/** What is known of a failure of MPI. */
export interface MpiErrorFacts {
  /** The library that was looked for or used. */
  readonly library?: string | undefined;
  /** MPI's own number of the error. */
  readonly code?: number | undefined;
  /** What caused it. */
  readonly cause?: unknown;
}

/** MPI can't be had here, or has failed in this process. What befalls another rank is a `CommunicatorError`. */
export class MpiError extends Error {
  /** The library that was looked for or used, if any. */
  readonly library: string | undefined;
  /** MPI's own number of the error, if it is MPI's. */
  readonly code: number | undefined;

  /**
   * Makes the error.
   *
   * @param message The message.
   * @param facts What is known of it.
   */
  constructor(message: string, { library, code, cause }: MpiErrorFacts = {}) {
    super(message, { cause });
    this.name = "MpiError";
    this.library = library;
    this.code = code;
  }
}

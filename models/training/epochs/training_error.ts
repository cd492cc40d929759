/**
 * The errors of trainings.
 *
 * @module
 */

/** A training can't go on as its numbers are NaN or infinite. */
export class NotFiniteError extends Error {
  /** What isn't finite, such as `the loss`. */
  readonly subject: string;
  /** The number that was found. */
  readonly value: number;
  /** The number of steps made. */
  readonly step: number;

  /**
   * Makes the error.
   *
   * @param subject What isn't finite.
   * @param value The number that was found.
   * @param step The number of steps made.
   */
  constructor(subject: string, value: number, step: number) {
    super(
      `Cannot go on as ${subject} after step ${step} is not finite, but ${value}: try a lower learning rate`,
    );
    this.name = "NotFiniteError";
    this.subject = subject;
    this.value = value;
    this.step = step;
  }
}

/** A thread of a training has failed. */
export class ThreadError extends Error {
  /** The thread, from 1; the one that reads the data is the first. */
  readonly thread: number;
  /** The reason, as the thread itself gave it. */
  readonly reason: string;

  /**
   * Makes the error.
   *
   * @param thread The thread.
   * @param reason The reason.
   */
  constructor(thread: number, reason: string) {
    super(`Cannot go on as thread ${thread} failed: ${reason}`);
    this.name = "ThreadError";
    this.thread = thread;
    this.reason = reason;
  }
}

/** A module gives no plan of a training. */
export class PlanError extends Error {
  /** The address of the module; absent for a plan that was given as it is. */
  readonly module: string | undefined;

  /**
   * Makes the error.
   *
   * @param module The address of the module, or undefined for a plan that was given as it is.
   * @param found What was found.
   * @param options The cause.
   */
  constructor(module: string | undefined, found: string, options?: ErrorOptions) {
    super(
      `Cannot train by the plan${module === undefined ? "" : ` of ${module}`}: ${found}`,
      options,
    );
    this.name = "PlanError";
    this.module = module;
  }
}

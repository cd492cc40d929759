/**
 * The errors of trainings.
 *
 * @module
 */

import type { NotFinitePlace } from "../find_not_finite.ts";

export type { NotFinitePlace } from "../find_not_finite.ts";

/** The place where the numbers of a training first cease to be finite, and the step. */
export interface NotFiniteStep extends NotFinitePlace {
  /** The step in which it arose, from 1; absent where it was seen in validation. */
  readonly step?: number | undefined;
}

/** A training can't go on as its numbers are NaN or infinite. */
export class NotFiniteError extends Error {
  /** What isn't finite, such as `the loss`. */
  readonly subject: string;
  /** The number that was found. */
  readonly value: number;
  /** The number of steps made. */
  readonly step: number;
  /** Where it arose first, as far as that was looked for: see `findNotFiniteStep`. */
  readonly place: NotFiniteStep | undefined;

  /**
   * Makes the error.
   *
   * @param subject What isn't finite.
   * @param value The number that was found.
   * @param step The number of steps made.
   * @param place Where it arose first, if that is known.
   */
  constructor(subject: string, value: number, step: number, place?: NotFiniteStep) {
    const arose = place
      ? `: it arose ${place.step === undefined ? "" : `in step ${place.step} `}in ${place.subject}`
      : "";
    const hint = place?.where === "input" ? "look at the data" : "try a lower learning rate";
    super(
      `Cannot go on as ${subject} after step ${step} is not finite, but ${value}${arose}: ${hint}`,
    );
    this.name = "NotFiniteError";
    this.subject = subject;
    this.value = value;
    this.step = step;
    this.place = place;
  }

  /** The layer in which it arose first, by its name in the network, if that is known. */
  get layer(): string | undefined {
    return this.place?.layer;
  }

  /**
   * Makes an error that also tells where it arose.
   *
   * @param place Where it arose first; the error stays as it is if that isn't known.
   * @returns The error.
   */
  withPlace(place: NotFiniteStep | undefined): NotFiniteError {
    return place ? new NotFiniteError(this.subject, this.value, this.step, place) : this;
  }
}

/** A thread of a training or an evaluation has failed. */
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

/** A module gives no plan of a training or an evaluation. */
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
      `Cannot use the plan${module === undefined ? "" : ` of ${module}`}: ${found}`,
      options,
    );
    this.name = "PlanError";
    this.module = module;
  }
}

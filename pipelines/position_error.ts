/**
 * A position that a pipeline cannot be started from: it belongs to another one, or is none.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, PositionError, readIndexed, resumeFrom } from "@rill/rill/pipelines";
 *
 * const source = { length: 5, get: (index: number) => index };
 * const rest = resumeFrom({ stage: "read", index: 2, length: 9 })(readIndexed(source));
 * const error = await assertRejects(() => drain(rest), PositionError);
 * assertEquals(error.message, "Cannot resume read: its length is 5, that of the position 9");
 * assertEquals(error.stage, "read");
 * ```
 */
export class PositionError extends Error {
  /** The stage that refuses the position. */
  readonly stage: string;

  /**
   * Makes an error of what is wrong with a position.
   *
   * @param stage The stage that refuses it, as in `map`.
   * @param reason What is wrong with it.
   */
  constructor(stage: string, reason: string) {
    super(`Cannot resume ${stage}: ${reason}`);
    this.name = "PositionError";
    this.stage = stage;
  }
}

/**
 * Positions of pipelines, from which they go on, and the error of one that doesn't fit.
 *
 * @module
 */

/**
 * The position of a pipeline, as plain JSON: small, and the same after `JSON.parse(JSON.stringify(position))`. Each stage has its
 * name and its counts in it, and the position of what it pulls from.
 *
 * Its content belongs to the stages: {@linkcode withPosition} gives it, {@linkcode resumeFrom} takes it, and a
 * position of another pipeline is refused with a {@linkcode PositionError}.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, map, type Position, readIndexed, withPosition } from "@rill/rill/pipelines";
 *
 * const source = { length: 9, get: (index: number) => index };
 * const [first] = await collect(pipe(source, readIndexed(), map((n) => n * n), withPosition()));
 * const expected: Position = {
 *   stage: "map",
 *   index: 1,
 *   source: { stage: "read", index: 1, length: 9, seed: null },
 * };
 * assertEquals(first, [0, expected]);
 * ```
 */
export interface Position {
  /** The name of the stage, its counts, and the positions of its sources. */
  readonly [name: string]: PositionPart;
}

/** A part of a {@linkcode Position}. */
export type PositionPart = null | boolean | number | string | readonly PositionPart[] | Position;

/**
 * An error about a position that a pipeline cannot be started from: it belongs to another pipeline, or is invalid.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, PositionError, readIndexed, resumeFrom } from "@rill/rill/pipelines";
 *
 * const source = { length: 5, get: (index: number) => index };
 * const rest = resumeFrom({ stage: "read", index: 2, length: 9 })(readIndexed()(source));
 * const error = await assertRejects(() => drain(rest), PositionError);
 * assertEquals(error.message, "Cannot resume read: its length is 5, that of the position 9");
 * assertEquals(error.stage, "read");
 * ```
 */
export class PositionError extends Error {
  /** The stage that refuses the position. */
  readonly stage: string;

  /**
   * Makes an error about a position.
   *
   * @param stage The stage that refuses it, as in `map`.
   * @param reason Why it is refused.
   */
  constructor(stage: string, reason: string) {
    super(`Cannot resume ${stage}: ${reason}`);
    this.name = "PositionError";
    this.stage = stage;
  }
}

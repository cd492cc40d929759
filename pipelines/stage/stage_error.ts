/**
 * An error about an item that a stage cannot process: its content is invalid, or a function given to the stage failed on it.
 *
 * An error that comes from further up the stream is never wrapped: it passes every stage as it is, so `position` counts
 * the items of the one stage that is named.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, map, StageError } from "@rill/rill/pipelines";
 *
 * const parsed = map((text: string) => JSON.parse(text))(ReadableStream.from(["1", "2", "?"]));
 * const error = await assertRejects(() => drain(parsed), StageError, "Cannot map item 2: ");
 * assertEquals(error.stage, "map");
 * assertEquals(error.position, 2);
 * ```
 */
export class StageError extends Error {
  /** The stage's verb: `map`, `batch`, `read`. */
  readonly stage: string;
  /** The position of the item in the stage's source, from 0. */
  readonly position: number;

  /**
   * Makes an error of what went wrong with one item.
   *
   * @param stage The stage's verb.
   * @param position The position of the item in the stage's source, from 0.
   * @param cause The error.
   */
  constructor(stage: string, position: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot ${stage} item ${position}: ${reason}`, { cause });
    this.name = "StageError";
    this.stage = stage;
    this.position = position;
  }
}

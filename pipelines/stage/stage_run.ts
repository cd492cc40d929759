import type { Allocate } from "./allocate.ts";
import type { Position, PositionPart } from "./position.ts";

/**
 * The state of a stage that a {@linkcode Position} has, by names. A value that begins as an integer of at least 0 is a count,
 * and always one; another one, such as null at the beginning, may become any plain JSON.
 */
export type StageState = Readonly<Record<string, PositionPart>>;

/**
 * Gives the outputs of a stage: an async generator; or, where an item costs little, a function that gives the next one as
 * an iterator does, at once where nothing has to be waited for, and never while an earlier call is under way.
 */
export type Outputs<O> =
  | AsyncGenerator<O, void, undefined>
  | ((allocate?: Allocate) => IteratorResult<O, unknown> | Promise<IteratorResult<O, unknown>>);

/** A source of a stage in one of its iterations, for `for await` or for single pulls. It is closed with the stage. */
export interface StageInput<T> extends AsyncIterable<T, void, undefined> {
  /** Whether it has ended, failed or been closed. An end is known once a pull has found it. */
  readonly ended: boolean;
  /**
   * Gives the next item, at once where nothing has to be waited for. Not to be called while an earlier call is under way.
   *
   * @param allocate Makes the array that the item is written to, by those stages that can.
   * @returns The item or the end, as an iterator gives them.
   */
  pull(
    allocate?: Allocate,
  ): IteratorResult<T, unknown> | Promise<IteratorResult<T, unknown>>;
  /**
   * Says where the source is: after the last item that it gave.
   *
   * @returns The position; undefined where no positions are asked for.
   */
  position(): Position | undefined;
}

/** An iteration of a stage as it begins. */
export interface StageRun<I, S extends StageState = { readonly index: number }> {
  /** The source. */
  readonly input: StageInput<I>;
  /** The state of this iteration, for the stage to keep up to date: as it was saved, or as at the beginning. */
  readonly state: { -readonly [K in keyof S]: S[K] };
  /**
   * Throws a {@linkcode StageError} about an item.
   *
   * @param cause The error.
   * @param index The item's index in the source; by default the state's `index`.
   */
  readonly fail: (cause: unknown, index?: number) => never;
}

/** The outputs of a stage, and the positions of the iteration. */
export interface StageOutputs<O> {
  /** Gives the outputs. */
  readonly outputs: Outputs<O>;
  /**
   * Says where to start the source again for what comes after the last output, and what else a position is to have. By
   * default it is where the source is.
   *
   * @returns The parts of the position: that of the source is called `source`.
   */
  position?(): Position;
}

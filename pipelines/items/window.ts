/**
 * Arrays of neighboring items.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { andThen, END, type Pulled, pullUntil } from "../stage/_pull.ts";
import type { Position } from "../stage/position.ts";
import { stageOf, type StageOutputs, type StageRun } from "../stage/stage_of.ts";

/** Options of {@linkcode window}. */
export interface WindowOptions {
  /**
   * How many items after the beginning of a window the next one begins, an integer of at least 1: fewer than `size`
   * where windows are to overlap, more where items between them are to be dropped.
   *
   * @default {size}
   */
  readonly step?: number;
  /**
   * Whether the items at the end that are in no window, being too few for one of full size, are dropped. Otherwise they
   * are in a shorter one.
   *
   * @default {false}
   */
  readonly dropRemainder?: boolean;
}

/**
 * Gathers `size` items at a time in arrays, which may overlap. Holds one window. For examples, {@linkcode batch} gathers
 * in one typed array.
 *
 * To resume, the source is pulled again from the next window's first item on.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, window } from "@rill/rill/pipelines";
 *
 * const letters = () => ReadableStream.from([..."abcde"]);
 * assertEquals(await collect(window(2)(letters())), [["a", "b"], ["c", "d"], ["e"]]);
 * assertEquals(await collect(window(3, { step: 1 })(letters())), [
 *   ["a", "b", "c"],
 *   ["b", "c", "d"],
 *   ["c", "d", "e"],
 * ]);
 * ```
 *
 * @param size How many items a window has.
 * @param options Where the next one begins, and what to do with the items that are left at the end.
 * @returns The stage.
 * @throws {RangeError} When `size` or `step` is not an integer of at least 1.
 */
export function window(
  size: number,
  { step = size, dropRemainder = false }: WindowOptions = {},
): <T>(source: AsyncIterable<T>) => AsyncIterable<T[]> {
  checkInteger(`take windows of ${size}`, "size", size, { min: 1 });
  checkInteger(`take windows at steps of ${step}`, "step", step, { min: 1 });
  return <T>(source: AsyncIterable<T>) =>
    stageOf({
      name: "window",
      facts: { size, step },
      state: { covered: 0, drop: 0 },
      limits: { covered: size - 1, drop: step },
      // Where windows overlap, the last one depends on those before.
      itemsPerOutput: step < size ? undefined : step,
      begin: (run: StageRun<T, WindowState>): StageOutputs<T[]> =>
        pullWindows(run, size, step, dropRemainder),
    })(source);
}

type WindowState = {
  /** How many of the next window's first items were in one before. */
  covered: number;
  /** How many items are between this window and the next. */
  drop: number;
};

function pullWindows<T>(
  { input, state }: StageRun<T, WindowState>,
  size: number,
  step: number,
  dropRemainder: boolean,
): StageOutputs<T[]> {
  /** The items of the next window. */
  let items: T[] = [];
  /** Where the source was before each of them, where positions are asked for. */
  let befores: Position[] = [];
  let before = input.position();
  let ended = false;
  /** Puts an item in the next window, and tells whether that is to be given. */
  const keep = (pulled: Pulled<T>): boolean => {
    if (pulled.done) return true;
    if (state.drop > 0) {
      state.drop--;
    } else {
      items.push(pulled.value);
      if (before) befores.push(before);
    }
    before = input.position();
    return items.length === size;
  };
  const give = (last: Pulled<T>): Pulled<T[]> => {
    const window = items;
    ended = last.done === true;
    if (!ended) {
      items = window.slice(step);
      befores = befores.slice(step);
      state.covered = items.length;
      state.drop = Math.max(step - size, 0);
    } else if (window.length <= state.covered || dropRemainder) {
      return END;
    } else {
      items = [];
      befores = [];
      state.covered = 0;
    }
    return { done: false, value: window };
  };
  const pull = () => input.pull();
  return {
    outputs: () => ended ? END : andThen(pullUntil(pull, keep), give),
    position: () => ({ source: befores[0] ?? input.position()! }),
  };
}

import { checkInteger } from "../_arguments/check_integer.ts";
import { Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { END, type Pull, type Result } from "../stage/_pull.ts";
import { readSaved } from "../stage/_saved.ts";
import { search } from "../stage/_search.ts";
import { andThen } from "../stage/_promise.ts";
import type { Position } from "../stage/position.ts";

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
  const facts = { size, step };
  return <T>(source: AsyncIterable<T>) =>
    output([source], (tracked, from) => {
      const saved = readSaved("window", from);
      saved?.expect(facts);
      const state: State<T> = {
        items: [],
        befores: [],
        covered: saved?.count("covered", size - 1) ?? 0,
        toDrop: saved?.count("drop", step) ?? 0,
      };
      const input = new Input(source, tracked, saved?.part("source"));
      return {
        outputs: windows(input, tracked, state, size, step, dropRemainder),
        inputs: [input],
        position: () => {
          const { befores: [source = input.position()], covered, toDrop } = state;
          return { stage: "window", ...facts, covered, drop: toDrop, source };
        },
      };
    });
}

interface State<T> {
  /** The items of the next window. */
  items: T[];
  /** Where the source was before each of them, where that is tracked. */
  befores: Position[];
  /** How many of the next window's first items were in one before. */
  covered: number;
  /** How many items are between this window and the next. */
  toDrop: number;
}

function windows<T>(
  input: Input<T>,
  tracked: boolean,
  state: State<T>,
  size: number,
  step: number,
  dropRemainder: boolean,
): Pull<T[]> {
  const where = () => tracked ? input.position() : undefined;
  let before = where();
  /** Puts an item in the next window, and says whether that is to be given. */
  const keep = (pulled: Result<T>): boolean => {
    if (pulled.done) return true;
    if (state.toDrop > 0) {
      state.toDrop--;
    } else {
      state.items.push(pulled.value);
      if (before) state.befores.push(before);
    }
    before = where();
    return state.items.length === size;
  };
  const give = (last: Result<T>): Result<T[]> => {
    const { items, befores, covered } = state;
    if (!last.done) {
      state.items = items.slice(step);
      state.befores = befores.slice(step);
      state.covered = state.items.length;
      state.toDrop = Math.max(step - size, 0);
    } else if (items.length <= covered || dropRemainder) {
      return END;
    } else {
      Object.assign(state, { items: [], befores: [], covered: 0 });
    }
    return { done: false, value: items };
  };
  let ended = false;
  return () => {
    if (ended) return END;
    return andThen(search(() => input.pull(), keep), (last) => {
      ended = last.done === true;
      return give(last);
    });
  };
}

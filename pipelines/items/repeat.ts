import { checkInteger } from "../_arguments/check_integer.ts";
import { Input } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";

/**
 * Gives a source's items again and again, epoch after epoch. The source is one that can be iterated anew, or a function
 * that makes that of an epoch, which may so have an order and random numbers of its own. Holds one item.
 *
 * An epoch that gives nothing is the last, as an endless repetition of it would never come to an end.
 *
 * @example An order for each epoch
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, repeat } from "@rill/rill/pipelines";
 *
 * const source = { length: 3, get: (index: number) => "abc"[index] };
 * const items = await collect(pipe(
 *   (epoch: number) => readIndexed(source, { seed: 1, epoch }),
 *   repeat(2),
 * ));
 * assertEquals(items.toSorted(), ["a", "a", "b", "b", "c", "c"]);
 * ```
 *
 * @example The same again
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cache, collect, repeat } from "@rill/rill/pipelines";
 *
 * const stream = ReadableStream.from(["a", "b"]); // Can be iterated once.
 * assertEquals(await collect(repeat(2)(cache()(stream))), ["a", "b", "a", "b"]);
 * ```
 *
 * @param count How many epochs, or `Infinity`.
 * @returns The stage. It fails with a `TypeError` when a source gives nothing the second time, as a stream that can be
 * iterated only once does.
 * @throws {RangeError} When `count` is neither `Infinity` nor an integer of at least 0.
 */
export function repeat(
  count: number,
): <T>(source: AsyncIterable<T> | ((epoch: number) => AsyncIterable<T>)) => AsyncIterable<T> {
  if (count !== Infinity) checkInteger(`repeat ${count} times`, "count", count);
  return <T>(source: AsyncIterable<T> | ((epoch: number) => AsyncIterable<T>)) => {
    const same = typeof source === "function" ? undefined : source;
    const epochOf = typeof source === "function" ? source : () => source;
    return output(same ? [same] : [], (tracked, from) => {
      const saved = readSaved("repeat", from);
      const epoch = saved?.count("epoch") ?? 0;
      const state: State<T> = {
        epoch,
        index: saved?.count("index") ?? 0,
        resumed: saved !== undefined,
      };
      if (tracked) state.input = new Input(epochOf(epoch), true, saved?.part("source"));
      else if (same) state.input = new Input(same, false);
      return {
        outputs: repeated(state, count, (epoch) => new Input(epochOf(epoch), tracked), !!same),
        inputs: state.input ? [state.input] : [],
        position: () => {
          const { epoch, index, input } = state;
          return { stage: "repeat", epoch, index, source: input!.position() };
        },
      };
    });
  };
}

interface State<T> {
  epoch: number;
  /** How many items the epoch has given. */
  index: number;
  /** Whether it was entered somewhere in the middle. */
  resumed: boolean;
  input?: Input<T>;
}

async function* repeated<T>(
  state: State<T>,
  count: number,
  open: (epoch: number) => Input<T>,
  isSame: boolean,
): AsyncGenerator<T, void, undefined> {
  if (state.epoch >= count) return state.input?.close();
  while (true) {
    state.input ??= open(state.epoch);
    for await (const item of state.input) {
      state.index++;
      yield item;
    }
    if (state.index === 0 && !state.resumed) {
      if (!isSame || state.epoch === 0) return;
      throw new TypeError(
        "Cannot repeat the source: it gave nothing the second time, as a stream does that can be iterated only once. " +
          "Give a function that makes it anew, or cache() it",
      );
    }
    if (state.epoch + 1 >= count) return;
    state.epoch++;
    state.index = 0;
    state.resumed = false;
    state.input = undefined;
  }
}

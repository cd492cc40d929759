import { Input, isResumable } from "../stage/_input.ts";
import { makeIterable } from "../stage/_iterable.ts";
import { isPromise } from "../stage/_pull.ts";
import { type Position, PositionError } from "../stage/position.ts";
import type { ResumableIterator } from "../stage/resumable.ts";
import { StageError } from "../stage/stage_error.ts";
import { findFirstIndex } from "../stage/_start.ts";

/** Several items, at hand or to come. */
export type Items<O> = Iterable<O> | AsyncIterable<O>;

/**
 * Makes several items of each; `stage` is the verb of its errors.
 *
 * A position is that of the source before the item that is being given, and where the stage is in it: an offset, or, where
 * what `fn` gave can say one, a position.
 */
export function flatMapItems<I, O>(
  stage: string,
  source: AsyncIterable<I>,
  fn: (item: I, index: number) => Items<O> | PromiseLike<Items<O>>,
): AsyncIterable<O> {
  return makeIterable({
    name: stage,
    // How many items of the source have been given in full, and how many outputs of the next one.
    state: { index: findFirstIndex(source), offset: 0 },
    sources: [source],
    begin: ({ state, saved, tracked }) => {
      const input = new Input(source, tracked, saved?.part("source"));
      /** Where the source was before the item. */
      let before = input.position();
      /** The outputs of the item, where these can say their position. */
      let inner: ResumableIterator<O> | undefined;
      /** The position to resume from among them. */
      let resumed = saved?.has("item") ? saved.part("item") : undefined;

      const open = (items: Items<O>): Items<O> => {
        if (tracked && isResumable(items)) {
          const iterator = inner = items.iterateFrom(resumed);
          return { [Symbol.asyncIterator]: () => iterator };
        }
        if (!resumed) return items;
        throw new PositionError(
          stage,
          `the position is one in item ${state.index}, which has none`,
        );
      };
      async function* flatten(): AsyncGenerator<O, void, undefined> {
        // An error of the consumer's, while it has an output, is its own.
        let isGiving = false;
        for await (const item of input) {
          try {
            const result = fn(item, state.index);
            const items = open(isPromise(result) ? await result : result);
            let toSkip = inner && resumed ? 0 : state.offset;
            if (isAsync(items)) {
              for await (const output of items) {
                if (toSkip-- > 0) continue;
                state.offset++;
                isGiving = true;
                yield output;
                isGiving = false;
              }
            } else {
              for (const output of items) {
                if (toSkip-- > 0) continue;
                state.offset++;
                isGiving = true;
                yield output;
                isGiving = false;
              }
            }
          } catch (cause) {
            if (isGiving || cause instanceof PositionError) throw cause;
            throw new StageError(stage, state.index, cause);
          }
          inner = resumed = undefined;
          state.index++;
          state.offset = 0;
          before = input.position();
        }
      }
      return {
        outputs: flatten(),
        inputs: [input],
        source: () => before!,
        parts: (): Position => {
          const item = inner?.position() ?? resumed;
          return item ? { item } : {};
        },
      };
    },
  });
}

/** Not by `in`, which takes no strings. */
export const isAsync = <O>(items: Items<O>): items is AsyncIterable<O> =>
  typeof (items as AsyncIterable<O>)[Symbol.asyncIterator] === "function";

import { Input, isResumable } from "../stage/_input.ts";
import { output } from "../stage/_output.ts";
import { readSaved } from "../stage/_saved.ts";
import { isPromise } from "../stage/_promise.ts";
import { type Position, PositionError } from "../stage/position.ts";
import type { ResumableIterator } from "../stage/resumable.ts";
import { StageError } from "../stage/stage_error.ts";

/** Several items, at hand or to come. */
export type Items<O> = Iterable<O> | AsyncIterable<O>;

/**
 * What a stage gives that makes several items of one; `stage` is the verb that its errors use.
 *
 * A position is that of the source before the item that is being given, and where the stage is in it: an offset, or, where
 * what `fn` gave can say one, a position.
 */
export function flatMapItems<I, O>(
  stage: string,
  source: AsyncIterable<I>,
  fn: (item: I, index: number) => Items<O> | PromiseLike<Items<O>>,
): AsyncIterable<O> {
  return output([source], (tracked, from) => {
    const saved = readSaved(stage, from);
    const place: Place = {
      index: saved?.count("index") ?? 0,
      offset: saved?.count("offset") ?? 0,
      resumed: saved?.has("item") ? saved.part("item") : undefined,
    };
    const input = new Input(source, tracked, saved?.part("source"));
    return {
      outputs: flattened(input, tracked, place, stage, fn),
      inputs: [input],
      position: () => {
        const { index, offset, before = input.position(), inner, resumed } = place;
        const item = inner?.position() ?? resumed;
        return { stage, index, offset, ...item && { item }, source: before };
      },
    };
  });
}

interface Place {
  /** How many items of the source have been given in full. */
  index: number;
  /** How many outputs of the next one have been given. */
  offset: number;
  /** Where the source was before that one, once it has been pulled. */
  before?: Position;
  /** What that one is made of, where this can say its position. */
  inner?: ResumableIterator<unknown>;
  /** Where to resume in it. */
  resumed?: Position;
}

async function* flattened<I, O>(
  input: Input<I>,
  tracked: boolean,
  place: Place,
  stage: string,
  fn: (item: I, index: number) => Items<O> | PromiseLike<Items<O>>,
): AsyncGenerator<O, void, undefined> {
  const where = () => tracked ? input.position() : undefined;
  place.before = where();
  // Whether the consumer has the word: then an error is its own.
  let giving = false;
  for await (const item of input) {
    try {
      const result = fn(item, place.index);
      const items = isPromise(result) ? await result : result;
      let outputs = items;
      let skipped = place.offset;
      if (tracked && isResumable(items)) {
        const inner = items.iterateFrom(place.resumed);
        outputs = { [Symbol.asyncIterator]: () => inner };
        if (place.resumed) skipped = 0;
        place.inner = inner;
      } else if (place.resumed) {
        throw new PositionError(
          stage,
          `the position is one in item ${place.index}, which has none`,
        );
      }
      if (isAsync(outputs)) {
        for await (const output of outputs) {
          if (skipped-- > 0) continue;
          place.offset++;
          giving = true;
          yield output;
          giving = false;
        }
      } else {
        for (const output of outputs) {
          if (skipped-- > 0) continue;
          place.offset++;
          giving = true;
          yield output;
          giving = false;
        }
      }
    } catch (cause) {
      if (giving || cause instanceof PositionError) throw cause;
      throw new StageError(stage, place.index, cause);
    }
    place.index++;
    place.offset = 0;
    place.inner = undefined;
    place.resumed = undefined;
    place.before = where();
  }
}

/** Not by `in`, which takes no strings. */
const isAsync = <O>(items: Items<O>): items is AsyncIterable<O> =>
  typeof (items as AsyncIterable<O>)[Symbol.asyncIterator] === "function";

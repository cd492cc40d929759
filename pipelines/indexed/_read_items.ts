import { END, type Pull, type Result } from "../stage/_pull.ts";
import { isPromise } from "../stage/_promise.ts";
import type { IndexedSource } from "./indexed_source.ts";
import { StageError } from "../stage/stage_error.ts";

/** A place in the epochs of an indexed source. */
export interface EpochPlace {
  epoch: number;
  /** The position in the order of the epoch. */
  index: number;
}

/** Reads epochs of a source, each in an order of its own up to `to`, from where `place` is, and counts in it. */
export function readItems<T>(
  source: IndexedSource<T>,
  orderOf: (epoch: number) => (position: number) => number,
  place: EpochPlace,
  { epochs, to }: { epochs: number; to: number },
): Pull<T> {
  let order: ((position: number) => number) | undefined;
  const give = (value: T): Result<T> => {
    place.index++;
    return { done: false, value };
  };
  const refuse = (cause: unknown): never => {
    throw new StageError("read", place.index, cause);
  };
  return () => {
    // Endless epochs of nothing would never come to an end.
    if (to === 0 || place.epoch >= epochs) return END;
    if (place.index >= to) {
      if (place.epoch + 1 === epochs) return END; // The end stays where it is.
      place.epoch++;
      place.index = 0;
      order = undefined;
    }
    order ??= orderOf(place.epoch);
    let item: T | Promise<T>;
    try {
      item = source.get(order(place.index));
    } catch (cause) {
      return refuse(cause);
    }
    return isPromise(item) ? Promise.resolve(item).then(give, refuse) : give(item);
  };
}

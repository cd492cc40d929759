import { isPromise } from "./_settle.ts";
import type { IndexedSource } from "./indexed_source.ts";
import { StageError } from "./stage_error.ts";

/** A place in the epochs of an indexed source. */
export interface EpochPlace {
  epoch: number;
  /** The position in the order of the epoch. */
  index: number;
}

/** Reads epochs of a source, each in an order of its own up to `to`, from where `place` is, and counts in it. */
export async function* readItems<T>(
  source: IndexedSource<T>,
  orderOf: (epoch: number) => (position: number) => number,
  place: EpochPlace,
  { epochs, to }: { epochs: number; to: number },
): AsyncGenerator<T, void, undefined> {
  if (to === 0) return; // Endless epochs of nothing would never come to an end.
  while (place.epoch < epochs) {
    const order = orderOf(place.epoch);
    while (place.index < to) {
      let item: T;
      try {
        const result = source.get(order(place.index));
        item = isPromise(result) ? await result : result;
      } catch (cause) {
        throw new StageError("read", place.index, cause);
      }
      place.index++;
      yield item;
    }
    if (place.epoch + 1 === epochs) return; // The end stays where it is.
    place.epoch++;
    place.index = 0;
  }
}

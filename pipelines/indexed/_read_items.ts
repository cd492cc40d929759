import { END, isPromise, type Pull, type Pulled } from "../stage/_pull.ts";
import { StageError } from "../stage/stage_error.ts";
import type { IndexedSource } from "./indexed_source.ts";

/** A position in the epochs of an indexed source, which the reader moves. */
export interface EpochCursor {
  /** The epoch; 0 where there is only one. */
  epoch?: number;
  /** The position in the order of the epoch. */
  index: number;
}

/** Reads epochs of a source, each in an order of its own up to `to`, from where the cursor is. */
export function readItems<T>(
  source: IndexedSource<T>,
  orderOf: (epoch: number) => (position: number) => number,
  cursor: EpochCursor,
  { epochs, to, locate = (index) => index }: {
    readonly epochs: number;
    readonly to: number;
    /** Gives the position for messages of one of the cursor, where it is another. */
    readonly locate?: (index: number) => number;
  },
): Pull<T> {
  let order: ((position: number) => number) | undefined;
  const give = (value: T): Pulled<T> => {
    cursor.index++;
    return { done: false, value };
  };
  const fail = (cause: unknown): never => {
    throw new StageError("read", locate(cursor.index), cause);
  };
  return () => {
    // Endless epochs of nothing would never come to an end.
    const { epoch = 0 } = cursor;
    if (to === 0 || epoch >= epochs) return END;
    if (cursor.index >= to) {
      if (epoch + 1 === epochs) return END; // The end stays where it is.
      cursor.epoch = epoch + 1;
      cursor.index = 0;
      order = undefined;
    }
    order ??= orderOf(cursor.epoch ?? 0);
    let item: T | Promise<T>;
    try {
      item = source.get(order(cursor.index));
    } catch (cause) {
      return fail(cause);
    }
    return isPromise(item) ? Promise.resolve(item).then(give, fail) : give(item);
  };
}

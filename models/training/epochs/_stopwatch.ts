/** A watch that runs while something works, and not while it waits for whoever asks for its results. */
export interface Stopwatch {
  /** Gives the seconds since this was asked last. */
  lap(): number;
  /** Passes items on. The watch runs while the next one is made. */
  time<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined>;
}

/** Makes a watch that stands still. */
export function createStopwatch(): Stopwatch {
  let since: number | undefined;
  let gathered = 0;
  const gather = () => {
    const now = performance.now();
    if (since !== undefined) gathered += now - since;
    return now;
  };
  return {
    lap() {
      const now = gather();
      if (since !== undefined) since = now;
      const seconds = gathered / 1000;
      gathered = 0;
      return seconds;
    },
    async *time(items) {
      since = performance.now();
      try {
        for await (const item of items) {
          gather();
          since = undefined;
          yield item;
          since = performance.now();
        }
      } finally {
        since = undefined;
      }
    },
  };
}

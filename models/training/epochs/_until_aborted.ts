/** How long a stream has to give the item that it is at when a signal ends it, in milliseconds. */
const GRACE = 500;

/**
 * Passes items on until a signal is aborted. It doesn't wait for a stream that gives nothing any more, such as one from a server
 * that doesn't answer.
 */
export async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let isStuck = false;
  try {
    while (!signal?.aborted) {
      const next = signal ? await raceAborted(iterator.next(), signal) : await iterator.next();
      isStuck = next === undefined;
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    const closed = iterator.return?.();
    if (!isStuck) await closed;
    // Nobody waits for it.
    else closed?.catch(() => {});
  }
}

/** Waits for a result, or until a signal has been aborted for a while: then it gives undefined. */
async function raceAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begin = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    begin = () => timer = setTimeout(() => resolve(undefined), GRACE) as typeof timer;
  });
  signal.addEventListener("abort", begin);
  // While the result was asked for.
  if (signal.aborted) begin();
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener("abort", begin);
    clearTimeout(timer);
  }
}

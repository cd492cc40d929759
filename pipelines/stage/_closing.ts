/**
 * A stage's generator that closes the stage's sources also when it is closed before its first pull.
 *
 * Once begun, a generator closes what it iterates over. But closing one that has not begun runs none of its body, and a
 * file behind it would stay open.
 */
export function closing<O>(
  generator: AsyncGenerator<O, void, undefined>,
  ...sources: readonly AsyncIterable<unknown>[]
): AsyncIterableIterator<O, void, undefined> {
  let begun = false;
  const closeUnbegun = async () => {
    if (begun) return;
    begun = true;
    for (const result of await Promise.allSettled(sources.map(close))) {
      if (result.status === "rejected") throw result.reason;
    }
  };
  return {
    next() {
      begun = true;
      return generator.next();
    },
    async return() {
      try {
        return await generator.return();
      } finally {
        await closeUnbegun();
      }
    },
    async throw(error) {
      try {
        return await generator.throw(error);
      } finally {
        await closeUnbegun();
      }
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Closes a source that nobody has pulled from. */
export async function close(source: AsyncIterable<unknown>): Promise<void> {
  await source[Symbol.asyncIterator]().return?.();
}

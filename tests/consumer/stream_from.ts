// `ReadableStream.from`, which examples and tests have their input from. Nothing of the library needs it, and Chromium lacks it.

function streamFrom<T>(
  items: AsyncIterable<T> | Iterable<T>,
): ReadableStream<T> {
  const iterator = Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  }, { highWaterMark: 0 });
}
ReadableStream.from ??= streamFrom as typeof ReadableStream.from;

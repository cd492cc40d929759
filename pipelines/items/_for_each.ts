import { Input } from "../stage/_input.ts";
import { isPromise } from "../stage/_pull.ts";

/** Calls `fn` with each item, one after the other, and closes the source when it fails. */
export async function forEach<T>(
  source: AsyncIterable<T>,
  fn: (item: T) => unknown,
): Promise<void> {
  const input = new Input(source, false);
  while (true) {
    const pulled = input.pull();
    const { done, value } = isPromise(pulled) ? await pulled : pulled;
    if (done) return;
    try {
      const result = fn(value);
      if (isPromise(result)) await result;
    } catch (error) {
      await input.close().catch(() => {}); // The first error is the one to report.
      throw error;
    }
  }
}

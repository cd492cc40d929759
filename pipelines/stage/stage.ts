/**
 * A stage: a plain function from one async iterable to another.
 *
 * A stage pulls from its source only when it is pulled from, holds no more than its own documentation says, and closes
 * its source when it is closed. It keeps no state between two calls, so the same stage serves every epoch. The stages here
 * give something {@linkcode Resumable} where their source is; a stage of your own that is an async generator does not.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type Stage } from "@rill/rill/pipelines";
 *
 * const double: Stage<number, number> = async function* (source) {
 *   for await (const value of source) yield value * 2;
 * };
 * assertEquals(await collect(double(ReadableStream.from([1, 2, 3]))), [2, 4, 6]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 */
export type Stage<I, O> = (source: AsyncIterable<I>) => AsyncIterable<O>;

/**
 * A stage: a plain function from one async iterable to another.
 *
 * A stage pulls from its source only when it is pulled from, holds no more than its own documentation says, and closes
 * its source when it is closed. It keeps no state between two calls, so the same stage serves every epoch, and gives
 * something {@linkcode Resumable} where its source is that. All of this comes with {@linkcode stageOf}, which makes stages.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, map, type Stage, stageOf } from "@rill/rill/pipelines";
 *
 * const double: Stage<number, number> = map((n) => n * 2);
 * const negate: Stage<number, number> = stageOf({ name: "negate", each: (n) => -n });
 * const stages = [double, negate, double];
 *
 * const items = stages.reduce((source, stage) => stage(source), ReadableStream.from([1, 2, 3]) as AsyncIterable<number>);
 * assertEquals(await collect(items), [-4, -8, -12]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 */
export type Stage<I, O> = (source: AsyncIterable<I>) => AsyncIterable<O>;

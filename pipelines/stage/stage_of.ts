/**
 * The constructor of stages, with which those of this library are written, and that of sources.
 *
 * @module
 */
import type { Allocate } from "./allocate.ts";
import { locateItems } from "./_batch_shards.ts";
import { Input } from "./_input.ts";
import { makeIterable } from "./_iterable.ts";
import { makePerItemStage } from "./_per_item.ts";
import type { Position } from "./position.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";
import type { Outputs, StageInput, StageOutputs, StageRun, StageState } from "./stage_run.ts";

export type { Allocate, TypedArray } from "./allocate.ts";
export { type Position, PositionError } from "./position.ts";
export type { Stage } from "./stage.ts";
export { StageError } from "./stage_error.ts";
export type { Outputs, StageInput, StageOutputs, StageRun, StageState } from "./stage_run.ts";

/** The description of a stage that makes one output of each item, and looks at nothing but the item and its index. */
export interface PerItemStageOptions<I, O> {
  /** The name in positions, and in errors the verb: `Cannot resize item 3: …`. */
  readonly name: string;
  /**
   * Makes the output of an item.
   *
   * @param item The item.
   * @param index Its position in the source, from 0, or where that begins in the middle of an epoch, in this.
   * @param allocate Makes the array of the output where this is a new one, or of an object with one.
   * @returns The output, or a promise of it.
   */
  readonly each: (item: I, index: number, allocate: Allocate) => O | PromiseLike<O>;
  /**
   * Whether `each` never gives on an array of bytes that is in the item, unless it gives the item itself, so that the stage
   * before can use the array again.
   *
   * @default {false}
   */
  readonly copies?: boolean;
}

/** The description of a stage of any kind. */
export interface StageOptions<I, O, S extends StageState> {
  /** The name in positions, and in errors the verb: `Cannot batch item 3: …`. */
  readonly name: string;
  /**
   * The state at the beginning, which positions have and a resumed iteration begins with: counts, which begin as integers of
   * at least 0, and values of any plain JSON, which begin as null. All else that the stage keeps between two outputs must
   * follow from it and from where the source is. Without a state the stage has no positions.
   */
  readonly state?: S;
  /** The most that some of the counts may be in a position; others may be any integer of at least 0. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Values that have to be the same where a position is taken, such as a seed. */
  readonly facts?: Position;
  /**
   * How many items each output is made of, where that is always the same number of those that come next; at the end there may
   * be fewer. By it the stages behind know where they are in an epoch that is read from its middle: see
   * {@linkcode readIndexed}.
   *
   * @default {another number each time}
   */
  readonly itemsPerOutput?: number | undefined;
  /**
   * Begins an iteration. Nothing is pulled before the first output is asked for.
   *
   * @param run The source, the state, and a way to fail.
   * @returns What gives the outputs.
   */
  begin(run: StageRun<I, S>): Outputs<O> | StageOutputs<O>;
}

/**
 * Makes a stage that makes one output of each item by itself. As its items are independent, it can also be given a policy
 * for bad records by {@linkcode withRecordPolicy}, and be run in threads by {@linkcode inWorkers}.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, stageOf } from "@rill/rill/pipelines";
 *
 * const double = stageOf({ name: "double", each: (n: number) => 2 * n });
 * assertEquals(await collect(double(ReadableStream.from([1, 2, 3]))), [2, 4, 6]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param options The stage's name, and what it does with an item.
 * @returns The stage. It holds one item. What `each` throws fails the stream as a {@linkcode StageError}.
 */
export function stageOf<I, O>(options: PerItemStageOptions<I, O>): Stage<I, O>;
/**
 * Makes a stage of what it does in one iteration.
 *
 * What every stage promises comes with it: nothing is pulled before the first output is asked for; the source is closed
 * when the stage is closed, also before the first pull, when it fails, and when it ends before its source; each iteration
 * is apart from the others; and with a `state` the stage can say its position and be resumed from there.
 *
 * @example A stage that leaves out what comes twice in a row
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, stageOf } from "@rill/rill/pipelines";
 *
 * const withoutRepeats = stageOf<string, string>({
 *   name: "withoutRepeats",
 *   async *begin({ input }) {
 *     let last: string | undefined;
 *     for await (const item of input) {
 *       if (item !== last) yield item;
 *       last = item;
 *     }
 *   },
 * });
 * assertEquals(await collect(withoutRepeats(ReadableStream.from([..."aabba"]))), ["a", "b", "a"]);
 * ```
 *
 * @example A stage that can be resumed
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed, resumeFrom, stageOf, type StageRun } from "@rill/rill/pipelines";
 * import { withPosition } from "@rill/rill/pipelines";
 *
 * // `index` is a count; `max` begins as null, so it may be any JSON.
 * type State = { index: number; max: number | null };
 * const runningMax = stageOf({
 *   name: "compare",
 *   state: { index: 0, max: null } as State,
 *   async *begin({ input, state, fail }: StageRun<number, State>) {
 *     for await (const n of input) {
 *       if (Number.isNaN(n)) fail(new RangeError("it is NaN")); // Cannot compare item 3: it is NaN
 *       state.index++;
 *       yield state.max = Math.max(n, state.max ?? n);
 *     }
 *   },
 * });
 * const get = (index: number) => [0.5, -2, 7.5, 3][index]!;
 * const maxima = () => pipe({ length: 4, get }, readIndexed(), runningMax);
 * const [, second] = await collect(withPosition()(maxima()));
 * assertEquals(second?.[0], 0.5);
 * assertEquals(await collect(resumeFrom(second?.[1])(maxima())), [7.5, 7.5]);
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @typeParam S The state that a position has.
 * @param options The stage's name and state, and what begins an iteration.
 * @returns The stage.
 */
export function stageOf<I, O, S extends StageState = { readonly index: number }>(
  options: StageOptions<I, O, S>,
): Stage<I, O>;
export function stageOf<I, O, S extends StageState>(
  options: PerItemStageOptions<I, O> | StageOptions<I, O, S>,
): Stage<I, O> {
  if ("each" in options) {
    const { name, copies = false } = options;
    return makePerItemStage({ name, copies, each: options.each });
  }
  const { name, state } = options;
  return (source) =>
    makeIterable<O, S>({
      name,
      facts: options.facts,
      limits: options.limits,
      state: state ?? {} as S,
      resumable: state !== undefined,
      sources: [source],
      itemsPerOutput: options.itemsPerOutput,
      begin: ({ state, saved, tracked }) => {
        const input = new Input(source, tracked, saved?.part("source"));
        const fail = makeFail(name, state, locateItems(source));
        const begun = options.begin({ input, state, fail });
        const run = isOutputs(begun) ? { outputs: begun } : begun;
        return {
          outputs: run.outputs,
          inputs: [input],
          ...run.position ? { parts: () => run.position!() } : { source: () => input.position()! },
        };
      },
    });
}

/** An iteration of a source as it begins. */
export interface SourceRun<I, S extends StageState> extends Pick<StageRun<I, S>, "state" | "fail"> {
  /** The sources that it is made of. */
  readonly inputs: readonly StageInput<I>[];
}

/** The description of a source. */
export interface SourceOptions<I, O, S extends StageState>
  extends Omit<StageOptions<I, O, S>, "begin"> {
  /**
   * The sources that it is made of, which are closed with it.
   *
   * @default {[]}
   */
  readonly sources?: readonly AsyncIterable<I>[];
  /**
   * Begins an iteration. Nothing is pulled before the first item is asked for.
   *
   * @param run The sources, the state, and a way to fail.
   * @returns What gives the items.
   */
  begin(run: SourceRun<I, S>): Outputs<O>;
}

/**
 * Makes a source: of nothing but what it reads, or of several others. What a stage promises it does as well, see
 * {@linkcode stageOf}.
 *
 * @example A source that can be resumed
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, resumeFrom, sourceOf, withPosition } from "@rill/rill/pipelines";
 *
 * const countTo = (end: number) =>
 *   sourceOf({
 *     name: "count",
 *     facts: { end },
 *     state: { count: 0 },
 *     async *begin({ state }) {
 *       while (state.count < end) yield ++state.count;
 *     },
 *   });
 * const [, second] = await collect(withPosition()(countTo(4)));
 * assertEquals(await collect(resumeFrom(second?.[1])(countTo(4))), [3, 4]);
 * ```
 *
 * @typeParam I The type of the items of the sources that it is made of.
 * @typeParam O The type of its items.
 * @typeParam S The state that a position has.
 * @param options The source's name and state, and what begins an iteration.
 * @returns The source.
 */
export function sourceOf<I, O, S extends StageState = { readonly index: number }>(
  options: SourceOptions<I, O, S>,
): AsyncIterable<O> {
  const { name, state, sources = [] } = options;
  return makeIterable<O, S>({
    name,
    facts: options.facts,
    limits: options.limits,
    state: state ?? {} as S,
    resumable: state !== undefined,
    sources,
    itemsPerOutput: options.itemsPerOutput,
    begin: ({ state, saved, tracked }) => {
      const parts = sources.length > 0 ? saved?.parts("sources", sources.length) : undefined;
      const inputs = sources.map((source, i) =>
        parts?.[i] === null ? Input.ended<I>() : new Input(source, tracked, parts?.[i])
      );
      return {
        outputs: options.begin({ inputs, state, fail: makeFail(name, state) }),
        inputs,
        ...sources.length > 0 && {
          parts: () => ({
            sources: inputs.map((input) => input.ended ? null : input.position()!),
          }),
        },
      };
    },
  });
}

const makeFail =
  (name: string, state: StageState, locate?: (index: number) => number) =>
  (cause: unknown, index = state.index): never => {
    const local = typeof index === "number" ? index : 0;
    throw new StageError(name, locate ? locate(local) : local, cause);
  };

const isOutputs = <O>(begun: Outputs<O> | StageOutputs<O>): begun is Outputs<O> =>
  typeof begun === "function" || Symbol.asyncIterator in begun;

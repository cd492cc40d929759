import type { Allocate } from "./allocate.ts";
import { newArray, reuseBytes, type ReusedBytes } from "./_arrays.ts";
import { locateItems } from "./_batch_shards.ts";
import { Input } from "./_input.ts";
import { makeIterable } from "./_iterable.ts";
import { END, isPromise, type Pull, type Pulled } from "./_pull.ts";
import { carryRandom, findRandom, type RandomContext } from "./_random.ts";
import { carryStart, findFirstIndex } from "./_start.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";
import type { StageInput } from "./stage_run.ts";

/**
 * Says how a stage makes one output of each item, looking at nothing but the item and its index. Whoever knows it can have
 * it done in another way: in a worker, or so that not every error is the end.
 */
export interface PerItem<I, O> {
  /** The source that the stage was given. */
  readonly source: AsyncIterable<unknown>;
  /** How many items may be at work at a time. */
  readonly concurrency: number;
  /** Begins an iteration. */
  begin(): Work<I, O>;
}

/** The work of one iteration. */
export interface Work<I, O> {
  /**
   * Makes the output of an item, into an array that `allocate` makes where it is given. What it throws where the item is to blame
   * is a {@linkcode StageError}.
   */
  run(item: I, index: number, allocate?: Allocate): O | PromiseLike<O>;
  /** Makes the array of the next item, if one item is worked on after the other and the item is dropped then. */
  readonly allocateInput?: Allocate | undefined;
  /** Releases what it holds, which is nothing before the first item. What is under way then fails. */
  close?(): void;
}

/** Known to all copies of this library that meet in one program, and to the script of workers. */
const PER_ITEM = Symbol.for("rill.perItem");

type Marked<I, O> = AsyncIterable<O> & { readonly [PER_ITEM]?: PerItem<I, O> };

/** Makes it known of what a stage gives. */
export function markPerItem<I, O>(
  outputs: AsyncIterable<O>,
  perItem: PerItem<I, O>,
): AsyncIterable<O> {
  return Object.defineProperty(outputs, PER_ITEM, { value: perItem });
}

/** Makes the work of a function, with errors of a stage. */
export function makeWork<I, O>(
  stage: string,
  fn: (item: I, index: number, allocate: Allocate) => O | PromiseLike<O>,
  reused?: ReusedBytes,
): Work<I, O> {
  const give = (output: O, item: I): O => {
    // What is passed on as it is isn't dropped.
    if (output as unknown === item) reused?.forget();
    return output;
  };
  return {
    allocateInput: reused?.allocate,
    run(item, index, allocate = newArray) {
      const fail = (cause: unknown): never => {
        throw new StageError(stage, index, cause);
      };
      try {
        const output = fn(item, index, allocate);
        return isPromise(output)
          ? output.then((value) => give(value, item), fail)
          : give(output, item);
      } catch (cause) {
        return fail(cause);
      }
    },
  };
}

/** What a stage does with each item, and what the random stages behind it draw by. */
export interface FoundPerItem<I, O> extends Omit<PerItem<I, O>, "source"> {
  readonly random: RandomContext | undefined;
}

/**
 * Finds what a stage does with each item, also one that is composed of several; undefined where it, or one of them, isn't
 * of this kind. The index of an item is then that in what the first of them is given.
 *
 * @param random What the random ones among them draw by. What they throw without is passed on.
 * @param start How many items of an epoch come before the first.
 */
export function findPerItem<I, O>(
  stage: Stage<I, O>,
  random: RandomContext | undefined,
  start: number,
): FoundPerItem<I, O> | undefined {
  const source: AsyncIterable<I> = {
    [Symbol.asyncIterator]() {
      throw new TypeError("Cannot iterate over the source, which only asks what the stage does");
    },
  };
  const probe = carryStart(carryRandom(source, random), start);
  const parts: PerItem<unknown, unknown>[] = [];
  const last: AsyncIterable<unknown> = stage(probe);
  let outputs = last;
  while (outputs !== probe) {
    const part = (outputs as Marked<unknown, unknown> | undefined)?.[PER_ITEM];
    if (!part) return undefined;
    parts.unshift(part);
    outputs = part.source;
  }
  return {
    concurrency: Math.max(1, ...parts.map(({ concurrency }) => concurrency)),
    begin: () => composeWork(parts.map((part) => part.begin())) as Work<I, O>,
    random: findRandom(last),
  };
}

/** Tells whether a stage is of this kind. */
export function isPerItem<I, O>(stage: Stage<I, O>): boolean {
  try {
    return findPerItem(stage, { seed: 0, epoch: 0, place: () => 0 }, 0) !== undefined;
  } catch {
    return false;
  }
}

function composeWork(works: readonly Work<unknown, unknown>[]): Work<unknown, unknown> {
  return {
    run(item, index) {
      let output: unknown = item;
      for (const work of works) {
        output = isPromise(output)
          ? output.then((value) => work.run(value, index))
          : work.run(output, index);
      }
      return output;
    },
    close() {
      for (const work of works) work.close?.();
    },
  };
}

/** Makes a stage of a function of an item. */
export function makePerItemStage<I, O>(
  { name, each, copies }: {
    readonly name: string;
    readonly each: (item: I, index: number, allocate: Allocate) => O | PromiseLike<O>;
    readonly copies: boolean;
  },
): Stage<I, O> {
  const begin = () => makeWork(name, each, copies ? reuseBytes() : undefined);
  return (source) =>
    markPerItem(
      makeIterable({
        name,
        state: { index: findFirstIndex(source) },
        sources: [source],
        itemsPerOutput: 1,
        begin: ({ state, saved, tracked }) => {
          const input = new Input(source, tracked, saved?.part("source"));
          return {
            outputs: mapPull(input, state, begin(), locateItems(source)),
            inputs: [input],
            source: () => input.position()!,
          };
        },
      }),
      { source, concurrency: 1, begin },
    );
}

/**
 * Pulls the outputs of the work on each item.
 *
 * @param locate Gives the index in the whole epoch for that of the state, where it is another.
 */
export function mapPull<I, O>(
  input: StageInput<I>,
  state: { index: number },
  work: Work<I, O>,
  locate?: (index: number) => number,
): Pull<O> {
  const give = (value: O): Pulled<O> => {
    state.index++;
    return { done: false, value };
  };
  const apply = (pulled: Pulled<I>, allocate?: Allocate): Pulled<O> | Promise<Pulled<O>> => {
    if (pulled.done) return END;
    const index = locate ? locate(state.index) : state.index;
    const output = work.run(pulled.value, index, allocate);
    return isPromise(output) ? Promise.resolve(output).then(give) : give(output);
  };
  return (allocate) => {
    const pulled = input.pull(work.allocateInput);
    return isPromise(pulled)
      ? pulled.then((pulled) => apply(pulled, allocate))
      : apply(pulled, allocate);
  };
}

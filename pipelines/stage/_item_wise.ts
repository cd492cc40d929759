import { isPromise } from "./_promise.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";

/**
 * What a stage does that makes one output of each item, and looks at nothing but the item and its index. Who knows it can
 * have it done in another way: in a worker, or so that not every error is the end.
 */
export interface ItemWise<I, O> {
  /** What the stage was given. */
  readonly source: AsyncIterable<unknown>;
  /** How many items may be at work at a time. */
  readonly concurrency: number;
  /** Begins a run of it. */
  begin(): Work<I, O>;
}

/** A run of it. */
export interface Work<I, O> {
  /** Makes the output of an item. What it throws where the item is to blame is a {@linkcode StageError}. */
  run(item: I, index: number): O | PromiseLike<O>;
  /** Releases what it holds, which is nothing before the first item. What is under way then fails. */
  close?(): void;
}

/** Known to all copies of this library that meet in one program, and to the script of workers. */
const ITEM_WISE = Symbol.for("rill.itemWise");

type Outputs<I, O> = AsyncIterable<O> & { readonly [ITEM_WISE]?: ItemWise<I, O> };

/** Makes it known of what a stage gives. */
export function asItemWise<I, O>(
  outputs: AsyncIterable<O>,
  itemWise: ItemWise<I, O>,
): AsyncIterable<O> {
  return Object.defineProperty(outputs, ITEM_WISE, { value: itemWise });
}

/** As {@linkcode asItemWise}, where it is to call a function; `stage` is the verb that its errors use. */
export function callsFor<I, O>(
  outputs: AsyncIterable<O>,
  source: AsyncIterable<I>,
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
  concurrency = 1,
): AsyncIterable<O> {
  const run = (item: I, index: number): O | PromiseLike<O> => {
    const fail = (cause: unknown) => {
      throw new StageError(stage, index, cause);
    };
    try {
      const output = fn(item, index);
      return isPromise(output) ? output.then(undefined, fail) : output;
    } catch (cause) {
      return fail(cause);
    }
  };
  return asItemWise(outputs, { source, concurrency, begin: () => ({ run }) });
}

/**
 * What a stage does with each item, also one that is composed of several; nothing where it, or one of them, isn't of this
 * kind. The index of an item is then that in what the first of them is given.
 */
export function itemWiseOf<I, O>(stage: Stage<I, O>): Omit<ItemWise<I, O>, "source"> | undefined {
  const probe: AsyncIterable<I> = {
    [Symbol.asyncIterator]() {
      throw new TypeError("Cannot iterate over a source that is none");
    },
  };
  const parts: ItemWise<unknown, unknown>[] = [];
  let outputs: AsyncIterable<unknown>;
  try {
    outputs = stage(probe);
  } catch {
    return undefined;
  }
  while (outputs !== probe) {
    const part = (outputs as Outputs<unknown, unknown> | undefined)?.[ITEM_WISE];
    if (!part) return undefined;
    parts.unshift(part);
    outputs = part.source;
  }
  return {
    concurrency: Math.max(1, ...parts.map(({ concurrency }) => concurrency)),
    begin: () => inTurn(parts.map((part) => part.begin())) as Work<I, O>,
  };
}

function inTurn(works: readonly Work<unknown, unknown>[]): Work<unknown, unknown> {
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

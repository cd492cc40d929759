import { closeAll, Input, isResumable } from "./_input.ts";
import type { Into } from "./_into.ts";
import { END, PULL, type Pull, type Result } from "./_pull.ts";
import { readSaved } from "./_saved.ts";
import { isPromise } from "./_promise.ts";
import type { Position } from "./position.ts";
import type { Resumable, ResumableIterator } from "./resumable.ts";

/** What gives a stage's outputs. */
export type Outputs<O> = AsyncGenerator<O, void, undefined> | Pull<O>;

/** One use of a stage. */
export interface Run<O> {
  /**
   * Gives the outputs: a generator, which closes the inputs on every way out once it has begun; or, where an item costs
   * little, a function, which leaves that to others.
   */
  readonly outputs: Outputs<O>;
  /** What to close when it is closed before the first pull, as then nothing of a generator's body runs. */
  readonly inputs: readonly Input<unknown>[];
  /** Where it is after the last output it gave. Asked only of a run that is tracked. */
  position(): Position;
  /** Ends what a pull waits for, so that it doesn't hold up being closed. */
  interrupt?(): void;
}

/**
 * What a stage gives: an iterable that runs the stage anew at each iteration, from any position where each of its sources
 * can be started from one.
 *
 * @param start Begins a run: from a position where there is one, and `tracked` where positions will be asked for. What
 * they cost beyond a count is spent only then.
 */
export function output<O>(
  sources: readonly AsyncIterable<unknown>[],
  start: (tracked: boolean, from?: Position) => Run<O>,
): AsyncIterable<O> {
  const plain = { [Symbol.asyncIterator]: () => new Iteration(start(false)) };
  if (!sources.every(isResumable)) return plain;
  const resumable: Resumable<O> = {
    ...plain,
    iterateFrom: (from) => new Iteration(start(true, from)),
  };
  return resumable;
}

/** The place of a stage that needs to know no more than how many items it has taken. */
export interface Place {
  index: number;
}

/**
 * What a stage gives that has one source and counts its items.
 *
 * @param run The stage's generator or function. It counts what it takes in `place.index`, before it gives what it made of it.
 * @param facts What else is to be the same where a position is taken.
 */
export function counted<I, O>(
  stage: string,
  source: AsyncIterable<I>,
  run: (input: Input<I>, place: Place) => Outputs<O>,
  facts: Position = {},
): AsyncIterable<O> {
  return output([source], (tracked, from) => {
    const saved = readSaved(stage, from);
    saved?.expect(facts);
    const place = { index: saved?.count("index") ?? 0 };
    const input = new Input(source, tracked, saved?.part("source"));
    return {
      outputs: run(input, place),
      inputs: [input],
      position: () => ({ stage, ...facts, index: place.index, source: input.position() }),
    };
  });
}

class Iteration<O> implements AsyncIterableIterator<O, void, undefined>, ResumableIterator<O> {
  readonly [PULL]: Pull<O> | undefined;
  readonly #run: Run<O>;
  readonly #outputs: AsyncGenerator<O, void, undefined>;
  /** Whether the generator has begun. */
  #begun = false;
  #over = false;
  /** The pull that is under way. */
  #pulling: Promise<unknown> | undefined;

  constructor(run: Run<O>) {
    this.#run = run;
    const { outputs } = run;
    if (typeof outputs === "function") {
      this[PULL] = (into) => this.#pull(outputs, into);
      this.#outputs = this.#generate(this[PULL]);
    } else {
      this.#outputs = outputs;
    }
  }

  next(): Promise<IteratorResult<O, void>> {
    this.#begun = true;
    return this.#outputs.next();
  }

  async return(): Promise<IteratorResult<O, void>> {
    this.#run.interrupt?.();
    try {
      return await this.#outputs.return();
    } finally {
      await this.#closeUnbegun();
    }
  }

  async throw(error: unknown): Promise<IteratorResult<O, void>> {
    this.#run.interrupt?.();
    try {
      return await this.#outputs.throw(error);
    } finally {
      await this.#closeUnbegun();
    }
  }

  position(): Position {
    return this.#run.position();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #pull(outputs: Pull<O>, into: Into | undefined): Result<O> | Promise<Result<O>> {
    if (this.#over) return END;
    try {
      const result = outputs(into);
      if (isPromise(result)) return this.#settled(result);
      return result.done ? this.#end() : result;
    } catch (error) {
      return this.#fail(error);
    }
  }

  async *#generate(pull: Pull<O>): AsyncGenerator<O, void, undefined> {
    try {
      while (true) {
        const pulled = pull();
        const result = isPromise(pulled) ? await pulled : pulled;
        if (result.done) return;
        yield result.value;
      }
    } catch (error) {
      // The first error is the one to report, as in `for await`.
      await this.#close().catch(() => {});
      throw error;
    } finally {
      await this.#close();
    }
  }

  async #closeUnbegun(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    await this.#pulling?.catch(() => {});
    await this.#close();
  }

  async #close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await closeAll(this.#run.inputs);
  }

  async #settled(promise: Promise<Result<O>>): Promise<Result<O>> {
    this.#pulling = promise;
    let result: Result<O>;
    try {
      result = await promise;
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#pulling = undefined;
    }
    return result.done ? this.#end() : result;
  }

  /** A stage may end before its inputs do. */
  #end(): Result<O> | Promise<Result<O>> {
    if (!this.#run.inputs.every((input) => input.ended)) return this.#close().then(() => END);
    this.#over = true;
    return END;
  }

  /** The inputs are closed before the error is passed on, which is then the one to report. */
  async #fail(error: unknown): Promise<never> {
    await this.#close().catch(() => {});
    throw error;
  }
}

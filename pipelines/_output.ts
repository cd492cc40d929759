import { closeAll, Input, isResumable } from "./_input.ts";
import { readSaved } from "./_saved.ts";
import type { Position } from "./position.ts";
import type { Resumable, ResumableIterator } from "./resumable.ts";

/** One use of a stage. */
export interface Run<O> {
  /** Gives the outputs. Once begun, it closes the inputs on every way out. */
  readonly outputs: AsyncGenerator<O, void, undefined>;
  /** What to close when it is closed before the first pull, as then nothing of the generator's body runs. */
  readonly inputs: readonly Input<unknown>[];
  /** Where it is after the last output it gave. Asked only of a run that is tracked. */
  position(): Position;
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
 * @param run The stage's generator. It counts what it takes in `place.index`, before it gives what it made of it.
 * @param facts What else is to be the same where a position is taken.
 */
export function counted<I, O>(
  stage: string,
  source: AsyncIterable<I>,
  run: (input: Input<I>, place: Place) => AsyncGenerator<O, void, undefined>,
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
  readonly #run: Run<O>;
  readonly #outputs: AsyncGenerator<O, void, undefined>;
  #begun = false;

  constructor(run: Run<O>) {
    this.#run = run;
    this.#outputs = run.outputs;
  }

  next(): Promise<IteratorResult<O, void>> {
    this.#begun = true;
    return this.#outputs.next();
  }

  async return(): Promise<IteratorResult<O, void>> {
    try {
      return await this.#outputs.return();
    } finally {
      await this.#closeUnbegun();
    }
  }

  async throw(error: unknown): Promise<IteratorResult<O, void>> {
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

  async #closeUnbegun(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    await closeAll(this.#run.inputs);
  }
}

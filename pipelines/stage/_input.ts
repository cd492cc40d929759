import type { Into } from "./_into.ts";
import { isPromise } from "./_promise.ts";
import { PULL, type Pull, type Pullable, type Result } from "./_pull.ts";
import type { Saved } from "./_saved.ts";
import type { Position } from "./position.ts";
import type { Resumable, ResumableIterator } from "./resumable.ts";

export function isResumable<T>(
  source: AsyncIterable<T> | Iterable<T>,
): source is Resumable<T> {
  return typeof (source as Partial<Resumable<T>>).iterateFrom === "function";
}

/** @throws {TypeError} When the source cannot say its position. */
export function requireResumable<T>(source: AsyncIterable<T>): asserts source is Resumable<T> {
  if (isResumable(source)) return;
  throw new TypeError(
    "Cannot use positions in the pipeline: a source or stage of it has none, as no plain stream has",
  );
}

/**
 * One iteration of a stage's source, for `for await` or for single pulls, not for both.
 *
 * It begins when the stage is first pulled from; or at once, where it is `tracked`, which is to say that positions are
 * asked for, so that a bad one is refused where it is given.
 */
export class Input<T> implements AsyncIterable<T> {
  readonly #source: AsyncIterable<T>;
  readonly #tracked: ResumableIterator<T> | undefined;
  #iterator: Pullable<T> | undefined;
  #next: Pull<T> | undefined;
  /** Whether the source has ended or failed, or `for await` has it: then it is not to be closed. */
  #over = false;

  constructor(source: AsyncIterable<T>, tracked: boolean, from?: Position) {
    this.#source = source;
    if (!tracked) return;
    requireResumable(source);
    this.#iterator = this.#tracked = source.iterateFrom(from);
  }

  /** One that has ended. */
  static ended<T>(): Input<T> {
    const input = new Input<T>({ [Symbol.asyncIterator]: nothing }, false);
    input.#over = true;
    return input;
  }

  /** For `for await`, which closes the iterator where that is needed. */
  [Symbol.asyncIterator](): AsyncIterator<T, unknown, undefined> {
    return this.iterate()[Symbol.asyncIterator]();
  }

  /** The same, with an array for each image that is pulled. */
  iterate(into?: Into): AsyncIterable<T, unknown, undefined> {
    return {
      [Symbol.asyncIterator]: () => {
        this.#over = true;
        const iterator = this.#open();
        const pull = iterator[PULL];
        if (!pull) return iterator;
        return {
          // What is there at once needs no promise: `for await` awaits whatever it is given.
          next: () => pull(into) as Promise<Result<T>>,
          return: () => iterator.return!(),
        };
      },
    };
  }

  /** A single pull. Its result is at hand where nothing had to be waited for. */
  pull(into?: Into): Result<T> | Promise<Result<T>> {
    let result: Result<T> | Promise<Result<T>>;
    try {
      const next = this.#next ??= this.#opened();
      result = next(into);
    } catch (error) {
      this.#over = true;
      throw error;
    }
    if (isPromise(result)) return this.#settled(result);
    if (result.done) this.#over = true;
    return result;
  }

  /** Whether it has ended, failed or been closed; an end is known once a pull has found it. */
  get ended(): boolean {
    return this.#over;
  }

  /** Closes the source, unless it has ended or failed, or `for await` will do so. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#open().return?.();
  }

  /** Where the source is. Only where it is tracked. */
  position(): Position {
    return this.#tracked!.position();
  }

  #open(): Pullable<T> {
    return this.#iterator ??= this.#source[Symbol.asyncIterator]();
  }

  #opened(): Pull<T> {
    const iterator = this.#open();
    return iterator[PULL] ?? (() => iterator.next());
  }

  async #settled(promise: PromiseLike<Result<T>>): Promise<Result<T>> {
    try {
      const result = await promise;
      if (result.done) this.#over = true;
      return result;
    } catch (error) {
      this.#over = true;
      throw error;
    }
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

/** Closes all, also where closing one of them fails; that failure is the result's. */
export async function closeAll(inputs: readonly Input<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(inputs.map((input) => input.close()))) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** The inputs of a stage that pulls from several sources by turns, those that had ended as such. */
export function inputsOf<T>(
  sources: readonly AsyncIterable<T>[],
  tracked: boolean,
  saved: Saved | undefined,
): Input<T>[] {
  const parts = saved?.parts("sources", sources.length) ?? [];
  return sources.map((source, i) =>
    parts[i] === null ? Input.ended() : new Input(source, tracked, parts[i])
  );
}

/** Their positions, nothing for those that have ended. */
export const positionsOf = (inputs: readonly Input<unknown>[]): (Position | null)[] =>
  inputs.map((input) => input.ended ? null : input.position());

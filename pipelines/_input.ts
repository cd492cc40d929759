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
  #iterator: AsyncIterator<T, unknown, undefined> | undefined;
  /** Whether a pull is under way, or the source has ended or failed: then it is not to be closed. */
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
    this.#over = true;
    return this.#open();
  }

  /** A single pull. */
  async pull(): Promise<IteratorResult<T, unknown>> {
    this.#over = true;
    const result = await this.#open().next();
    this.#over = result.done === true;
    return result;
  }

  /** Whether it has ended; known once a pull has found the end. */
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

  #open(): AsyncIterator<T, unknown, undefined> {
    return this.#iterator ??= this.#source[Symbol.asyncIterator]();
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}

/** Closes all, also where closing one of them fails; that failure is the result's. */
export async function closeAll(inputs: readonly Input<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(inputs.map((input) => input.close()))) {
    if (result.status === "rejected") throw result.reason;
  }
}

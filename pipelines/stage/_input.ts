import type { Allocate } from "./allocate.ts";
import { ABORT, END, isPromise, PULL, type Pull, type Pullable, type Pulled } from "./_pull.ts";
import type { Position } from "./position.ts";
import type { Resumable, ResumableIterator } from "./resumable.ts";
import type { StageInput } from "./stage_run.ts";

/** Tells whether an iterable can say its position and be started from one. */
export function isResumable<T>(
  source: AsyncIterable<T> | Iterable<T>,
): source is Resumable<T> {
  return typeof (source as Partial<Resumable<T>>).iterateFrom === "function";
}

/**
 * Refuses a source without positions.
 *
 * @throws {TypeError} When the source cannot say its position.
 */
export function requireResumable<T>(source: AsyncIterable<T>): asserts source is Resumable<T> {
  if (isResumable(source)) return;
  throw new TypeError(
    "Cannot use positions in the pipeline: a source or stage of it has none, as no plain stream has",
  );
}

/**
 * Iterates over a stage's source once, for `for await` or for single pulls, not for both.
 *
 * The iteration begins when the stage is first pulled from; or at once, where it is `tracked`, which is to say that
 * positions are asked for, so that an invalid one is refused where it is given.
 */
export class Input<T> implements StageInput<T> {
  readonly #source: AsyncIterable<T>;
  readonly #tracked: ResumableIterator<T> | undefined;
  #iterator: Pullable<T> | undefined;
  #next: Pull<T> | undefined;
  /** Whether the source has ended or failed, or was closed. */
  #over = false;
  /** Lets go of a web stream that has ended or failed. */
  #release: (() => void) | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(source: AsyncIterable<T>, tracked: boolean, from?: Position) {
    this.#source = source;
    if (!tracked) return;
    requireResumable(source);
    this.#iterator = this.#tracked = source.iterateFrom(from);
  }

  /** Makes one that has ended. */
  static ended<T>(): Input<T> {
    const input = new Input<T>({ [Symbol.asyncIterator]: yieldNothing }, false);
    input.#over = true;
    return input;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    return {
      // What is there at once needs no promise: `for await` awaits whatever it is given.
      next: () => this.pull() as Promise<IteratorResult<T, void>>,
      return: async () => {
        await this.close();
        return END;
      },
    };
  }

  pull(allocate?: Allocate): Pulled<T> | Promise<Pulled<T>> {
    if (this.#aborted) throw this.#aborted.reason;
    if (this.#over) return END;
    let result: Pulled<T> | Promise<Pulled<T>>;
    try {
      const next = this.#next ??= this.#opened();
      result = next(allocate);
    } catch (error) {
      this.#over = true;
      throw error;
    }
    if (isPromise(result)) return this.#settle(result);
    if (result.done) this.#over = true;
    return result;
  }

  get ended(): boolean {
    return this.#over;
  }

  /** Closes the source, unless it has ended or failed. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    await this.#open().return?.();
  }

  /**
   * Ends what a pull waits for, as far as the sources up to the first can. That pull and all after it fail with the reason, lest
   * somebody take what was cut short for whole. It is still to be closed.
   */
  abort(reason: unknown): void {
    if (this.#over || this.#aborted) return;
    this.#aborted = { reason };
    this.#iterator?.[ABORT]?.(reason);
  }

  position(): Position | undefined {
    return this.#tracked?.position();
  }

  #open(): Pullable<T> {
    if (this.#iterator) return this.#iterator;
    if (!isStream(this.#source)) return this.#iterator = this.#source[Symbol.asyncIterator]();
    const stream = iterateStream(this.#source);
    this.#release = stream.release;
    return this.#iterator = stream;
  }

  #opened(): Pull<T> {
    const iterator = this.#open();
    return iterator[PULL] ?? (() => iterator.next());
  }

  #settle(promise: PromiseLike<Pulled<T>>): Promise<Pulled<T>> {
    return Promise.resolve(promise).then(this.#onResult, this.#onError);
  }

  readonly #onResult = <R extends Pulled<unknown>>(result: R): R => {
    // What was aborted is still to be closed, which may take longer than the end of its pull.
    if (this.#aborted) throw this.#aborted.reason;
    if (result.done) {
      this.#over = true;
      this.#release?.();
    }
    return result;
  };

  readonly #onError = (error: unknown): never => {
    if (this.#aborted) throw this.#aborted.reason;
    this.#over = true;
    this.#release?.();
    throw error;
  };
}

const isStream = <T>(source: AsyncIterable<T>): source is ReadableStream<T> =>
  typeof (source as Partial<ReadableStream<T>>).getReader === "function";

/**
 * Iterates over a web stream as it does by itself, except that closing doesn't wait for the read that is under way: that may
 * never end. Browsers have streams that are no iterables. Whoever sees its end or its error calls `release`.
 */
function iterateStream<T>(stream: ReadableStream<T>): Pullable<T> & { release(): void } {
  const reader = stream.getReader();
  let isReleased = false;
  let cancelled: Promise<void> | undefined;
  const release = (): void => {
    if (isReleased) return;
    isReleased = true;
    reader.releaseLock();
  };
  return {
    release,
    next: () => reader.read() as Promise<Pulled<T>>,
    async return() {
      if (!isReleased) cancelled ??= reader.cancel();
      release();
      await cancelled;
      return END;
    },
    [ABORT](reason) {
      if (isReleased) return;
      cancelled ??= reader.cancel(reason);
      cancelled.catch(() => {}); // Whoever closes it is told.
    },
  };
}

async function* yieldNothing(): AsyncGenerator<never, void, undefined> {}

/** Closes all, also where closing one of them fails; that failure is the result's. */
export async function closeAll(inputs: readonly Input<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(inputs.map((input) => input.close()))) {
    if (result.status === "rejected") throw result.reason;
  }
}

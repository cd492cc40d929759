/**
 * A stream that ends when a signal is aborted.
 *
 * @module
 */

import { checkSignal } from "../_arguments/check_signal.ts";
import type { Allocate } from "../stage/allocate.ts";
import { Input } from "../stage/_input.ts";
import { makeTransparentIterable } from "../stage/_iterable.ts";
import { isPromise, type Pulled } from "../stage/_pull.ts";
import type { Position } from "../stage/position.ts";

/**
 * Passes items on until a signal is aborted, and then fails with the signal's reason, also while it waits for an item. Of a
 * pipeline it belongs at the end, as it ends what is before it: the reads, requests and workers that are under way there are
 * aborted, and all is closed, files that are half written are removed. Holds no item.
 *
 * Nothing is pulled where the signal is aborted before. A source that can be ended in the middle of an item (a web stream, a
 * connection, workers) is; another, such as an async generator of your own that waits for something, is closed once it goes on,
 * and no longer waited for than half a second. While items come without a pause, the stage makes one every few milliseconds, as
 * the timer or the click that aborts would never have its turn.
 *
 * A position has nothing of this stage in it.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertRejects } from "@std/assert";
 * import { drain, map, untilAborted } from "@rill/rill/pipelines";
 *
 * async function* numbers() {
 *   for (let n = 0;; n++) yield n;
 * }
 * const controller = new AbortController(); // Or AbortSignal.timeout(60_000), say.
 * const items = pipe(
 *   numbers(),
 *   map((n) => n === 1000 && controller.abort(new Error("enough"))),
 *   untilAborted(controller.signal),
 * );
 * await assertRejects(() => drain(items), Error, "enough");
 * ```
 *
 * @param signal The signal.
 * @returns The stage.
 * @throws {TypeError} If the signal is no `AbortSignal`.
 */
export function untilAborted(
  signal: AbortSignal,
): <T>(source: AsyncIterable<T>) => AsyncIterable<T> {
  checkSignal("end a stream", signal ?? null);
  return <T>(source: AsyncIterable<T>) =>
    makeTransparentIterable(source, (tracked, from) => {
      const input = new AbortableInput(source, tracked, from, signal);
      return {
        outputs: (allocate) => input.pull(allocate),
        inputs: [input],
        source: () => input.position()!,
        interrupt: () => input.unlisten(),
      };
    });
}

/** An input that a signal aborts. */
class AbortableInput<T> extends Input<T> {
  readonly #signal: AbortSignal;
  #isListening = false;
  /** The end of the closing that the signal began. */
  #closing: Promise<void> | undefined;
  /** Fails the pull that is under way. */
  #reject: ((reason: unknown) => void) | undefined;
  /** When others last had their turn. */
  #breathed = performance.now();

  constructor(
    source: AsyncIterable<T>,
    tracked: boolean,
    from: Position | undefined,
    signal: AbortSignal,
  ) {
    super(source, tracked, from);
    this.#signal = signal;
  }

  override pull(allocate?: Allocate): Pulled<T> | Promise<Pulled<T>> {
    if (this.#signal.aborted) return this.#fail();
    if (!this.#isListening) {
      this.#isListening = true;
      this.#signal.addEventListener("abort", this.#onAbort);
    }
    if (performance.now() - this.#breathed > BREATH) return this.#breathe(allocate);
    const pulled = super.pull(allocate);
    return isPromise(pulled) ? this.#settle(pulled) : pulled;
  }

  /** Closes the source; where the signal has begun it, waits for that. */
  override async close(): Promise<void> {
    this.unlisten();
    await (this.#closing ?? super.close());
  }

  /** Lets go of the signal. */
  unlisten(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
  }

  async #breathe(allocate: Allocate | undefined): Promise<Pulled<T>> {
    await giveTurn();
    this.#breathed = performance.now();
    return await this.pull(allocate);
  }

  #settle(pulled: Promise<Pulled<T>>): Promise<Pulled<T>> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      const finish = (end: () => void): void => {
        // What the signal ends is answered when the source is closed.
        if (this.#closing) return;
        this.#reject = undefined;
        end();
      };
      pulled.then((result) => finish(() => resolve(result)), (e) => finish(() => reject(e)));
    });
  }

  async #fail(): Promise<never> {
    this.#begin();
    await this.#closing!.catch(() => {}); // The reason is the error to report.
    throw this.#signal.reason;
  }

  /** Aborts the source, and begins to close it. */
  #begin(): void {
    this.unlisten();
    if (this.#closing) return;
    this.abort(this.#signal.reason);
    this.#closing = waitAtMost(GRACE, super.close());
    this.#closing.catch(() => {});
  }

  readonly #onAbort = (): void => {
    this.#begin();
    const reject = this.#reject;
    if (!reject) return;
    const end = (): void => reject(this.#signal.reason);
    this.#closing!.then(end, end);
  };
}

/**
 * Waits for the tasks that are due. In Deno and Node by what they have for it: messages would come before timers there, for half
 * a second. In pages by a message, as one that isn't looked at has its timers held back by a second and more.
 */
function giveTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Waits for a promise, but no longer than some milliseconds. */
function waitAtMost(time: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, time);
    promise.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** How long a source that was aborted has to close, in milliseconds. */
const GRACE = 500;

/** The longest time that items come without a turn for others, in milliseconds. */
const BREATH = 8;

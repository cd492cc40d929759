import type { Input } from "./_input.ts";
import type { Position } from "./position.ts";

/** What a pull brought, and where the input was then. */
export interface Pulled<T> {
  readonly result: IteratorResult<T, unknown>;
  readonly position?: Position;
}

/** Pulls ahead: any number of pulls can be asked for at a time. */
export class Puller<T> {
  readonly #input: Input<T>;
  readonly #items: AsyncIterator<T, unknown, undefined>;
  readonly #tracked: boolean;
  #closed = false;
  #ended = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(input: Input<T>, tracked: boolean) {
    this.#input = input;
    this.#items = input[Symbol.asyncIterator]();
    this.#tracked = tracked;
  }

  /** Each pull waits for the one before it: not every iterator can take two at a time. */
  pull(): Promise<Pulled<T>> {
    const pulled = this.#last.then(() => this.#pull());
    pulled.catch(() => {}); // An error is reported when its turn comes.
    this.#last = pulled;
    return pulled;
  }

  /** Pulls no more, and closes the input unless it has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#ended) await this.#items.return?.();
  }

  async #pull(): Promise<Pulled<T>> {
    if (this.#closed || this.#ended) return { result: { done: true, value: undefined } };
    try {
      const result = await this.#items.next();
      this.#ended = result.done === true;
      return { result, position: this.#tracked ? this.#input.position() : undefined };
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }
}

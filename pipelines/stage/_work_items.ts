import { locateItems } from "./_batch_shards.ts";
import { Input } from "./_input.ts";
import { makeIterable } from "./_iterable.ts";
import type { Work } from "./_per_item.ts";
import { andThen, END, isPromise, type Pulled } from "./_pull.ts";
import { findFirstIndex } from "./_start.ts";
import type { Position } from "./position.ts";

/** Options of {@linkcode workItems}. */
export interface WorkOptions<I, O> {
  /** The name in a position. */
  readonly name: string;
  /** How many items to work on at a time. */
  readonly concurrency: number;
  /**
   * Whether outputs come in the order of the items, or each as soon as it is there. In the latter case there are no
   * positions: which items have come depends on chance, not on a count.
   *
   * @default {true}
   */
  readonly ordered?: boolean;
  /** Begins an iteration. */
  readonly begin: () => Work<I, O>;
  /**
   * Says how to go on after an error of the work; throws it otherwise. Asked in the order of the items.
   *
   * @param skipped How many items have been left out before.
   */
  readonly recover?: (
    error: unknown,
    item: I,
    index: number,
    skipped: number,
  ) => Recovered<O> | Promise<Recovered<O>>;
}

/** The replacement of the output of an item that failed. */
export type Recovered<O> = { readonly use: O } | "skip";

/** The result of the work on an item, and where the source was after it. */
type Outcome<I, O> =
  & { readonly position: Position | undefined }
  & ({ readonly output: O } | { readonly error: unknown; readonly item: I });

/** The counts of items that are done with, and of those among them that were left out. */
type WorkState = { index: number; [name: string]: number };

/** Has work done on each item. */
export function workItems<I, O>(
  source: AsyncIterable<I>,
  options: WorkOptions<I, O>,
): AsyncIterable<O> {
  const { name, concurrency, ordered = true, begin, recover } = options;
  const index = findFirstIndex(source);
  const initial: WorkState = recover ? { index, skipped: 0 } : { index };
  return makeIterable({
    name,
    state: initial,
    resumable: ordered,
    sources: [source],
    itemsPerOutput: recover ? undefined : 1,
    begin: ({ state, saved, tracked }) => {
      const input = new Input(source, tracked, saved?.part("source"));
      const job = new Job(input, begin(), state, { ...options, locate: locateItems(source) });
      return {
        outputs: concurrency === 1
          ? () => job.pullOneByOne()
          : ordered
          ? () => job.pullInOrder()
          : () => job.pullAsTheyFinish(),
        inputs: [input],
        interrupt: () => job.close(),
        source: () => job.position ?? input.position()!,
      };
    },
  });
}

/** One iteration over the items. */
class Job<I, O> {
  /** Where the source was after the last item that is done with, where it has been pulled further. */
  position: Position | undefined;
  readonly #input: Input<I>;
  readonly #work: Work<I, O>;
  readonly #state: WorkState;
  readonly #concurrency: number;
  readonly #locate: (index: number) => number;
  readonly #recover: WorkOptions<I, O>["recover"];
  /** How many items have been pulled. */
  #pulled: number;
  /** Each pull waits for the one before it: not every iterator can take two at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** Items at work, in their order. */
  readonly #queue: Promise<Outcome<I, O> | undefined>[] = [];
  /** The results of those that have finished, in that order, and the number of the others. */
  readonly #finished: (() => Outcome<I, O> | undefined)[] = [];
  #running = 0;
  #isEnded = false;
  #wake = () => {};
  /** Whether it was closed, perhaps in the middle of an item. */
  #isClosed = false;

  constructor(
    input: Input<I>,
    work: Work<I, O>,
    state: WorkState,
    { concurrency, recover, locate = (index) => index }: WorkOptions<I, O> & {
      /** Gives the index in the whole epoch for that in the source, where it is another. */
      readonly locate: ((index: number) => number) | undefined;
    },
  ) {
    this.#locate = locate;
    this.#input = input;
    this.#work = work;
    this.#state = state;
    this.#concurrency = concurrency;
    this.#recover = recover;
    this.#pulled = state.index;
  }

  close(): void {
    this.#isClosed = true;
    this.#work.close?.();
  }

  pullOneByOne(): Pulled<O> | Promise<Pulled<O>> {
    return andThen(this.#input.pull(), (pulled) => {
      if (pulled.done) return END;
      const { value: item } = pulled;
      const again = async (error: unknown): Promise<Pulled<O>> =>
        await this.#replace(error, item) ?? await this.pullOneByOne();
      try {
        const output = this.#work.run(item, this.#locate(this.#state.index));
        return isPromise(output)
          ? Promise.resolve(output).then((output) => this.#give(output), again)
          : this.#give(output);
      } catch (error) {
        return again(error);
      }
    });
  }

  async pullInOrder(): Promise<Pulled<O>> {
    while (true) {
      while (this.#queue.length < this.#concurrency) {
        const outcome = this.#next();
        outcome.catch(() => {}); // An error is reported when its turn comes.
        this.#queue.push(outcome);
      }
      const outcome = await this.#queue.shift();
      if (!outcome) return END;
      const pulled = await this.#settle(outcome);
      if (pulled) return pulled;
    }
  }

  async pullAsTheyFinish(): Promise<Pulled<O>> {
    while (true) {
      while (!this.#isEnded && this.#running + this.#finished.length < this.#concurrency) {
        this.#running++;
        this.#next().then(
          (outcome) => this.#finish(() => outcome),
          (error) =>
            this.#finish(() => {
              throw error;
            }),
        );
      }
      const result = this.#finished.shift();
      if (result) {
        const outcome = result();
        const pulled = outcome && await this.#settle(outcome);
        if (pulled) return pulled;
        this.#isEnded ||= !outcome;
      } else if (this.#running > 0) {
        await new Promise<void>((resolve) => this.#wake = resolve);
      } else return END;
    }
  }

  #finish(result: () => Outcome<I, O> | undefined): void {
    this.#running--;
    this.#finished.push(result);
    this.#wake();
  }

  /** Works on the next item; gives undefined at the end. */
  async #next(): Promise<Outcome<I, O> | undefined> {
    const pulling = this.#last.then(() => this.#pull());
    this.#last = pulling.catch(() => {});
    const { result, position } = await pulling;
    if (result.done) return undefined;
    try {
      return { output: await this.#work.run(result.value, this.#locate(this.#pulled++)), position };
    } catch (error) {
      return { error, item: result.value, position };
    }
  }

  async #pull(): Promise<{ result: Pulled<I>; position: Position | undefined }> {
    return { result: await this.#input.pull(), position: this.#input.position() };
  }

  /** Gives what comes of an outcome; undefined where the item is left out. */
  #settle(outcome: Outcome<I, O>): Pulled<O> | Promise<Pulled<O> | undefined> {
    this.position = outcome.position;
    return "output" in outcome
      ? this.#give(outcome.output)
      : this.#replace(outcome.error, outcome.item);
  }

  #give(value: O): Pulled<O> {
    this.#state.index++;
    return { done: false, value };
  }

  /** Gives what takes the place of an output after an error; undefined where the item is left out. */
  async #replace(error: unknown, item: I): Promise<Pulled<O> | undefined> {
    if (this.#isClosed) return END;
    if (!this.#recover) throw error;
    const { index, skipped = 0 } = this.#state;
    const recovered = await this.#recover(error, item, this.#locate(index), skipped);
    if (recovered !== "skip") return this.#give(recovered.use);
    this.#state.index++;
    this.#state.skipped = skipped + 1;
    return undefined;
  }
}

import { Input } from "./_input.ts";
import { iterableOf } from "./_iterable.ts";
import type { Work } from "./_per_item.ts";
import { isPromise, type Pulled } from "./_pull.ts";
import type { Position } from "./position.ts";

/** Says how items are worked on. */
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

/** The result of the work on an item, and where the source was after it; undefined at the end. */
type Outcome<I, O> =
  | (
    & { readonly position: Position | undefined }
    & (
      | { readonly output: O }
      | { readonly error: unknown; readonly item: I }
    )
  )
  | undefined;

/** The counts of items that are done with, and of those among them that were left out. */
type WorkState = { index: number; [name: string]: number };

/** Has work done on each item. */
export function workItems<I, O>(
  source: AsyncIterable<I>,
  { name, concurrency, ordered = true, begin, recover }: WorkOptions<I, O>,
): AsyncIterable<O> {
  const initial: WorkState = recover ? { index: 0, skipped: 0 } : { index: 0 };
  return iterableOf({
    name,
    state: initial,
    resumable: ordered,
    sources: [source],
    begin: ({ state, saved, tracked }) => {
      const input = new Input(source, tracked, saved?.part("source"));
      const work = begin();
      const job = new Job(input, work, state, concurrency, recover);
      return {
        outputs: job.outputs(
          concurrency === 1 ? job.oneByOne() : ordered ? job.inOrder() : job.asTheyFinish(),
        ),
        inputs: [input],
        interrupt: () => job.close(),
        position: () => ({ source: job.position ?? input.position()! }),
      };
    },
  });
}

/** One iteration over the items. */
class Job<I, O> {
  /** Where the source was after the last item that is done with. */
  position: Position | undefined;
  readonly #input: Input<I>;
  readonly #work: Work<I, O>;
  readonly #state: WorkState;
  readonly #concurrency: number;
  readonly #recover: WorkOptions<I, O>["recover"];
  /** How many items have been pulled. */
  #pulled: number;
  /** Each pull waits for the one before it: not every iterator can take two at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether it was closed, perhaps in the middle of an item. */
  #isClosed = false;

  constructor(
    input: Input<I>,
    work: Work<I, O>,
    state: WorkState,
    concurrency: number,
    recover: WorkOptions<I, O>["recover"],
  ) {
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

  /** Gives the outputs of outcomes. */
  async *outputs(
    outcomes: AsyncGenerator<NonNullable<Outcome<I, O>>, void, undefined>,
  ): AsyncGenerator<O, void, undefined> {
    try {
      for await (const outcome of outcomes) {
        if (this.#isClosed) return;
        this.position = outcome.position;
        const { index, skipped = 0 } = this.#state;
        let output: O;
        if ("output" in outcome) output = outcome.output;
        else {
          if (!this.#recover) throw outcome.error;
          const recovered = await this.#recover(outcome.error, outcome.item, index, skipped);
          if (recovered === "skip") {
            this.#state.index++;
            this.#state.skipped = skipped + 1;
            continue;
          }
          output = recovered.use;
        }
        this.#state.index++;
        yield output;
      }
    } finally {
      // First, as the source may be waiting for the work.
      this.close();
    }
  }

  async *oneByOne(): AsyncGenerator<NonNullable<Outcome<I, O>>, void, undefined> {
    for (let outcome; (outcome = await this.#next());) yield outcome;
  }

  async *inOrder(): AsyncGenerator<NonNullable<Outcome<I, O>>, void, undefined> {
    const queue: Promise<Outcome<I, O>>[] = [];
    while (true) {
      while (queue.length < this.#concurrency) {
        const outcome = this.#next();
        outcome.catch(() => {}); // An error is reported when its turn comes.
        queue.push(outcome);
      }
      const outcome = await queue.shift();
      if (!outcome) return;
      yield outcome;
    }
  }

  async *asTheyFinish(): AsyncGenerator<NonNullable<Outcome<I, O>>, void, undefined> {
    const finished: (() => Outcome<I, O>)[] = [];
    let running = 0;
    let ended = false;
    let wake = () => {};
    const finish = (result: () => Outcome<I, O>) => {
      running--;
      finished.push(result);
      wake();
    };
    while (true) {
      while (!ended && running + finished.length < this.#concurrency) {
        running++;
        this.#next().then(
          (outcome) => finish(() => outcome),
          (error) =>
            finish(() => {
              throw error;
            }),
        );
      }
      const result = finished.shift();
      if (result) {
        const outcome = result();
        if (outcome) yield outcome;
        else ended = true;
      } else if (running > 0) {
        await new Promise<void>((resolve) => wake = resolve);
      } else return;
    }
  }

  /** Works on the next item. */
  async #next(): Promise<Outcome<I, O>> {
    const pulling = this.#last.then(() => this.#pull());
    this.#last = pulling.catch(() => {});
    const { result, position } = await pulling;
    if (result.done) return undefined;
    try {
      const output = this.#work.run(result.value, this.#pulled++);
      return { output: isPromise(output) ? await output : output, position };
    } catch (error) {
      return { error, item: result.value, position };
    }
  }

  async #pull(): Promise<{ result: Pulled<I>; position: Position | undefined }> {
    return { result: await this.#input.pull(), position: this.#input.position() };
  }
}

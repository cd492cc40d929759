import { closeAll, Input, isResumable } from "../stage/_input.ts";
import { makeIterable, type Mutable } from "../stage/_iterable.ts";
import { isPromise, type Pulled } from "../stage/_pull.ts";
import { type Position, PositionError } from "../stage/position.ts";
import { StageError } from "../stage/stage_error.ts";
import { findFirstIndex } from "../stage/_start.ts";
import { isAsync, type Items } from "./_flat_map_items.ts";

/** Options of {@linkcode flatMapAhead}. */
interface AheadOptions<I, O> {
  /** The verb of its errors. */
  readonly stage: string;
  readonly fn: (item: I, index: number) => Items<O> | PromiseLike<Items<O>>;
  /** How many items may be open at a time. */
  readonly concurrency: number;
}

/** How many items have been given in full, and how many outputs of the next one. */
type State = Mutable<{ index: number; offset: number }>;

/**
 * Makes several items of each, as {@linkcode flatMapItems} does and with the same positions, and opens what comes next while
 * one is given: an array is then there, and of a stream its first output.
 */
export function flatMapAhead<I, O>(
  source: AsyncIterable<I>,
  options: AheadOptions<I, O>,
): AsyncIterable<O> {
  return makeIterable({
    name: options.stage,
    state: { index: findFirstIndex(source), offset: 0 },
    sources: [source],
    begin: ({ state, saved, tracked }) => {
      const input = new Input(source, tracked, saved?.part("source"));
      const resumed = saved?.has("item") ? saved.part("item") : undefined;
      const opener = new Opener(input, state, { ...options, tracked, resumed });
      return {
        outputs: opener.flatten(),
        inputs: [input],
        source: () => opener.before!,
        parts: (): Position => {
          const item = opener.itemPosition;
          return item ? { item } : {};
        },
      };
    },
  });
}

/** What was made of an item. */
interface Opened<O> {
  /** Where the source was before the item. */
  readonly before: Position | undefined;
  /** Its outputs, the first of which may be on its way; nothing at the end of the source. */
  readonly outputs?: Outputs<O> | undefined;
  /** What went wrong with it. */
  readonly failure?: { readonly cause: unknown } | undefined;
}

interface Outputs<O> {
  next(): Pulled<O> | Promise<Pulled<O>>;
  /** Closes them, unless they have ended or failed. */
  close(): unknown;
  position?(): Position | undefined;
}

/** One iteration. */
class Opener<I, O> {
  /** Where the source was before the item that is being given. */
  before: Position | undefined;
  readonly #input: Input<I>;
  readonly #state: State;
  readonly #options: AheadOptions<I, O> & { readonly tracked: boolean };
  /** What is open or being opened, in the order of the items: the first is being given. */
  readonly #queue: Promise<Opened<O>>[] = [];
  /** The streams among them. */
  readonly #streams = new Set<Input<O>>();
  /** How many items have been pulled. */
  #pulled: number;
  /** Each pull waits for the one before it: not every iterator can take two at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** The outputs that are being given. */
  #current: Outputs<O> | undefined;
  /** The position to resume from among the first item's. */
  #resumed: Position | undefined;
  #isClosed = false;

  constructor(
    input: Input<I>,
    state: State,
    { resumed, ...options }: AheadOptions<I, O> & {
      readonly tracked: boolean;
      readonly resumed: Position | undefined;
    },
  ) {
    this.#input = input;
    this.#state = state;
    this.#options = options;
    this.#pulled = state.index;
    this.#resumed = resumed;
    this.before = input.position();
  }

  /** The position among the outputs of the item that is being given, where these have one. */
  get itemPosition(): Position | undefined {
    return this.#current?.position?.() ?? this.#resumed;
  }

  async *flatten(): AsyncGenerator<O, void, undefined> {
    const state = this.#state;
    try {
      while (true) {
        this.#fill();
        const { before, outputs, failure } = await this.#queue[0]!;
        this.before = before;
        if (failure) this.#fail(failure.cause);
        if (!outputs) return;
        this.#current = outputs;
        let toSkip = this.#resumed ? 0 : state.offset;
        while (true) {
          const pulled = await this.#pull(outputs);
          if (pulled.done) break;
          if (toSkip-- > 0) continue;
          state.offset++;
          yield pulled.value;
        }
        this.#current = this.#resumed = undefined;
        this.#queue.shift();
        state.index++;
        state.offset = 0;
      }
    } finally {
      await this.#close();
    }
  }

  async #pull(outputs: Outputs<O>): Promise<Pulled<O>> {
    try {
      return await outputs.next();
    } catch (cause) {
      return this.#fail(cause);
    }
  }

  #fail(cause: unknown): never {
    if (cause instanceof PositionError) throw cause;
    throw new StageError(this.#options.stage, this.#state.index, cause);
  }

  #fill(): void {
    while (this.#queue.length < this.#options.concurrency) {
      const opened = this.#openNext();
      opened.catch(() => {}); // An error of the source's is reported when its turn comes.
      this.#queue.push(opened);
    }
  }

  async #openNext(): Promise<Opened<O>> {
    const pulling = this.#last.then(async () => {
      const before = this.#input.position();
      return { before, pulled: this.#isClosed ? undefined : await this.#input.pull() };
    });
    this.#last = pulling.catch(() => {});
    const { before, pulled } = await pulling;
    if (!pulled || pulled.done || this.#isClosed) return { before };
    const resumed = this.#pulled === this.#state.index ? this.#resumed : undefined;
    try {
      const made = this.#options.fn(pulled.value, this.#pulled++);
      return { before, outputs: this.#begin(isPromise(made) ? await made : made, resumed) };
    } catch (cause) {
      return { before, failure: { cause } };
    }
  }

  #begin(items: Items<O>, resumed: Position | undefined): Outputs<O> {
    const isTracked = this.#options.tracked && isResumable(items);
    if (resumed && !isTracked) {
      throw new PositionError(
        this.#options.stage,
        `the position is one in item ${this.#state.index}, which has none`,
      );
    }
    if (!isAsync(items)) {
      return iterateNow(items);
    }
    const stream = new Input(items, isTracked, resumed);
    if (this.#isClosed) {
      stream.close().catch(() => {}); // It came too late for anyone to be told.
      return { next: () => stream.pull(), close: () => {} };
    }
    this.#streams.add(stream);
    let first: Promise<Pulled<O>> | undefined = pullSoon(stream);
    first.catch(() => {}); // An error is reported when its turn comes.
    return {
      next: async () => {
        const pulling = first ?? stream.pull();
        first = undefined;
        const pulled = await pulling;
        if (pulled.done) this.#streams.delete(stream);
        return pulled;
      },
      close: () => stream.close(),
      position: () => stream.position(),
    };
  }

  /** Closes all that is open. What is only being opened is closed when it comes. */
  async #close(): Promise<void> {
    this.#isClosed = true;
    try {
      await this.#current?.close();
    } finally {
      await closeAll([...this.#streams]);
    }
  }
}

/** Iterates over what is at hand. */
function iterateNow<O>(items: Iterable<O>): Outputs<O> {
  const iterator = items[Symbol.iterator]();
  let isOver = false;
  return {
    next: () => {
      const wasOver = isOver;
      isOver = true; // Also where it throws.
      const result = iterator.next();
      isOver = wasOver || (result.done ?? false);
      return result;
    },
    close: () => isOver || iterator.return?.(),
  };
}

/** Pulls with a promise, also where it throws. */
const pullSoon = async <O>(stream: Input<O>): Promise<Pulled<O>> => await stream.pull();

import type { Allocate } from "./allocate.ts";
import { carryShards, carryShardsFrom, findShards } from "./_batch_shards.ts";
import { closeAll, type Input, isResumable } from "./_input.ts";
import { ABORT, END, isPromise, PULL, type Pull, type Pulled } from "./_pull.ts";
import { carryFrom } from "./_random.ts";
import { SavedPosition } from "./_saved.ts";
import { carryStart, computeStart, findStart } from "./_start.ts";
import type { Position, PositionPart } from "./position.ts";
import type { Resumable, ResumableIterator } from "./resumable.ts";
import type { Outputs, StageState } from "./stage_run.ts";

/** A description of an iterable whose iterations are begun one by one, each from a position where one is given. */
export interface IterableDescription<O, S extends StageState> {
  /** The name in a position. */
  readonly name: string;
  /** Values that have to be the same where a position is taken. */
  readonly facts?: Position | undefined;
  /** The state at the beginning, which a position has. */
  readonly state: S;
  /** The most that some of the counts may be in a position. */
  readonly limits?: Readonly<Record<string, number>> | undefined;
  /** The sources. There are positions where all of them have some. */
  readonly sources: readonly AsyncIterable<unknown>[];
  /** Whether there are positions where the sources have some. */
  readonly resumable?: boolean;
  /** How many items of each of its sources an output is made of, those that come next; nothing where that varies. */
  readonly itemsPerOutput?: number | undefined;
  /** Begins an iteration. */
  readonly begin: (start: Start<S>) => Run<O>;
}

/** StageState that can be changed. */
export type Mutable<S extends StageState> = { -readonly [K in keyof S]: S[K] };

/** The beginning of an iteration. */
export interface Start<S extends StageState> {
  /** The state, as it was saved or as it is at the beginning. The iteration keeps it up to date. */
  readonly state: Mutable<S>;
  /** The position to start from. */
  readonly saved: SavedPosition | undefined;
  /** Whether positions will be asked for. What they cost beyond a count is to be spent only then. */
  readonly tracked: boolean;
}

/** One iteration. */
export interface Run<O> {
  readonly outputs: Outputs<O>;
  /** All that is to be closed with it. */
  readonly inputs: readonly Input<unknown>[];
  /** Gives the position to start the source from. Asked only where positions are tracked. */
  readonly source?: (() => Position) | undefined;
  /** Gives further parts of the position. */
  readonly parts?: (() => Position) | undefined;
  /** Ends what a pull waits for, so that it doesn't hold up closing. Called on every way out, also when it has ended. */
  interrupt?(): void;
}

/** Makes an iterable that begins anew at each iteration, from any position where each of its sources can do so. */
export function makeIterable<O, S extends StageState>(
  description: IterableDescription<O, S>,
): AsyncIterable<O> {
  const { name: stage, facts = {}, state: initial, limits = {}, sources, resumable = true } =
    description;
  const stateNames = Object.keys(initial) as (keyof S & string)[];
  const counts = stateNames.filter((key) => isCount(initial[key]));
  const onlyIndex = stateNames.length === 1 && "index" in initial;
  const begin = (tracked: boolean, from?: Position): Iteration<O> => {
    const state: Mutable<S> = { ...initial };
    let saved: SavedPosition | undefined;
    if (from !== undefined) {
      saved = new SavedPosition(stage, from);
      saved.expect(facts);
      for (const key of stateNames) {
        const value = counts.includes(key) ? saved.count(key, limits[key]) : saved.value(key);
        state[key] = value as S[typeof key];
      }
    }
    const run = description.begin({ state, saved, tracked });
    const describe = makeDescriber(stage, facts, state, onlyIndex, run);
    // Positions are made for each item, and nobody keeps anything but a count in an index.
    if (onlyIndex) return new Iteration(run, describe);
    return new Iteration(run, () => {
      for (const key of counts) if (!isCount(state[key])) refuseCount(stage, key, state[key]);
      return describe();
    });
  };
  const outputs = iterateBy(begin, resumable && sources.every(isResumable));
  const { itemsPerOutput } = description;
  return carryShardsFrom(
    carryStart(carryFrom(outputs, sources), computeStart(sources, itemsPerOutput)),
    sources,
    itemsPerOutput,
  );
}

/**
 * Makes the function that gives a position. The order of the parts is that of the positions which people have. Most stages
 * have an index alone, which a literal takes several times as fast as a copy of all.
 */
function makeDescriber(
  stage: string,
  facts: Position,
  state: StageState,
  onlyIndex: boolean,
  { source, parts }: Pick<Run<unknown>, "source" | "parts">,
): () => Position {
  if (parts) {
    return source
      ? () => ({ stage, ...facts, ...state, ...parts(), source: source() })
      : () => ({ stage, ...facts, ...state, ...parts() });
  }
  if (source) {
    return onlyIndex
      ? () => ({ stage, ...facts, index: state.index!, source: source() })
      : () => ({ stage, ...facts, ...state, source: source() });
  }
  return onlyIndex
    ? () => ({ stage, index: state.index!, ...facts })
    : () => ({ stage, ...state, ...facts });
}

const isCount = (value: PositionPart | undefined): boolean =>
  Number.isInteger(value) && value as number >= 0;

/** Tells the author of a stage at once, and not the one who resumes. */
function refuseCount(stage: string, name: string, value: PositionPart | undefined): never {
  throw new TypeError(
    `Cannot give the position of ${stage} as its ${name} is ${value}: a value that begins as a count must stay an ` +
      "integer of at least 0; let one of another kind begin as null",
  );
}

/** Makes an iterable whose positions are its source's own: a stage that leaves no trace in them. */
export function makeTransparentIterable<O>(
  source: AsyncIterable<unknown>,
  begin: (tracked: boolean, from?: Position) => Run<O> & { source(): Position },
): AsyncIterable<O> {
  const outputs = iterateBy((tracked, from) => {
    const run = begin(tracked, from);
    return new Iteration(run, run.source);
  }, isResumable(source));
  return carryShards(
    carryStart(carryFrom(outputs, [source]), findStart(source)),
    findShards(source),
  );
}

function iterateBy<O>(
  begin: (tracked: boolean, from?: Position) => Iteration<O>,
  resumable: boolean,
): AsyncIterable<O> {
  const plain = { [Symbol.asyncIterator]: () => begin(false) };
  if (!resumable) return plain;
  const full: Resumable<O> = { ...plain, iterateFrom: (from) => begin(true, from) };
  return full;
}

class Iteration<O> implements AsyncIterableIterator<O, void, undefined>, ResumableIterator<O> {
  readonly [PULL]: Pull<O>;
  readonly #run: Run<O>;
  readonly #position: () => Position;
  /** For `next()`: one pull after the other, however many are asked for. */
  readonly #items: AsyncGenerator<O, void, undefined>;
  /** Whether `next()` was called: then the generator closes the inputs. */
  #begun = false;
  #over = false;
  #closing: Promise<void> | undefined;
  /** The pull that is under way. */
  #pulling: Promise<unknown> | undefined;

  constructor(run: Run<O>, position: () => Position) {
    this.#run = run;
    this.#position = position;
    const { outputs } = run;
    const next: Pull<O> = typeof outputs === "function" ? outputs : () => outputs.next();
    this[PULL] = (allocate) => this.#pull(next, allocate);
    this.#items = this.#generate();
  }

  next(): Promise<IteratorResult<O, void>> {
    this.#begun = true;
    return this.#items.next();
  }

  async return(): Promise<IteratorResult<O, void>> {
    this.#run.interrupt?.();
    try {
      return await this.#items.return();
    } finally {
      await this.#closeUnbegun();
    }
  }

  async throw(error: unknown): Promise<IteratorResult<O, void>> {
    this.#run.interrupt?.();
    try {
      return await this.#items.throw(error);
    } finally {
      await this.#closeUnbegun();
    }
  }

  position(): Position {
    return this.#position();
  }

  [ABORT](reason: unknown): void {
    if (this.#over) return;
    for (const input of this.#run.inputs) input.abort(reason);
    this.#run.interrupt?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #pull(next: Pull<O>, allocate: Allocate | undefined): Pulled<O> | Promise<Pulled<O>> {
    if (this.#over) return END;
    try {
      const result = next(allocate);
      if (isPromise(result)) return this.#settle(result);
      return result.done ? this.#end() : result;
    } catch (error) {
      return this.#fail(error);
    }
  }

  async *#generate(): AsyncGenerator<O, void, undefined> {
    try {
      while (true) {
        const pulled = this[PULL]();
        const result = isPromise(pulled) ? await pulled : pulled;
        if (result.done) return;
        yield result.value;
      }
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

  /** Closes the inputs, after the generator of the outputs where there is one, which may be in the middle of one. */
  async #close(): Promise<void> {
    // Whoever closes it first is told how that ends, the others when.
    if (this.#over) return await this.#closing?.catch(() => {});
    this.#over = true;
    await (this.#closing = this.#closeInputs());
  }

  async #closeInputs(): Promise<void> {
    const { outputs, inputs } = this.#run;
    this.#run.interrupt?.();
    try {
      if (typeof outputs !== "function") await outputs.return();
    } finally {
      await closeAll(inputs);
    }
  }

  #settle(promise: Promise<Pulled<O>>): Promise<Pulled<O>> {
    this.#pulling = promise;
    return promise.then(this.#onResult, this.#onError);
  }

  readonly #onResult = (result: Pulled<O>): Pulled<O> | Promise<Pulled<O>> => {
    this.#pulling = undefined;
    return result.done ? this.#end() : result;
  };

  readonly #onError = (error: unknown): Promise<never> => {
    this.#pulling = undefined;
    return this.#fail(error);
  };

  /** A stage may end before its inputs do. */
  #end(): Pulled<O> | Promise<Pulled<O>> {
    if (!this.#run.inputs.every((input) => input.ended)) return this.#close().then(() => END);
    this.#over = true;
    this.#run.interrupt?.();
    return END;
  }

  /** The inputs are closed before the error is passed on, which is then the one to report. */
  async #fail(error: unknown): Promise<never> {
    await this.#close().catch(() => {});
    throw error;
  }
}

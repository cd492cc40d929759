import type { Position, Resumable, ResumableIterator } from "@rill/rill/pipelines";

/** Something that a stage did with a source and must not do. */
export class Breach extends Error {}

/** An iterator of a source, as the one who made it sees it. */
interface Opened {
  readonly name: string;
  /** Whether it has ended or failed by itself. */
  ended: boolean;
  closed: number;
  begun: boolean;
}

/** A source's behavior. */
export interface SourceOptions {
  readonly name?: string;
  /** How many turns of others to wait before each item, at most; a source without any still gives promises. */
  readonly turns?: number;
  /** The index at which to fail, and with what. */
  readonly failure?: { readonly at: number; readonly error: Error } | undefined;
}

/** Makes sources, and watches what is done with all of them. */
export class World {
  /** How many items the sources have given, by their name. */
  readonly #given = new Map<string, number>();
  readonly #opened: Opened[] = [];
  readonly #breaches: string[] = [];

  /** How many items the sources of that name have given. */
  countGiven(name: string): number {
    return this.#given.get(name) ?? 0;
  }

  /** Makes a source that can be iterated anew and resumed. */
  source<T>(items: readonly T[], options: SourceOptions = {}): Resumable<T> {
    const { name = "main" } = options;
    return {
      [Symbol.asyncIterator]: () => this.#iterate(items, 0, options),
      iterateFrom: (position?: Position) => {
        const index = position?.["index"] ?? 0;
        if (position && position["stage"] !== name) {
          this.#report(`${name} was given the position ${JSON.stringify(position)}`);
        }
        return this.#iterate(items, index as number, options);
      },
    };
  }

  /**
   * Checks that nobody did what must not be done, and, where all is over, that each iterator was closed exactly once unless it
   * had ended.
   *
   * @throws {Breach} If not.
   */
  check(isOver: boolean): void {
    const [breach] = this.#breaches;
    if (breach) throw new Breach(breach);
    for (const { name, ended, closed, begun } of this.#opened) {
      if (closed > 1) throw new Breach(`${name} was closed ${closed} times`);
      if (isOver && begun && !ended && closed === 0) throw new Breach(`${name} was left open`);
    }
  }

  #report(breach: string): void {
    this.#breaches.push(breach);
  }

  #iterate<T>(
    items: readonly T[],
    first: number,
    { name = "main", turns = 0, failure }: SourceOptions,
  ): ResumableIterator<T> {
    const opened: Opened = { name, ended: false, closed: 0, begun: false };
    this.#opened.push(opened);
    let index = first;
    let isPulling = false;
    const pull = async (): Promise<IteratorResult<T, void>> => {
      opened.begun = isPulling = true;
      for (let turn = turns === 0 ? 0 : index % (turns + 1); turn > 0; turn--) await undefined;
      if (index === failure?.at) throw failure.error;
      if (index >= items.length) return { done: true, value: undefined };
      this.#given.set(name, this.countGiven(name) + 1);
      return { done: false, value: items[index++]! };
    };
    return {
      next: () => {
        if (isPulling) this.#report(`${name} was pulled while a pull was under way`);
        if (opened.ended) this.#report(`${name} was pulled after its end`);
        if (opened.closed > 0) this.#report(`${name} was pulled after it was closed`);
        const pulling = pull();
        // Before the one who pulls, who may close it until then.
        const finish = (isEnd: boolean) => {
          isPulling = false;
          opened.ended ||= isEnd;
        };
        pulling.then(({ done }) => finish(done === true), () => finish(true));
        return pulling;
      },
      return: async () => {
        if (opened.ended) this.#report(`${name} was closed after its end`);
        opened.closed++;
        await undefined;
        return { done: true, value: undefined };
      },
      position: () => {
        if (isPulling) {
          this.#report(`${name} was asked for its position while a pull was under way`);
        }
        return { stage: name, index };
      },
    };
  }
}

import { Input } from "./_input.ts";
import type { Work } from "./_item_wise.ts";
import { output } from "./_output.ts";
import { Puller } from "./_puller.ts";
import { readSaved } from "./_saved.ts";
import { isPromise } from "./_promise.ts";
import type { Position } from "./position.ts";

/** What has work done on each item. */
export interface Workplace<I, O> {
  /** The name in a position. */
  readonly stage: string;
  /** How many items to work on at a time. */
  readonly concurrency: number;
  /** Begins a run. */
  begin(): Work<I, O>;
  /**
   * Whether to go on after an error of the work, and with what; throws it otherwise. Asked in the order of the items.
   *
   * @param skipped How many items have been left out before.
   */
  settle?(
    error: unknown,
    item: I,
    index: number,
    skipped: number,
  ): Settlement<O> | Promise<Settlement<O>>;
}

/** What becomes of an item that failed. */
export type Settlement<O> = { readonly use: O } | "skip";

interface Place {
  /** How many items are done with. */
  index: number;
  /** How many of them were left out. */
  skipped: number;
  /** Where the source was after them, where it has been pulled further. */
  position?: Position;
  /** Whether it was closed, perhaps in the middle of an item. */
  isClosed?: boolean;
}

/** Has work done on each item, in order. */
export function workItems<I, O>(
  source: AsyncIterable<I>,
  workplace: Workplace<I, O>,
): AsyncIterable<O> {
  const { stage, concurrency, settle } = workplace;
  return output([source], (tracked, from) => {
    const saved = readSaved(stage, from);
    const place: Place = {
      index: saved?.count("index") ?? 0,
      skipped: settle && saved?.count("skipped") || 0,
    };
    const input = new Input(source, tracked, saved?.part("source"));
    const work = workplace.begin();
    return {
      outputs: concurrency === 1
        ? oneByOne(input, place, workplace, work)
        : severalAtATime(input, tracked, place, workplace, work),
      inputs: [input],
      interrupt: () => {
        place.isClosed = true;
        work.close?.();
      },
      position: () => {
        const { index, skipped, position = input.position() } = place;
        return { stage, index, ...settle && { skipped }, source: position };
      },
    };
  });
}

async function* oneByOne<I, O>(
  input: Input<I>,
  place: Place,
  workplace: Workplace<I, O>,
  work: Work<I, O>,
): AsyncGenerator<O, void, undefined> {
  try {
    for await (const item of input) {
      let given: O;
      try {
        const result = work.run(item, place.index);
        given = isPromise(result) ? await result : result;
      } catch (error) {
        if (place.isClosed) return;
        const settlement = await settled(workplace, error, item, place);
        if (settlement === "skip") continue;
        given = settlement.use;
      }
      place.index++;
      yield given;
    }
  } finally {
    work.close?.();
  }
}

/** What came of an item; nothing where there was none left. */
type Outcome<I, O> =
  | ({ readonly position?: Position } & ({ output: O } | { error: unknown; item: I }))
  | undefined;

async function* severalAtATime<I, O>(
  input: Input<I>,
  tracked: boolean,
  place: Place,
  workplace: Workplace<I, O>,
  work: Work<I, O>,
): AsyncGenerator<O, void, undefined> {
  const puller = new Puller(input, tracked);
  let pulled = place.index;
  const next = async (): Promise<Outcome<I, O>> => {
    const { result, position } = await puller.pull();
    if (result.done) return undefined;
    try {
      return { output: await work.run(result.value, pulled++), position };
    } catch (error) {
      return { error, item: result.value, position };
    }
  };
  const queue: Promise<Outcome<I, O>>[] = [];
  try {
    while (true) {
      while (queue.length < workplace.concurrency) {
        const outcome = next();
        outcome.catch(() => {}); // An error is reported when its turn comes.
        queue.push(outcome);
      }
      const outcome = await queue.shift()!;
      if (!outcome || place.isClosed) return;
      place.position = outcome.position;
      let given: O;
      if ("output" in outcome) given = outcome.output;
      else {
        const settlement = await settled(workplace, outcome.error, outcome.item, place);
        if (settlement === "skip") continue;
        given = settlement.use;
      }
      place.index++;
      yield given;
    }
  } finally {
    // First, as the source may be waiting for itself.
    work.close?.();
    await puller.close();
  }
}

async function settled<I, O>(
  { settle }: Workplace<I, O>,
  error: unknown,
  item: I,
  place: Place,
): Promise<Settlement<O>> {
  if (!settle) throw error;
  const settlement = await settle(error, item, place.index, place.skipped);
  if (settlement === "skip") {
    place.index++;
    place.skipped++;
  }
  return settlement;
}

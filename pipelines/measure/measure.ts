/**
 * Meters, which tell how a pipeline spends its time.
 *
 * @module
 */

import { carryShards, findShards } from "../stage/_batch_shards.ts";
import { isResumable } from "../stage/_input.ts";
import { MeterRow, Probe } from "./_probe.ts";
import { END, isPromise, PULL, type Pull, type Pullable, type Pulled } from "../stage/_pull.ts";
import { carryFrom } from "../stage/_random.ts";
import { carryStart, findStart } from "../stage/_start.ts";
import type { Bottleneck, Meter, MeterReport, StageReport } from "./meter.ts";
import type { Resumable, ResumableIterator } from "../stage/resumable.ts";
import type { Stage } from "../stage/stage.ts";

export type { Bottleneck, Meter, MeterReport, StageReport } from "./meter.ts";

/** Options of {@linkcode measure}. */
export interface MeasureOptions {
  /**
   * Whether anything is measured. A meter that is off gives sources and stages back as they are, at no cost.
   *
   * @default {true}
   */
  readonly enabled?: boolean;
  /**
   * The clock, in milliseconds.
   *
   * @default {performance.now}
   */
  readonly now?: () => number;
}

/**
 * Makes a meter, which tells how a pipeline spends its time: for each stage, how long it was at work itself, how long it
 * waited for upstream, and how long downstream let it wait. The stage with the most time of its own is the bottleneck.
 *
 * Where stages share a thread, only one of them is at work at a time, so their own times add up to that of the whole. What
 * works in other threads or waits for a device is at work at the same time; what counts is then how long it is waited for.
 * To measure costs about half a microsecond for each item and stage.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 * import { drain, map, measure, prefetch, readIndexed, reportTable } from "@rill/rill/pipelines";
 *
 * const slowly = (n: number) => new Promise<number>((resolve) => setTimeout(() => resolve(n), 5));
 *
 * const meter = measure();
 * await pipe(
 *   meter.source("read", readIndexed()({ length: 9, get: (index) => index })),
 *   meter.stage("slow", map(slowly)),
 *   meter.stage("double", map((n) => n * 2)),
 *   meter.stage("prefetch", prefetch(2)),
 *   drain,
 * );
 * const report = meter.report();
 * assertEquals(report.bottleneck?.name, "slow");
 * assertStringIncludes(reportTable(report), "The bottleneck is slow");
 * ```
 *
 * @param options Whether to measure, and by which clock.
 * @returns The meter.
 */
export function measure(
  { enabled = true, now = () => performance.now() }: MeasureOptions = {},
): Meter {
  if (!enabled) {
    return {
      source: (_, source) => source,
      stage: (_, stage) => stage,
      report: () => ({ seconds: 0, stages: [], bottleneck: undefined }),
    };
  }
  const rows = new Map<string, MeterRow>();
  const rowOf = (name: string, isSource: boolean): MeterRow => {
    let row = rows.get(name);
    if (!row) rows.set(name, row = new MeterRow(name, isSource));
    return row;
  };
  return {
    source: (name, source) => {
      const row = rowOf(name, true);
      return measureOutputs(source, new Probe(row, now));
    },
    stage: <I, O>(name: string, stage: Stage<I, O>) => {
      const row = rowOf(name, false);
      return (source: AsyncIterable<I>) => {
        const probe = new Probe(row, now);
        return measureOutputs(stage(measureInputs(source, probe)), probe);
      };
    },
    report: () => summarize([...rows.values()], now()),
  };
}

function summarize(rows: readonly MeterRow[], now: number): MeterReport {
  for (const row of rows) row.catchUp(now);
  const used = rows.filter(({ first }) => first !== undefined);
  const begin = Math.min(...used.map(({ first }) => first!));
  const end = Math.max(...used.map(({ last }) => last));
  const seconds = used.length > 0 ? (end - begin) / 1000 : 0;
  const stages = rows.map((row) => row.report(seconds));
  return {
    seconds,
    stages,
    bottleneck: seconds > 0 ? findBottleneck(rows, stages, seconds) : undefined,
  };
}

function findBottleneck(
  rows: readonly MeterRow[],
  stages: readonly StageReport[],
  seconds: number,
): Bottleneck {
  const [first] = stages;
  const last = stages.at(-1);
  const candidates: Bottleneck[] = stages.map(({ name, ownSeconds }) => ({
    kind: "stage",
    name,
    share: ownSeconds / seconds,
  }));
  if (first && !rows[0]?.isSource) {
    candidates.push({ kind: "source", name: first.name, share: first.upstreamSeconds / seconds });
  }
  if (last) {
    candidates.push({ kind: "consumer", name: last.name, share: last.downstreamSeconds / seconds });
  }
  return candidates.reduce((most, other) => other.share > most.share ? other : most);
}

/** Measures what a stage gives. */
const measureOutputs = <T>(outputs: AsyncIterable<T>, probe: Probe): AsyncIterable<T> =>
  watchIterable(outputs, () => {
    let state: "new" | "begun" | "ended" = "new";
    const end = () => {
      if (state === "begun") probe.end();
      state = "ended";
    };
    return {
      before() {
        if (state === "ended") return;
        if (state === "new") probe.begin();
        state = "begun";
        probe.ask();
      },
      after(isItem) {
        if (state === "ended") return;
        probe.answer(isItem);
        if (!isItem) end();
      },
      end,
    };
  });

/** Measures what a stage takes. */
const measureInputs = <T>(source: AsyncIterable<T>, probe: Probe): AsyncIterable<T> =>
  watchIterable(source, () => ({
    before: () => probe.pull(),
    after: (isItem) => probe.take(isItem),
    end() {},
  }));

/** The callbacks for the events of one iteration. */
interface Watcher {
  /** Called when a pull begins. */
  before(): void;
  /** Called when it has ended, with an item or without. */
  after(isItem: boolean): void;
  /** Called when the iteration is closed. */
  end(): void;
}

/** Watches the iterations of an iterable, which can do all that its own can. */
function watchIterable<T>(source: AsyncIterable<T>, watch: () => Watcher): AsyncIterable<T> {
  const plain = {
    [Symbol.asyncIterator]: () => watchIterator(source[Symbol.asyncIterator](), watch()),
  };
  const carry = (items: AsyncIterable<T>): AsyncIterable<T> =>
    carryShards(carryStart(carryFrom(items, [source]), findStart(source)), findShards(source));
  if (!isResumable(source)) return carry(plain);
  const resumable: Resumable<T> = {
    ...plain,
    iterateFrom: (from): ResumableIterator<T> => {
      const iterator = source.iterateFrom(from);
      return Object.assign(watchIterator(iterator, watch()), {
        position: () => iterator.position(),
      });
    },
  };
  return carry(resumable);
}

function watchIterator<T>(
  iterator: Pullable<T>,
  watcher: Watcher,
): Pullable<T> & AsyncIterator<T, void, undefined> {
  /** Whether it has ended or failed, which the one who closes may not have been told yet. */
  let isOver = false;
  const after = (result: Pulled<T>): Pulled<T> => {
    isOver ||= result.done === true;
    watcher.after(!result.done);
    return result;
  };
  const fail = (error: unknown): never => {
    isOver = true;
    watcher.after(false);
    throw error;
  };
  const watchPull = (pull: Pull<T>): Pull<T> => (allocate) => {
    watcher.before();
    try {
      const result = pull(allocate);
      return isPromise(result) ? result.then(after, fail) : after(result);
    } catch (error) {
      return fail(error);
    }
  };
  const next = watchPull(() => iterator.next());
  const pull = iterator[PULL];
  return {
    ...pull && { [PULL]: watchPull(pull) },
    next: async () => await next() as IteratorResult<T, void>,
    async return() {
      watcher.end();
      if (isOver) return END;
      return await iterator.return?.() as IteratorResult<T, void> | undefined ?? END;
    },
    async throw(error) {
      watcher.end();
      if (iterator.throw) return await iterator.throw(error) as IteratorResult<T, void>;
      // As a generator does.
      await iterator.return?.();
      throw error;
    },
  };
}

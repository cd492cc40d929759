import {
  cache,
  chooseStage,
  concat,
  enumerate,
  filter,
  flatMap,
  interleave,
  map,
  measure,
  mix,
  prefetch,
  repeat,
  scan,
  shard,
  shuffle,
  skip,
  skipRecords,
  type Stage,
  stageOf,
  type StageRun,
  take,
  tap,
  tapEvery,
  untilAborted,
  window,
  withRecordPolicy,
  withSeed,
  zip,
} from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import { makeOther } from "./_image_links.ts";
import { countNeeded, digest, hide, type LinkMaker, restOf, wait } from "./_link.ts";

const same = (given: number): number => given;

/** The number that an item of any kind becomes. */
const number = (item: unknown, index: number): number => (3 * digest(item) + index) % 101;

const isKept = (a: number) => (item: unknown, index: number): boolean =>
  (digest(item) + index) % (2 + a % 3) !== 0;

const parts = (item: unknown, a: number): unknown[] =>
  range(digest(item) % (2 + a % 2)).map(() => item);

/** A stage of an outsider's, as CONTRIBUTING.md has it. */
function pair<T>(): Stage<T, [T, T]> {
  return stageOf<T, [T, T]>({
    name: "pair",
    state: { index: 0 },
    itemsPerOutput: 2,
    async *begin({ input, state }: StageRun<T>) {
      let waiting: { first: T } | undefined;
      for await (const item of input) {
        if (!waiting) {
          waiting = { first: item };
          continue;
        }
        const { first } = waiting;
        waiting = undefined;
        state.index += 2;
        yield [first, item] as [T, T];
      }
    },
  });
}

/** Makes a link of a stage that takes and gives any kind. */
const any = (make: LinkMaker["make"], more: Partial<LinkMaker> = {}): LinkMaker => ({
  from: "any",
  make,
  ...more,
});

/** The stages that take items of any kind. The first are those that a failing composition shrinks to. */
export const itemLinks: readonly LinkMaker[] = [
  any(() => ({
    text: "map(number)",
    rest: same,
    to: "number",
    make: () => map(number),
    list: (items) => items.map(number),
    pulls: same,
  })),
  any(({ a }) => ({
    text: `take(${a})`,
    // It counts from 0, and so gives more than the rest.
    rest: () => undefined,
    make: () => hide(take(a)),
    list: (items) => items.slice(0, a),
    pulls: (given) => Math.min(given, a),
  })),
  any(({ a }) => ({
    text: `skip(${a % 4})`,
    make: () => hide(skip(a % 4)),
    list: (items) => items.slice(a % 4),
    pulls: (given) => given + a % 4,
  })),
  any(({ a, b }) => {
    const concurrency = 2 + a % 3;
    const turns = (item: unknown) => wait((digest(item) * (1 + b)) % 7);
    return {
      text: `map(await, { concurrency: ${concurrency} })`,
      rest: same,
      make: (_, alone) =>
        map(async (item) => {
          await turns(item);
          return item;
        }, { concurrency: alone ? 1 : concurrency }),
      list: (items) => items,
      pulls: (given) => given + concurrency - 1,
    };
  }),
  any(({ a, b }) => {
    const concurrency = 2 + a % 3;
    return {
      text: `map(await, { concurrency: ${concurrency}, ordered: false })`,
      rest: same,
      make: (_, alone) =>
        map(async (item) => {
          if (!alone) await wait((digest(item) * (1 + b)) % 7);
          return item;
        }, { concurrency: alone ? 1 : concurrency, ordered: false }),
      list: (items) => items,
      pulls: (given) => given + concurrency - 1,
      hasPositions: false,
      isUnordered: true,
    };
  }, { isLast: true }),
  any(({ a }) => {
    const isGood = isKept(a);
    return {
      text: `filter(${a})`,
      make: () => filter(isGood),
      list: (items) => items.filter(isGood),
      pulls: (given, items) => countNeeded(items.map((x, i) => Number(isGood(x, i))), given),
    };
  }),
  any(({ a }) => {
    const isGood = isKept(a);
    return {
      text: `filter(await ${a})`,
      make: () =>
        filter(async (item, index) => {
          await wait(digest(item) % 3);
          return isGood(item, index);
        }),
      list: (items) => items.filter(isGood),
      pulls: (given, items) => countNeeded(items.map((x, i) => Number(isGood(x, i))), given),
    };
  }),
  any(({ a }) => ({
    text: `prefetch(${1 + a % 3})`,
    rest: same,
    make: (_, alone) => hide(alone ? <T>(source: T) => source : prefetch(1 + a % 3)),
    list: (items) => items,
    pulls: (given) => given + 1 + a % 3,
  })),
  any(() => ({
    text: "tap(await)",
    rest: same,
    make: () => tap((item) => wait(digest(item) % 3)),
    list: (items) => items,
    pulls: same,
  })),
  any(({ a }) => ({
    text: `tapEvery(${1 + a % 3})`,
    rest: same,
    make: () => tapEvery(1 + a % 3, () => {}),
    list: (items) => items,
    pulls: same,
  })),
  any(() => ({
    text: "enumerate()",
    rest: same,
    to: "any",
    make: () => hide(enumerate()),
    list: (items) => items.map((item, i) => [i, item]),
    pulls: same,
  })),
  any(({ a, b }) => {
    const size = 1 + a % 4;
    const step = 1 + b % 5;
    const dropRemainder = (a + b) % 2 === 0;
    return {
      text: `window(${size}, { step: ${step}, dropRemainder: ${dropRemainder} })`,
      rest: step < size ? () => NaN : restOf(step),
      to: "any",
      make: () => hide(window(size, { step, dropRemainder })),
      list: (items) => {
        const windows: unknown[][] = [];
        let covered = 0;
        for (let at = 0; at < items.length; at += step) {
          const one = items.slice(at, at + size);
          // What is left is a window where some of it was in none.
          if (one.length < size && (dropRemainder || at + one.length <= covered)) break;
          windows.push(one);
          covered = at + one.length;
          if (one.length < size) break;
        }
        return windows;
      },
      pulls: (given) => size + (given - 1) * step,
    };
  }, { grows: true }),
  any(() => ({
    text: "pair()",
    rest: restOf(2),
    to: "any",
    make: () => pair(),
    list: (items) => range(items.length >> 1).map((i) => [items[2 * i], items[2 * i + 1]]),
    pulls: (given) => 2 * given,
  })),
  any(({ a, b }) => ({
    text: `shard(${a % (1 + b % 3)}, ${1 + b % 3})`,
    rest: restOf(1 + b % 3),
    make: () => hide(shard(a % (1 + b % 3), 1 + b % 3)),
    list: (items) => items.filter((_, i) => i % (1 + b % 3) === a % (1 + b % 3)),
    pulls: (given) => (given - 1) * (1 + b % 3) + a % (1 + b % 3) + 1,
  })),
  any(({ a, b }) => ({
    text: `shuffle({ bufferSize: ${1 + a % 5}, seed: ${b} })`,
    refuses: (from) => from !== 0,
    make: () => hide(shuffle({ bufferSize: 1 + a % 5, seed: b })),
    pulls: (given) => a % 5 + given,
  })),
  any(({ a, b }) => {
    const concurrency = 1 + b % 3;
    return {
      text: `flatMap(array, { concurrency: ${concurrency} })`,
      make: (_, alone) =>
        flatMap((item) => parts(item, a), { concurrency: alone ? 1 : concurrency }),
      list: (items) => items.flatMap((item) => parts(item, a)),
      pulls: (given, items) =>
        countNeeded(items.map((item) => parts(item, a).length), given) + concurrency - 1,
    };
  }, { grows: true }),
  any(({ a, b }) => {
    const concurrency = 1 + b % 3;
    return {
      text: `flatMap(source, { concurrency: ${concurrency} })`,
      make: (world, alone) =>
        flatMap(async (item) => {
          await wait(digest(item) % 3);
          return world.source(parts(item, a), { name: "inner", turns: b % 3 });
        }, { concurrency: alone ? 1 : concurrency }),
      list: (items) => items.flatMap((item) => parts(item, a)),
      pulls: (given, items) =>
        countNeeded(items.map((item) => parts(item, a).length), given) + concurrency - 1,
    };
  }, { grows: true }),
  any(({ a, b }) => {
    const concurrency = 1 + b % 3;
    return {
      text: `flatMap(async generator, { concurrency: ${concurrency} })`,
      make: (_, alone) =>
        flatMap(async function* (item) {
          for (const part of parts(item, a)) {
            await wait(b % 2);
            yield part;
          }
        }, { concurrency: alone ? 1 : concurrency }),
      list: (items) => items.flatMap((item) => parts(item, a)),
      pulls: (given, items) =>
        countNeeded(items.map((item) => parts(item, a).length), given) + concurrency - 1,
    };
  }, { grows: true }),
  any(({ a }) => ({
    text: "scan(by index)",
    rest: same,
    to: "number",
    make: () => scan((_: number, item: unknown, index) => [0, number(item, index + a)], 0),
    list: (items) => items.map((item, i) => number(item, i + a)),
    pulls: same,
  })),
  any(() => ({
    text: "scan(sum)",
    rest: () => undefined,
    to: "number",
    make: () =>
      scan((sum: number, item: unknown) => {
        const next = (sum + digest(item)) % 1009;
        return [next, next];
      }, 0),
    list: (items) => {
      let sum = 0;
      return items.map((item) => sum = (sum + digest(item)) % 1009);
    },
    pulls: same,
    keepsState: true,
  })),
  any(({ kind, a, b }) => {
    const { items, source } = makeOther(kind, 1 + a % 4);
    return {
      text: `concat([${b % 2 ? "other, it" : "it, other"}])`,
      rest: b % 2 ? () => undefined : same,
      make: (world) => (it) => concat(b % 2 ? [source(world), it] : [it, source(world)]),
      list: (its) => b % 2 ? [...items, ...its] : [...its, ...items],
      pulls: same,
    };
  }, { grows: true }),
  any(({ kind, a, b }) => {
    const { items, source } = makeOther(kind, 1 + a % 4);
    const blockLength = 1 + b % 3;
    return {
      text: `interleave([it, other], { blockLength: ${blockLength} })`,
      make: (world) => (it) => interleave([it, source(world)], { blockLength }),
      list: (its) => {
        const all: unknown[] = [];
        const rest: unknown[][] = [[...its], [...items]];
        while (rest.some(({ length }) => length > 0)) {
          for (const one of rest) all.push(...one.splice(0, blockLength));
        }
        return all;
      },
      pulls: same,
    };
  }, { grows: true }),
  any(({ kind, a, b }) => {
    const { source } = makeOther(kind, 1 + a % 4);
    const endsWith = b % 2 === 0 ? "first" : "last";
    return {
      text: `mix([it, other], { seed: ${b}, endsWith: "${endsWith}" })`,
      rest: () => undefined,
      refuses: Number.isNaN,
      make: (world) => (it) => mix([it, source(world)], { weights: [2, 1], seed: b, endsWith }),
      pulls: same,
    };
  }, { grows: true }),
  any(({ a, b }) => {
    const items = range(a).map((i) => i + b);
    return {
      text: `zip(${a} others)`,
      to: "any",
      make: (world) => hide(zip(world.source(items, { name: "other" }))),
      list: (its) => its.slice(0, a).map((item, i) => [item, items[i]]),
      pulls: same,
    };
  }),
  any(() => ({
    text: "repeat(2)",
    make: () => hide(repeat(2)),
    list: (items) => [...items, ...items],
    pulls: same,
    iterations: 2,
  }), { grows: true }),
  any(() => ({
    text: "repeat(2) of skip(epoch)",
    // What a function will read from is not known before.
    rest: () => undefined,
    make: () => hide((source) => repeat(2)((epoch: number) => skip(epoch)(source))),
    list: (items) => items.length === 0 ? [] : [...items, ...items.slice(1)],
    // The first item of the second epoch is skipped.
    pulls: (given, items) => given > items.length ? given + 1 : given,
    iterations: 2,
    hidesSource: true,
    carries: () => undefined,
  }), { grows: true }),
  any(() => ({
    text: "cache()",
    rest: same,
    make: () => hide(cache()),
    list: (items) => items,
    pulls: same,
  })),
  any(() => ({
    text: "cache(), repeat(3)",
    make: () => hide((source) => repeat(3)(cache()(source))),
    list: (items) => [...items, ...items, ...items],
    pulls: same,
    iterations: 3,
  }), { grows: true }),
  any(() => ({
    text: "untilAborted(signal)",
    rest: same,
    make: () => hide(untilAborted(new AbortController().signal)),
    list: (items) => items,
    pulls: same,
  })),
  any(({ a }) => ({
    text: `measure().stage("ahead", prefetch(${1 + a % 3}))`,
    rest: same,
    make: (_, alone) =>
      hide(alone ? <T>(source: T) => source : measure().stage("ahead", prefetch(1 + a % 3))),
    list: (items) => items,
    pulls: (given) => given + 1 + a % 3,
  })),
  any(({ a, b }) => {
    const isGood = isKept(a);
    const concurrency = 1 + b % 3;
    const check = async (item: unknown, index: number) => {
      await wait(digest(item) % 3);
      if (!isGood(item, index)) throw new Error("bad");
      return item;
    };
    return {
      text: `withRecordPolicy(map(check, { concurrency: ${concurrency} }), skipRecords())`,
      make: (_, alone) =>
        withRecordPolicy(map(check, { concurrency: alone ? 1 : concurrency }), skipRecords()),
      list: (items) => items.filter(isGood),
      pulls: (given, items) =>
        countNeeded(items.map((x, i) => Number(isGood(x, i))), given) + concurrency - 1,
    };
  }),
  any(({ a, b }) => ({
    text: `chooseStage([map, map await], { seed: ${b} })`,
    rest: same,
    refuses: Number.isNaN,
    make: (_, alone) =>
      chooseStage([
        map((item: unknown) => item),
        map(async (item: unknown) => {
          await wait(3);
          return item;
        }, { concurrency: alone ? 1 : 1 + a % 3 }),
      ], { seed: b }),
    pulls: (given) => given + a % 3,
    carries: (carried) => carried && { ...carried, place: carried.place + 1 },
  })),
  any(({ a, b }) => ({
    text: `withSeed({ seed: ${a}, epoch: ${b} })`,
    rest: same,
    make: () => hide(withSeed({ seed: a, epoch: b })),
    list: (items) => items,
    pulls: same,
    carries: (carried) => ({ seed: a, epoch: b, place: carried?.place ?? 0 }),
  })),
];

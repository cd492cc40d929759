import fc from "fast-check";
import {
  type IndexedSource,
  indexPermutation,
  mapIndexed,
  readEpochs,
  readIndexed,
  sampleIndexed,
  selectIndexed,
  shardIndexed,
  shuffleIndexed,
} from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import type { ReadableSource } from "./_composition.ts";
import { wait } from "./_link.ts";

type Source = IndexedSource<number>;

/** What makes one indexed source of another, and the items of that of the others. */
type Change = readonly [
  text: string,
  change: (source: Source) => Source,
  list?: (items: readonly number[]) => readonly number[],
];

const changes = (a: number): readonly Change[] => [
  ["mapIndexed()", mapIndexed((n, i) => n + i), (items) => items.map((n, i) => n + i)],
  [
    "mapIndexed(await)",
    mapIndexed(async (n) => {
      await wait(n % 3);
      return n;
    }),
    (items) => items,
  ],
  [
    "selectIndexed()",
    (source) => selectIndexed(range(source.length).filter((i) => i % 2 === a % 2))(source),
    (items) => items.filter((_, i) => i % 2 === a % 2),
  ],
  ["shardIndexed()", shardIndexed(a % 2, 2), (items) => items.filter((_, i) => i % 2 === a % 2)],
  ["shuffleIndexed()", shuffleIndexed({ seed: a })],
  [
    "sampleIndexed()",
    (source) =>
      sampleIndexed({ weights: range(source.length).map((i) => 1 + i % 3), seed: a })(source),
  ],
];

/** Draws indexed sources of up to so many items, and how they are read. */
export const drawIndexed = (maxLength: number): fc.Arbitrary<ReadableSource> =>
  fc.record({
    length: fc.nat(maxLength),
    change: fc.nat(99),
    seed: fc.nat(9),
    isEpochs: fc.boolean(),
    isShuffled: fc.boolean(),
  }).map(({ length, change: pick, seed, isEpochs, isShuffled }) => {
    const numbers = range(length).map((n) => n * n % 97);
    const all = changes(seed);
    const [text, change, list] = all[pick % all.length]!;
    const source = change({ length, get: (index) => numbers[index]! });
    // Without a list of its own its order is drawn, and is what it says by itself.
    const changed = list?.(numbers) ?? range(source.length).map((i) => source.get(i) as number);
    const ordered = (epoch: number) => {
      const order = indexPermutation(changed.length, { seed, epoch });
      return range(changed.length).map((i) => changed[isShuffled ? order(i) : i]!);
    };
    const shuffle = isShuffled;
    return {
      text: `${length} items, ${text}, ${
        isEpochs ? "readEpochs" : "readIndexed"
      }({ seed: ${seed} })`,
      items: isEpochs ? [...ordered(0), ...ordered(1)] : ordered(3),
      length: source.length,
      read: (from) =>
        isEpochs
          ? readEpochs({ seed, shuffle, epochs: 2, from: { epoch: 0, index: from } })(source)
          : readIndexed({ seed, shuffle, epoch: 3, from })(source),
      carried: { seed, epoch: isEpochs ? 0 : 3, place: 0 },
    };
  });

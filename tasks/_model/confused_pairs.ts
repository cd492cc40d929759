import type { ConfusionMatrix } from "../../models/mod.ts";
import { formatTable } from "../_text/format.ts";

/** Two classes of which the first was taken for the second. */
export interface ConfusedPair {
  /** The class that it is. */
  readonly is: number;
  /** The class that it was taken for. */
  readonly taken: number;
  /** How often it was. */
  readonly count: number;
  /** The number of examples of the class. */
  readonly of: number;
}

/** Lists the pairs of classes that are confused most often, the most often first. */
export function listConfusedPairs(confusion: ConfusionMatrix, most: number): ConfusedPair[] {
  const pairs = confusion.flatMap((row, is) => {
    const of = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, taken) =>
      is === taken || count === 0 ? [] : [{ is, taken, count, of }]
    );
  });
  return pairs.sort(comparePairs).slice(0, most);
}

/** Of those that are as many the rarer class comes first: of it more is confused. */
const comparePairs = (a: ConfusedPair, b: ConfusedPair): number =>
  b.count - a.count || a.of - b.of || a.is - b.is || a.taken - b.taken;

/** Counts of confused pairs, kept for those alone that there are: of a thousand classes a matrix would have a million. */
export interface PairCounts {
  /** Counts a batch. */
  add(predictions: ArrayLike<number>, labels: ArrayLike<number>): void;
  /** The number of examples. */
  readonly examples: number;
  /** Lists the pairs that are confused most often, the most often first. */
  list(most: number): ConfusedPair[];
}

/** Creates counts of no examples. */
export function createPairCounts(): PairCounts {
  const pairs = new Map<string, { readonly is: number; readonly taken: number; count: number }>();
  const support = new Map<number, number>();
  let examples = 0;
  return {
    add(predictions, labels) {
      for (let i = 0; i < labels.length; i++) {
        const [is, taken] = [labels[i]!, predictions[i]!];
        examples++;
        support.set(is, (support.get(is) ?? 0) + 1);
        if (is === taken) continue;
        const key = `${is} ${taken}`;
        const pair = pairs.get(key) ?? { is, taken, count: 0 };
        pair.count++;
        pairs.set(key, pair);
      }
    },
    get examples() {
      return examples;
    },
    list: (most) =>
      [...pairs.values()].map((pair) => ({ ...pair, of: support.get(pair.is) ?? 0 }))
        .sort(comparePairs).slice(0, most),
  };
}

/** Formats pairs as a table. */
export const formatConfusedPairs = (
  pairs: readonly ConfusedPair[],
  names: readonly string[],
): string[] =>
  formatTable([
    ["is", "taken for", "images", "of"],
    ...pairs.map((
      { is, taken, count, of },
    ) => [names[is] ?? `class ${is}`, names[taken] ?? `class ${taken}`, count, of]),
  ]);

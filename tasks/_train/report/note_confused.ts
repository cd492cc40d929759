import { type ConfusedPair, formatConfusedPairs } from "../../_model/confused_pairs.ts";

/** How many pairs of classes are told of after a run. */
export const MOST_CONFUSED = 4;

/**
 * Prints which classes were confused most often, as a short table; nothing, if none were.
 *
 * @param images The images, in words: `1,000 test images after epoch 3`.
 */
export function noteConfusedPairs(
  { note, data: { classes } }: {
    readonly note: (line: string) => void;
    readonly data: { readonly classes: readonly string[] };
  },
  pairs: readonly ConfusedPair[],
  images: string,
): void {
  if (pairs.length === 0) return;
  note(`most often confused, of ${images}:`);
  for (const line of formatConfusedPairs(pairs, classes)) note(`  ${line}`);
}

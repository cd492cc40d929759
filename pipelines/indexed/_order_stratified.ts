import { hash } from "../random/_hash.ts";
import { PURPOSES } from "../random/_purposes.ts";
import { indexPermutation } from "../random/index_permutation.ts";

/**
 * Makes an order of `labels.length` indices in which each label's are evenly spread: item `j` of the `n` of a label has its place
 * at `(j + offset) / n` of the way, with an offset of the label's own from 0 to 1.
 *
 * @param random What decides which item of a label is the `j`-th, and its offset. Without it the first is the first.
 */
export function orderStratified(
  labels: ArrayLike<unknown>,
  random: { seed: number; epoch: number } | undefined,
): Uint32Array {
  const strata = new Map<unknown, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const stratum = strata.get(labels[i]);
    if (stratum) stratum.push(i);
    else strata.set(labels[i], [i]);
  }
  const order = new Uint32Array(labels.length);
  const places = new Float64Array(labels.length);
  let count = 0;
  let s = 0;
  for (const indices of strata.values()) {
    const bits = random ? hash(PURPOSES.stratifyIndexed, random.seed, random.epoch, s++) : 2 ** 31;
    const offset = (bits >>> 0) / 2 ** 32;
    // The bits are the stratum's own seed: two of the same size would otherwise be shuffled alike.
    const permuted = random
      ? indexPermutation(indices.length, { seed: bits >>> 0, epoch: random.epoch })
      : (j: number) => j;
    for (let j = 0; j < indices.length; j++) {
      const index = indices[permuted(j)]!;
      places[index] = (j + offset) / indices.length;
      order[count++] = index;
    }
  }
  // Equal places: in the order of the indices, so that nothing depends on how it is sorted.
  return order.sort((a, b) => places[a]! - places[b]! || a - b);
}

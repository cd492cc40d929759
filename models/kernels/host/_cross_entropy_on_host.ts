// The cross-entropy of softmax(logits), in double precision but for differences of logits: those are float32's, as on a GPU,
// so that logits which lie further apart than float32 reaches give the same infinite loss everywhere.
import type { CrossEntropyAttrs } from "../definitions/_kernel_names.ts";

/** Finds the place of the largest number, of the first where several are: NaN is larger than any other, as in PyTorch. */
export function findLargest(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (Number.isNaN(value)) return i;
    if (value > row[best]!) best = i;
  }
  return best;
}

/** Computes the cross-entropy of softmax(row) with a class. */
export function computeCrossEntropy(row: ArrayLike<number>, label: number): number {
  const largest = row[findLargest(row)]!;
  // The logarithm is taken of a sum from 1 on and added last, where it isn't lost beside large logits.
  return Math.log(sumExponentials(row, largest)) - Math.fround(row[label]! - largest);
}

function sumExponentials(row: ArrayLike<number>, largest: number): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += Math.exp(row[i]! - largest);
  return sum;
}

/**
 * Measures a batch: writes the mean cross-entropy, how many examples have their largest logit at their class, and the gradient
 * of the mean. Of a part of a batch, divided by the whole's `count`, it writes the first two for each block.
 */
export function measureCrossEntropyOnHost(
  logits: Float32Array,
  labels: ArrayLike<number>,
  measured: Float32Array,
  gradient: Float32Array,
  { count = labels.length, ends = [labels.length] }: CrossEntropyAttrs = {},
): void {
  const classes = logits.length / labels.length;
  let i = 0;
  for (const [block, end] of ends.entries()) {
    let loss = 0;
    let correct = 0;
    for (; i < end; i++) {
      const first = i * classes;
      const row = logits.subarray(first, first + classes);
      const label = labels[i]!;
      const best = findLargest(row);
      const sum = sumExponentials(row, row[best]!);
      loss += Math.log(sum) - Math.fround(row[label]! - row[best]!);
      if (best === label) correct++;
      for (let c = 0; c < classes; c++) {
        const probability = Math.exp(row[c]! - row[best]!) / sum;
        gradient[first + c] = (probability - (c === label ? 1 : 0)) / count;
      }
    }
    measured[2 * block] = loss / count;
    measured[2 * block + 1] = correct;
  }
}

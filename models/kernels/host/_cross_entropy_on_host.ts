// The cross-entropy of softmax(logits), in double precision but for differences of logits: those are float32's, as on a GPU,
// so that logits which lie further apart than float32 reaches give the same infinite loss everywhere.

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
 * of the mean.
 */
export function measureCrossEntropyOnHost(
  logits: Float32Array,
  labels: ArrayLike<number>,
  measured: Float32Array,
  gradient: Float32Array,
): void {
  const rows = labels.length;
  const classes = logits.length / rows;
  let loss = 0;
  let correct = 0;
  for (let i = 0; i < rows; i++) {
    const first = i * classes;
    const row = logits.subarray(first, first + classes);
    const label = labels[i]!;
    const best = findLargest(row);
    const sum = sumExponentials(row, row[best]!);
    loss += Math.log(sum) - Math.fround(row[label]! - row[best]!);
    if (best === label) correct++;
    for (let c = 0; c < classes; c++) {
      const probability = Math.exp(row[c]! - row[best]!) / sum;
      gradient[first + c] = (probability - (c === label ? 1 : 0)) / rows;
    }
  }
  measured[0] = loss / rows;
  measured[1] = correct;
}

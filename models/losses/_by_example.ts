// That a loss or a metric of a batch is the sum of those of its parts is what is asked of all; of ours it is known.
const byExample = new WeakSet<object>();

/** Notes of a loss or a metric that its sum and its weight are sums over the examples, so that it may measure any parts of a batch. */
export function markByExample<F extends object>(measure: F): F {
  byExample.add(measure);
  return measure;
}

/** Tells whether a loss or a metric may measure any parts of a batch. */
export const isByExample = (measure: object): boolean => byExample.has(measure);

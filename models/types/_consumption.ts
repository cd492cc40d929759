import type { Variables } from "./tensor.ts";

/** What has taken the tensors of a state, by its records: parameters, buffers, the optimizer's state. */
const takers = new WeakMap<object, string>();

/** Notes that something has taken a state's tensors: their memory is released, or is another tensor's by now. */
export function markConsumed({ params, buffers, ...state }: Variables, taker: string): void {
  for (const record of [params, buffers, ...Object.values(state)]) {
    // Of a record without tensors nothing is taken, and others may have the same one.
    const isTaken = typeof record === "object" && record !== null && !Array.isArray(record) &&
      Object.keys(record).length > 0;
    if (isTaken) takers.set(record, taker);
  }
}

/** Throws a RangeError that says what has taken the tensors of variables, or of an optimizer's state, if something has. */
export function checkUnconsumed(action: string, state: object): void {
  const { params, buffers }: Partial<Variables> = state;
  const taker = [state, params, buffers].map((record) => record && takers.get(record))
    .find((taker) => taker !== undefined);
  if (taker === undefined) return;
  throw new RangeError(
    `Cannot ${action} with a state that was consumed: ${taker} has taken it, use the state that it gave`,
  );
}

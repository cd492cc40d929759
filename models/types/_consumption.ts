import type { Variables } from "./variables.ts";

/** What has taken the tensors of a state, by the state and by its records. */
const takers = new WeakMap<object, string>();

/** Notes that something has taken a state's tensors: their buffers are released, or are another tensor's by now. */
export function markConsumed({ params, buffers, ...state }: Variables, taker: string): void {
  for (const record of [params, buffers, ...Object.values(state)]) {
    if (typeof record === "object" && record !== null && !Array.isArray(record)) {
      takers.set(record, taker);
    }
  }
}

/** Throws a RangeError that says what has taken the tensors, if something has. */
export function checkUnconsumed(action: string, { params, buffers }: Partial<Variables>): void {
  const taker = (params && takers.get(params)) ?? (buffers && takers.get(buffers));
  if (taker === undefined) return;
  throw new RangeError(
    `Cannot ${action} with a state that was consumed: ${taker} has taken it, use the state that it gave`,
  );
}

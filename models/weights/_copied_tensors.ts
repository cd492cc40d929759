// Tensors copied as they lie in the backend's memory, which takes a fraction of the time of bringing them to rest: that is left to
// whoever writes them down, and who then needs nothing of a backend.
import { invert, isInOrder, permuteTo, reorder } from "./_permute.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** A tensor as it lies in the backend's memory. */
export interface CopiedTensor {
  /** The length of each dimension at rest. */
  readonly restShape: readonly number[];
  /** The dimension at rest that each dimension of the data is. */
  readonly order: readonly number[];
  /** The elements. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** Tensors by name, brought to rest or not. */
export type TensorRecord = Readonly<Record<string, StoredTensor | CopiedTensor>>;

/** Memory to bring tensors to rest by, which grows as they need it. New memory takes longer than what is done with it. */
export interface RestRoom {
  memory?: Float32Array<ArrayBuffer>;
}

/**
 * Brings tensors to rest, in the memory that they are in. They are at rest from then on, whoever has the record.
 *
 * @param room That of an earlier call, if there was one.
 */
export function bringToRest(
  record: TensorRecord,
  room: RestRoom = {},
): Readonly<Record<string, StoredTensor>> {
  const waiting = Object.entries(record).filter((entry): entry is [string, CopiedTensor] =>
    "restShape" in entry[1]
  );
  const moved = waiting.filter(([, { order }]) => !isInOrder(order));
  const most = moved.reduce((most, [, { data }]) => Math.max(most, data.length), 0);
  if (!room.memory || room.memory.length < most) room.memory = new Float32Array(most);
  for (const [, { restShape, order, data }] of moved) {
    const out = room.memory.subarray(0, data.length);
    permuteTo(out, data, reorder(restShape, order), invert(order));
    data.set(out);
  }
  for (const [name, { restShape: shape, data }] of waiting) {
    Object.defineProperty(record, name, {
      value: { shape, data },
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return record as Readonly<Record<string, StoredTensor>>;
}

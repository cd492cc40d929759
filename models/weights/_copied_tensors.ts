// Tensors copied as they lie in the backend's memory, which takes a fraction of the time of bringing them to rest: that is left to
// whoever writes them down.
import type { Network } from "../layers/network.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { countElements } from "../types/_shape.ts";
import type { Variables } from "../types/tensor.ts";
import { invert, isInOrder, permuteTo, reorder } from "./_permute.ts";
import {
  listOptimizerShapes,
  readOptimizerState,
  readVariables,
  type TensorNumbers,
} from "./_stream_tensors.ts";
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

/** Tensors to be copied. */
export interface TensorSource {
  /** Counts their elements. */
  readonly counts: readonly number[];
  /** Reads them. `place` gives the memory of a name, in which its numbers may be put at once. */
  read(place: (name: string) => Float32Array<ArrayBuffer>): AsyncIterable<TensorNumbers>;
}

/** Has parameters and buffers copied. */
export const sourceVariables = (network: Network, variables: Variables): TensorSource => ({
  counts: [...network.parameters, ...network.buffers].map(({ shape }) => countElements(shape)),
  read: () => readVariables(network, variables),
});

/** Has an optimizer's state copied. */
export const sourceOptimizer = (
  network: Network,
  state: OptimizerState,
  communicate: () => Communicator,
): TensorSource => ({
  counts: listOptimizerShapes(network, state).map(([, shape]) => countElements(shape)),
  read: (place) => readOptimizerState(network, state, communicate(), place),
});

/** What is copied begins at a multiple of so many bytes. */
const ALIGNMENT = 16;

const align = (count: number) => Math.ceil(4 * count / ALIGNMENT) * ALIGNMENT;

/**
 * Copies tensors one behind the other to one memory, a record for each source.
 *
 * @param given Memory that nobody uses any more. It is taken if it is large enough: pages that the system must give first take
 * longer than the copying.
 */
export async function copyTensors(
  sources: readonly TensorSource[],
  given: ArrayBuffer | undefined,
): Promise<Record<string, CopiedTensor>[]> {
  const bytes = sources.flatMap(({ counts }) => counts).reduce((sum, n) => sum + align(n), 0);
  const memory = given && given.byteLength >= bytes ? given : new ArrayBuffer(bytes);
  const records: Record<string, CopiedTensor>[] = [];
  let start = 0;
  for (const { counts, read } of sources) {
    const placed = new Map<string, Float32Array<ArrayBuffer>>();
    let next = 0;
    const place = (name: string) => {
      const there = placed.get(name);
      if (there) return there;
      const count = counts[next++] ?? 0;
      const numbers = new Float32Array(memory, start, count);
      start += align(count);
      placed.set(name, numbers);
      return numbers;
    };
    const copied: [string, CopiedTensor][] = [];
    for await (const { name, spec: { shape, order }, numbers } of read(place)) {
      const data = place(name);
      if (data !== numbers) data.set(numbers);
      copied.push([name, { restShape: [...shape], order: [...order], data }]);
    }
    // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
    records.push(Object.fromEntries(copied));
  }
  return records;
}

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

// Copies tensors out of the backend's memory.
import type { Network } from "../layers/network.ts";
import type { OptimizerState } from "../optimizers/optimizer.ts";
import type { Communicator } from "../parallel/communicator.ts";
import { countElements } from "../types/_shape.ts";
import type { Variables } from "../types/tensor.ts";
import type { CopiedTensor } from "./_copied_tensors.ts";
import {
  listOptimizerShapes,
  readOptimizerState,
  readVariables,
  type TensorNumbers,
} from "./_stream_tensors.ts";

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

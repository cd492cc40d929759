// A few numbers of each rank, in double precision.
import type { Communicator } from "./communicator.ts";

/** Gathers numbers of all ranks in their order; each may give as many as it likes. */
export function gatherNumbers(
  own: Float64Array<ArrayBuffer>,
  communicator: Communicator,
): Float64Array<ArrayBuffer> {
  const { rank, size } = communicator;
  if (size === 1) return own;
  const counts = Array.from({ length: size }, () => new Float32Array(1));
  counts[rank]![0] = own.length;
  communicator.allGather([counts[rank]!], counts.map((count) => [count]));
  const all = counts.map(([count = 0]) => new Float64Array(count));
  all[rank]!.set(own);
  // Their bits, in the words that are exchanged.
  const words = all.map(({ buffer }) => new Float32Array(buffer));
  communicator.allGather([words[rank]!], words.map((numbers) => [numbers]));
  const joined = new Float64Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const numbers of all) {
    joined.set(numbers, at);
    at += numbers.length;
  }
  return joined;
}

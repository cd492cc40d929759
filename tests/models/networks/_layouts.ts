import type { NamedSpec, StoredTensor } from "@rill/rill/models";
import { invert, permute, reorder } from "../../../models/weights/_permute.ts";

/** Puts PyTorch's channels, which come after the examples, last. */
export function toMemory(stored: StoredTensor): StoredTensor {
  const rank = stored.shape.length;
  if (rank < 3) return stored;
  return reorderStored(stored, [0, ...Array.from({ length: rank - 2 }, (_, d) => d + 2), 1]);
}

/** Puts the channels after the examples, as PyTorch has them: the reverse of `toMemory`. */
export function toPytorch(stored: StoredTensor): StoredTensor {
  const rank = stored.shape.length;
  if (rank < 3) return stored;
  return reorderStored(stored, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, d) => d + 1)]);
}

/** Puts the numbers of a parameter or a buffer, as they are in memory, in their layout at rest. */
export function toRest(
  { shape, order }: Pick<NamedSpec, "shape" | "order">,
  data: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  return permute(Float32Array.from(data), reorder(shape, order), invert(order));
}

function reorderStored({ shape, data }: StoredTensor, order: readonly number[]): StoredTensor {
  return { shape: reorder(shape, order), data: permute(new Float32Array(data), shape, order) };
}

// Tensors as numbers in main memory, for the exchange between the ranks of a parallel training. Each function throws a
// `BackendError` on a backend that has its tensors elsewhere.
import * as host from "../../kernels/wasm/_host_memory.ts";
import { releaseNumbers } from "../../types/_tensors.ts";
import type { Tensor } from "../../types/tensor.ts";
import { createTensor } from "./tensors.ts";
import { fromTfjs, toTfjs } from "./tfjs.ts";

/** Views a tensor's own numbers, to be read and written, until the next tensor is made. */
export function viewNumbers(x: Tensor): Float32Array {
  return host.viewNumbers(toTfjs(x));
}

/** Views some of a tensor's numbers as a tensor, without a copy. It must be released before the whole. */
export function viewPart(x: Tensor, start: number, count: number): Tensor {
  return fromTfjs(host.viewPart(toTfjs(x), start, count));
}

/**
 * Notes of a tensor that some of its numbers are missing here.
 *
 * @param complete Is called before its place in memory is told. It must mark the tensor as whole, or throw.
 */
export function guardPartial(x: Tensor, complete: () => void): void {
  host.guardPartial(toTfjs(x), complete);
}

/** Tells whether some numbers of a tensor are missing here. */
export function isPartial(x: Tensor): boolean {
  return host.isPartial(toTfjs(x));
}

/** Notes of a tensor that it has all of its numbers again. */
export function markWhole(x: Tensor): void {
  host.markWhole(toTfjs(x));
}

/** Makes a tensor to be written to. Its numbers are any until then. */
export function createRoom(shape: readonly number[]): Tensor {
  return fromTfjs(host.createRoom(shape));
}

/** Makes a tensor one that may be written to: itself, or a copy where others have its numbers. Consumes the one given. */
export function makeWritable(x: Tensor): Tensor {
  return fromTfjs(host.makeWritable(toTfjs(x)));
}

/** Tells the backend that a tensor's numbers were written to. */
export function markWritten(x: Tensor): void {
  host.markWritten(toTfjs(x));
}

/**
 * Reads a float32 tensor's numbers, not to be changed: as a view where they are in main memory, which holds until the next
 * tensor is made, else as a copy.
 */
export async function readNumbers(x: Tensor): Promise<Float32Array<ArrayBuffer>> {
  const numbers = host.isInHostMemory() ? viewNumbers(x) : await x.data();
  return numbers as Float32Array<ArrayBuffer>;
}

/** Moves numbers, which nobody else uses, to a new tensor: their memory is given back where the backend has copied them. */
export function moveToTensor(data: Float32Array<ArrayBuffer>, shape: readonly number[]): Tensor {
  const tensor = createTensor(data, shape);
  if (host.isInHostMemory()) releaseNumbers(data);
  return tensor;
}

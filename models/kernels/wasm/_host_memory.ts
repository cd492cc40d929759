// Tensors as numbers in main memory, for the exchange between the ranks of a parallel training, which goes over all of them
// outside a kernel. Only the WASM backend has them there.
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "../../backend/backend_error.ts";
import { sumSquaresOnHost } from "../host/_updates_on_host.ts";
import { guardPartial as guard } from "./_partial_tensor.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

export { isPartial, markWhole, withParts } from "./_partial_tensor.ts";

/** Views a float32 tensor's own numbers, to be read and written, until the next tensor is made. */
export function viewNumbers(x: tf.TensorInfo): Float32Array {
  return getHostBackend().typedArrayFromHeap(x);
}

/**
 * Views some of a tensor's numbers as a tensor, without a copy: what changes one changes the other. It must be released
 * before the whole.
 */
export function viewPart(
  x: tf.TensorInfo,
  start: number,
  count: number,
  shape: readonly number[] = [count],
): tf.Tensor {
  return toTensor(lendPart(x, start, shape));
}

/** Views some of a tensor's rows, as a tensor that the library knows nothing of: it must be released before the whole. */
export function lendRows(
  x: tf.TensorInfo,
  row: number,
  shape: readonly [rows: number, ...number[]],
): tf.TensorInfo {
  return lendPart(x, row * tf.util.sizeFromShape(shape.slice(1)), shape);
}

function lendPart(x: tf.TensorInfo, start: number, shape: readonly number[]): tf.TensorInfo {
  const backend = getHostBackend();
  const address = backend.dataIdMap.get(x.dataId).memoryOffset + 4 * start;
  lendMemory(backend, address);
  return backend.makeOutput([...shape], "float32", address);
}

/** Runs a kernel of one result, of which the library knows nothing: it doesn't record it, and releases it in no `tidy`. */
export function runDirectly(
  kernel: string,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attrs: object,
): tf.TensorInfo {
  const backend = getHostBackend();
  const { kernelFunc } = tf.getKernel(kernel, "wasm");
  return kernelFunc({
    inputs,
    attrs: attrs as unknown as tf.NamedAttrMap,
    backend,
  }) as tf.TensorInfo;
}

/** Releases what the library knows nothing of. */
export function releaseDirectly({ dataId }: tf.TensorInfo): void {
  getHostBackend().disposeData(dataId);
}

/** Makes what the library knew nothing of one of its tensors. */
export const toTensor = (x: tf.TensorInfo): tf.Tensor => tf.engine().makeTensorFromTensorInfo(x);

/**
 * Notes of a tensor that some of its numbers are missing here.
 *
 * @param complete Is called before its place in memory is told. It must mark the tensor as whole, or throw.
 */
export function guardPartial(x: tf.TensorInfo, complete: () => void): void {
  guard(getHostBackend(), x, complete);
}

/** Makes a tensor to be written to. Its numbers are any until then. */
export function createRoom(shape: readonly number[]): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(getHostBackend().makeOutput([...shape], "float32"));
}

/** Makes a tensor one that may be written to: itself, or a copy where others have its numbers. Consumes the one given. */
export function makeWritable(x: tf.Tensor): tf.Tensor {
  const backend = getHostBackend();
  if (backend.refCount(x.dataId) === 1) return x;
  const copy = backend.makeOutput(x.shape, "float32");
  backend.typedArrayFromHeap(copy).set(backend.typedArrayFromHeap(x));
  x.dispose();
  return tf.engine().makeTensorFromTensorInfo(copy);
}

/** Makes XNNPACK, which keeps packed copies of the weights that it has seen, forget those of a tensor that has changed. */
export function forgetPacked({ dataIdMap, wasm }: WasmBackend, x: tf.TensorInfo): void {
  const { id, memoryOffset } = dataIdMap.get(x.dataId);
  wasm.tfjs.disposeData(id);
  wasm.tfjs.registerTensor(id, tf.util.sizeFromShape(x.shape), memoryOffset);
}

/** Sums the squares of some numbers of a tensor in the heap. */
export type SumSquares = (x: tf.TensorInfo, start: number, length: number) => number;

/** Adds numbers of the heap to others, given the addresses of both. */
export type AddNumbers = (sum: number, x: number, count: number) => void;

let findAddNumbers: ((backend: WasmBackend) => AddNumbers | undefined) | undefined;

/** Has numbers added by Rill's module, which comes with the kernels. */
export function registerAddNumbers(find: (backend: WasmBackend) => AddNumbers | undefined): void {
  findAddNumbers = find;
}

/** A place in a tensor's numbers. */
export type Place = readonly [tensor: tf.TensorInfo, start: number];

/** Adds so many numbers from one place on to those of another, in place: nothing else may have these. */
export function addInPlace([sum, sumStart]: Place, [x, start]: Place, count: number): void {
  const backend = getHostBackend();
  const addNumbers = findAddNumbers?.(backend);
  if (addNumbers) {
    const address = ([{ dataId }, start]: Place) =>
      backend.dataIdMap.get(dataId).memoryOffset + 4 * start;
    addNumbers(address([sum, sumStart]), address([x, start]), count);
    return;
  }
  const sums = backend.typedArrayFromHeap(sum);
  const numbers = backend.typedArrayFromHeap(x);
  for (let i = 0; i < count; i++) sums[sumStart + i]! += numbers[start + i]!;
}

let findSumSquares: ((backend: WasmBackend) => SumSquares | undefined) | undefined;

/** Has squares summed by Rill's module. It comes with the kernels, so that pages on WebGPU load nothing of WASM. */
export function registerSumSquares(find: (backend: WasmBackend) => SumSquares | undefined): void {
  findSumSquares = find;
}

/** Sums the squares of so many numbers of a tensor after the others, in double precision. */
export function sumSquaresInTurn(x: tf.TensorInfo, count: number): Float64Array<ArrayBuffer> {
  const backend = getHostBackend();
  const sumSquares = findSumSquares?.(backend);
  const numbers = backend.typedArrayFromHeap(x);
  const sums = new Float64Array(Math.ceil(numbers.length / count));
  for (let i = 0, start = 0; start < numbers.length; i++, start += count) {
    const length = Math.min(count, numbers.length - start);
    sums[i] = sumSquares?.(x, start, length) ??
      sumSquaresOnHost(numbers.subarray(start, start + length));
  }
  return sums;
}

/** Tells the backend that a tensor's numbers were written to. */
export function markWritten(x: tf.TensorInfo): void {
  forgetPacked(getHostBackend(), x);
}

/** Whether the open backend has its tensors in main memory. */
export const isInHostMemory = (): boolean => tf.getBackend() === "wasm";

/** Gives the open backend, if its tensors are in main memory. */
function getHostBackend(): WasmBackend {
  const name = tf.getBackend();
  if (name !== "wasm") {
    throw new BackendError(
      name,
      `Cannot train in parallel on the ${name} backend: only WASM has its tensors in main memory`,
      { code: "parallel-unsupported" },
    );
  }
  return tf.backend() as unknown as WasmBackend;
}

/** The numbers of tensors without memory of their own by the address where they begin, for each of tfjs's modules. */
const lent = new WeakMap<object, Map<number, number>>();

/** Lets the next release of the address pass without effect: the memory is another tensor's. */
function lendMemory({ wasm }: WasmBackend, address: number): void {
  let counts = lent.get(wasm);
  if (!counts) {
    lent.set(wasm, counts = new Map());
    countReleases(wasm, counts);
  }
  counts.set(address, (counts.get(address) ?? 0) + 1);
}

/** Makes a release without effect as often as the address is lent. */
function countReleases(wasm: WasmBackend["wasm"], counts: Map<number, number>): void {
  // At its first call the module's function puts another in its own place.
  wasm._free(0);
  const free = wasm._free;
  wasm._free = (address) => {
    const count = counts.get(address);
    if (count === undefined) free(address);
    else if (count === 1) counts.delete(address);
    else counts.set(address, count - 1);
  };
}

import type * as tf from "@tensorflow/tfjs-core";

/** The parts of tfjs's WASM backend that the kernels use: tensors live in its heap. */
export interface WasmBackend {
  readonly dataIdMap: {
    get(dataId: object): { readonly id: number; readonly memoryOffset: number };
  };
  readonly wasm: {
    readonly asm: Readonly<Record<string, unknown>>;
    readonly tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  makeOutput(shape: number[], dtype: tf.DataType, address?: number): tf.TensorInfo;
  typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
  disposeData(dataId: object): void;
  incRef(dataId: object): void;
  refCount(dataId: object): number;
}

/** Makes another tensor of the same numbers, without a copy. */
export function shareTensor(
  backend: WasmBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

/** Makes a tensor that may be written to: of the same numbers where nothing else has them, else of a copy. */
export function reuseTensor(backend: WasmBackend, x: tf.TensorInfo): tf.TensorInfo {
  if (backend.refCount(x.dataId) === 1) return shareTensor(backend, x);
  const copy = backend.makeOutput([...x.shape], "float32");
  backend.typedArrayFromHeap(copy).set(backend.typedArrayFromHeap(x));
  return copy;
}

import type * as tf from "@tensorflow/tfjs-core";
import type { Rectifier } from "../definitions/_kernel_names.ts";
import {
  type KernelCall,
  type KernelName,
  type KernelResult,
  replaceKernel,
} from "../definitions/_replace_kernel.ts";
import { type BoundModule, getBoundModule } from "./_bound_module.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/**
 * Registers a kernel of Rill's module. Where it gives nothing, or there is no module, the kernel that was there before is
 * called.
 */
export function accelerate<Name extends KernelName>(
  kernelName: Name,
  kernel: (
    module: BoundModule,
    call: KernelCall<Name> & { readonly backend: WasmBackend },
  ) => KernelResult | undefined,
): void {
  replaceKernel("wasm", kernelName, (call, original) => {
    const backend = call.backend as WasmBackend;
    const module = getBoundModule(backend);
    return (module && kernel(module, { ...call, backend })) ?? original(call);
  });
}

/** Makes a tensor that `write` fills, given its address; of float32 unless another type is said. */
export function makeOutput(
  backend: WasmBackend,
  shape: readonly number[],
  write: (address: number) => void,
  dtype: tf.DataType = "float32",
): tf.TensorInfo {
  const result = backend.makeOutput([...shape], dtype);
  try {
    write(backend.dataIdMap.get(result.dataId).memoryOffset);
  } catch (error) {
    backend.disposeData(result.dataId);
    throw error;
  }
  return result;
}

/** Tells whether all tensors are float32 and hold something. */
export function areFloats(...tensors: tf.TensorInfo[]): boolean {
  return tensors.every(({ dtype, shape }) => dtype === "float32" && !shape.includes(0));
}

/** Gives a rectifier's number in the module. */
export const getRectifierKind = (rectifier: Rectifier | undefined): number =>
  rectifier === undefined ? 0 : rectifier === "relu" ? 1 : 2;

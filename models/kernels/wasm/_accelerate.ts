import type * as tf from "@tensorflow/tfjs-core";
import { type Kernel, replaceKernel } from "../definitions/_replace_kernel.ts";
import { type BoundModule, boundModule } from "./_bound_module.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Registers a kernel of Rill's module. Where it gives nothing, or there is no module, the kernel before it is called. */
export function accelerate(
  kernelName: string,
  kernel: (
    module: BoundModule,
    call: Parameters<Kernel>[0] & { readonly backend: WasmBackend },
  ) => ReturnType<Kernel> | undefined,
): void {
  replaceKernel("wasm", kernelName, (call, original) => {
    const backend = call.backend as WasmBackend;
    const module = boundModule(backend);
    return (module && kernel(module, { ...call, backend })) ?? original!(call);
  });
}

/** A float32 tensor that `write` fills, given its address. */
export function output(
  backend: WasmBackend,
  shape: number[],
  write: (address: number) => void,
): tf.TensorInfo {
  const result = backend.makeOutput(shape, "float32");
  try {
    write(backend.dataIdMap.get(result.dataId).memoryOffset);
  } catch (error) {
    backend.disposeData(result.dataId);
    throw error;
  }
  return result;
}

/** Whether all tensors are float32 and hold something. */
export function areFloats(...tensors: tf.TensorInfo[]): boolean {
  return tensors.every(({ dtype, shape }) => dtype === "float32" && !shape.includes(0));
}

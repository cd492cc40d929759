import {
  type KernelCall,
  type KernelName,
  type KernelResult,
  replaceKernel,
} from "../definitions/_replace_kernel.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Registers a kernel of Rill's programs. Where it gives nothing, the kernel that was there before is called. */
export function accelerate<Name extends KernelName>(
  kernelName: Name,
  kernel: (backend: GpuBackend, call: KernelCall<Name>) => KernelResult | undefined,
): void {
  replaceKernel(
    "webgpu",
    kernelName,
    (call, original) => kernel(call.backend as GpuBackend, call) ?? original(call),
  );
}

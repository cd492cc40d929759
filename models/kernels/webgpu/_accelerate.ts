import { type Kernel, replaceKernel } from "../definitions/_replace_kernel.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Registers a kernel of Rill's programs. Where it gives nothing the kernel before it is called. */
export function accelerate(
  kernelName: string,
  kernel: (
    backend: GpuBackend,
    call: Pick<Parameters<Kernel>[0], "inputs" | "attrs">,
  ) => ReturnType<Kernel> | undefined,
): void {
  replaceKernel(
    "webgpu",
    kernelName,
    (call, original) => kernel(call.backend as GpuBackend, call) ?? original!(call),
  );
}

import { registerComposedConvolutions } from "./_composed_convolutions.ts";
import { registerComposedMatmul, registerStockMatmul } from "./_composed_matmul.ts";
import { IMAGE_INPUT } from "./definitions/_kernel_names.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";
import { getInputShape, makeInputOnHost } from "./host/_image_input_on_host.ts";
import { type KernelOptions, registerKernels } from "./_register_kernels.ts";
import { makeImageInput } from "./webgpu/_image_input.ts";
import { registerFused } from "./webgpu/_register_fused.ts";
import { registerLayers } from "./webgpu/_register_layers.ts";
import { registerPrograms } from "./webgpu/_register_programs.ts";
import { registerRequired } from "./webgpu/_register_required.ts";
import type { GpuBackend } from "./webgpu/device/_gpu_backend.ts";

/** Registers Rill's kernels for WebGPU, if they are not yet, or those that are wanted in the place of the ones before. */
export function registerWebgpuKernels(options?: KernelOptions): void {
  registerKernels("webgpu", options, ({ stock }) => {
    registerRequired();
    registerImageInput();
    if (stock) return registerStockMatmul();
    registerComposedConvolutions("webgpu");
    registerComposedMatmul("webgpu");
    // Last, so that what these don't take goes to the others.
    registerPrograms();
    registerLayers();
    registerFused();
  });
}

/** Registers the kernel that makes a network's input of bytes: by a program, where there is one for what is asked for. */
function registerImageInput(): void {
  replaceKernel("webgpu", IMAGE_INPUT, ({ attrs, backend }) => {
    const gpu = backend as GpuBackend;
    return makeImageInput(gpu, attrs) ??
      gpu.makeTensorInfo(getInputShape(attrs), "float32", makeInputOnHost(attrs));
  });
}

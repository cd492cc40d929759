import {
  registerComposedConvolutions,
  registerComposedFilterRows,
} from "./_composed_convolutions.ts";
import { registerComposedColumns, registerComposedMatmul } from "./_composed_matmul.ts";
import { IMAGE_INPUT } from "./definitions/_kernel_names.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";
import { getInputShape, makeImageInputOnHost } from "./host/_image_input_on_host.ts";
import { type KernelOptions, registerKernels } from "./_register_kernels.ts";
import { registerBatchNorm } from "./wasm/_register_batch_norm.ts";
import { registerCarefulKernels } from "./wasm/_register_careful.ts";
import { registerCopies } from "./wasm/_register_copies.ts";
import { registerDepthwise } from "./wasm/_register_depthwise.ts";
import { registerElementwise } from "./wasm/_register_elementwise.ts";
import { registerWasmLoops } from "./wasm/_register_loops.ts";
import { registerPools } from "./wasm/_register_pools.ts";
import { registerProducts } from "./wasm/_register_products.ts";
import { registerUpdateFunctions, registerUpdateLoops } from "./wasm/_register_updates.ts";
import type { WasmBackend } from "./wasm/_wasm_backend.ts";

/** Registers Rill's kernels for WASM, if they are not yet, or those that are wanted in the place of the ones before. */
export function registerWasmKernels(options?: KernelOptions): void {
  registerKernels("wasm", options, ({ stock, direct }) => {
    registerWasmLoops();
    registerCarefulKernels();
    registerUpdateLoops();
    registerImageInput();
    registerComposedConvolutions("wasm");
    registerComposedFilterRows("wasm");
    registerComposedColumns("wasm");
    if (stock) return;
    registerComposedMatmul("wasm");
    // Last, so that what these don't take goes to the others.
    registerUpdateFunctions();
    registerProducts(direct);
    registerElementwise();
    registerPools();
    registerBatchNorm();
    registerDepthwise();
    registerCopies();
  });
}

/** Registers the kernel that makes a network's input of bytes: it writes to the heap. */
function registerImageInput(): void {
  replaceKernel("wasm", IMAGE_INPUT, ({ attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(getInputShape(attrs), "float32");
    makeImageInputOnHost(attrs, wasm.typedArrayFromHeap(result));
    return result;
  });
}

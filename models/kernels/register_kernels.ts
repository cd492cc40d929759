import { registerComposedConvolutions } from "./_composed_convolutions.ts";
import { registerComposedMatmul } from "./_composed_matmul.ts";
import { registerCpuKernels } from "./_cpu_kernels.ts";
import { registerWasmKernels } from "./_wasm_kernels.ts";
import { registerWebgpuKernels } from "./_webgpu_kernels.ts";
import { registerElementwise } from "./wasm/register_elementwise.ts";
import { registerProducts } from "./wasm/register_products.ts";

let registered = false;

/** Registers Rill's kernels for every backend, once. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  registerCpuKernels();
  registerWasmKernels();
  registerWebgpuKernels();
  for (const backend of ["wasm", "webgpu"]) {
    registerComposedMatmul(backend);
    registerComposedConvolutions(backend);
  }
  // Last, so that what these don't take goes to the others.
  registerProducts();
  registerElementwise();
}

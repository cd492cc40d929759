import { registerComposedConvolutions } from "./_composed_convolutions.ts";
import { registerComposedMatmul, registerStockMatmul } from "./_composed_matmul.ts";
import { registerCpuKernels } from "./host/_register_cpu.ts";
import { registerImageInput } from "./_register_image_input.ts";
import { registerReluGradient } from "./_register_relu_gradient.ts";
import { restoreKernels } from "./definitions/_replace_kernel.ts";
import { registerWasmKernels } from "./wasm/_register_loops.ts";
import { registerWebgpuKernels } from "./_webgpu_kernels.ts";
import { registerFused } from "./webgpu/_register_fused.ts";
import { registerPrograms } from "./webgpu/_register_programs.ts";
import { registerElementwise } from "./wasm/_register_elementwise.ts";
import { registerProducts } from "./wasm/_register_products.ts";

/** What of Rill's kernels is wanted. */
export interface KernelOptions {
  /** Only what tfjs lacks or gets wrong, so that its own kernels can be compared with. */
  readonly stock: boolean;
}

let registered: KernelOptions | undefined;

/** Registers Rill's kernels for every backend, if they are not yet, or those that are wanted in the place of what was. */
export function registerKernels(options?: KernelOptions): void {
  const { stock } = options ?? registered ?? { stock: false };
  if (registered?.stock === stock) return;
  if (registered) restoreKernels();
  registered = { stock };
  registerCpuKernels();
  registerWasmKernels();
  registerWebgpuKernels();
  registerImageInput();
  registerComposedConvolutions("wasm");
  if (stock) return registerStockMatmul();
  registerComposedConvolutions("webgpu");
  for (const backend of ["wasm", "webgpu"]) registerComposedMatmul(backend);
  // Last, so that what these don't take goes to the others.
  registerReluGradient();
  registerPrograms();
  registerFused();
  registerProducts();
  registerElementwise();
}

import { registerComposedConvolutions } from "./_composed_convolutions.ts";
import { registerComposedMatmul, registerStockMatmul } from "./_composed_matmul.ts";
import { registerImageInput } from "./_register_image_input.ts";
import { restoreKernels } from "./definitions/_replace_kernel.ts";
import { registerCpuKernels } from "./host/_register_cpu.ts";
import { registerBatchNorm } from "./wasm/_register_batch_norm.ts";
import { registerCarefulKernels } from "./wasm/_register_careful.ts";
import { registerCopies } from "./wasm/_register_copies.ts";
import { registerDepthwise } from "./wasm/_register_depthwise.ts";
import { registerElementwise } from "./wasm/_register_elementwise.ts";
import { registerWasmLoops } from "./wasm/_register_loops.ts";
import { registerPools } from "./wasm/_register_pools.ts";
import { registerProducts } from "./wasm/_register_products.ts";
import { registerUpdateFunctions, registerUpdateLoops } from "./wasm/_register_updates.ts";
import { registerFused } from "./webgpu/_register_fused.ts";
import { registerLayers } from "./webgpu/_register_layers.ts";
import { registerPrograms } from "./webgpu/_register_programs.ts";
import { registerRequired } from "./webgpu/_register_required.ts";

/** The kernels of Rill's that are wanted. */
export interface KernelOptions {
  /** Whether only what tfjs lacks or gets wrong is replaced, so that its own kernels can be compared with. */
  readonly stock: boolean;
}

let registered: KernelOptions | undefined;

/** Registers Rill's kernels for every backend, if they are not yet, or those that are wanted in the place of the ones before. */
export function registerKernels(options?: KernelOptions): void {
  const { stock } = options ?? registered ?? { stock: false };
  if (registered?.stock === stock) return;
  if (registered) restoreKernels();
  registered = { stock };
  registerCpuKernels();
  registerWasmLoops();
  registerCarefulKernels();
  registerUpdateLoops();
  registerRequired();
  registerImageInput();
  registerComposedConvolutions("wasm");
  if (stock) return registerStockMatmul();
  registerComposedConvolutions("webgpu");
  for (const backend of ["wasm", "webgpu"]) registerComposedMatmul(backend);
  // Last, so that what these don't take goes to the others.
  registerPrograms();
  registerLayers();
  registerUpdateFunctions();
  registerFused();
  registerProducts();
  registerElementwise();
  registerPools();
  registerBatchNorm();
  registerDepthwise();
  registerCopies();
}

// Prints as JSON what tests have to know of the WebGPU adapter, or null.
import { findDevice, openBackend } from "@rill/rill/models";
import { getTuning } from "../../models/kernels/webgpu/gemm/_tuning.ts";
import { gpuBackend } from "./_programs.ts";
import type { TestAdapter } from "./_webgpu_process.ts";

const device = await findDevice();
console.log(JSON.stringify(device ? { device, subgroups: await hasSubgroups() } : null));
// At once, with what is open left open: see `adapterTest`.
Deno.exit();

async function hasSubgroups(): Promise<TestAdapter["subgroups"]> {
  await openBackend("webgpu");
  return getTuning(gpuBackend()).subgroups !== undefined;
}

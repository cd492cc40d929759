// Prints as JSON what tests have to know of the WebGPU adapter, or null.
import { requestAdapter } from "../../models/kernels/_adapter.ts";
import type { GpuDevice } from "../../models/kernels/webgpu/_gpu_backend.ts";
import { softwareTuning } from "../../models/kernels/webgpu/gemm/_tuning.ts";
import type { TestAdapter } from "./_webgpu_process.ts";

const found = await requestAdapter();
console.log(JSON.stringify(found ? await describeAdapter(found) : null));
// At once, with what is open left open: see `adapterTest`.
Deno.exit();

async function describeAdapter(
  { adapter, device }: NonNullable<typeof found>,
): Promise<TestAdapter> {
  const gpu = await adapter.requestDevice({ requiredFeatures: [], requiredLimits: {} });
  // Programs for hardware use none.
  const tuning = device.software
    ? await softwareTuning(gpu as unknown as GpuDevice, adapter.info.subgroupMinSize ?? 0)
    : undefined;
  return { device, subgroups: tuning?.subgroups !== undefined };
}

// Takes the place of `tests/models/_webgpu_process.ts` elsewhere: the tests that use WebGPU run where the others do.
import * as tf from "@tensorflow/tfjs-core";
import { findDevice, openBackend } from "@rill/rill/models";
import type { GpuBackend } from "../../models/kernels/webgpu/device/_gpu_backend.ts";
import { getTuning } from "../../models/kernels/webgpu/gemm/_tuning.ts";
import type { Body, TestAdapter } from "../models/_webgpu_process.ts";
import { register } from "./host.ts";

export type { Body, TestAdapter };

export const hosting = false;

const adapter = await describeAdapter();

async function describeAdapter(): Promise<TestAdapter | undefined> {
  const device = await findDevice();
  if (!device) return undefined;
  const backend = await openBackend("webgpu");
  const { subgroups } = getTuning(tf.backend() as unknown as GpuBackend);
  await backend.close();
  return { device, subgroups: subgroups !== undefined };
}

export const findAdapter = (): TestAdapter | undefined => adapter;

export function registerHosted(name: string, fn: Body, missing?: string): void {
  register({
    name: missing === undefined ? name : `${name} (ignored: ${missing})`,
    fn,
    ignore: missing !== undefined,
    usesWebgpu: true,
  });
}

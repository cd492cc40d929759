import type { GpuBackend, GpuDevice } from "./_gpu_backend.ts";

const mixed = new WeakSet<GpuDevice>();

/** Whether a backend's products take their operands in half precision. */
export function isMixed({ device }: Pick<GpuBackend, "device">): boolean {
  return mixed.has(device);
}

/** Says whether a device's products take their operands in half precision; it must have the feature `shader-f16` then. */
export function usePrecision(device: GpuDevice, precision: "float32" | "mixed"): void {
  if (precision === "mixed") mixed.add(device);
  else mixed.delete(device);
}

import { DISCRETE, type GemmParameters, SOFTWARE, SOFTWARE_SUBGROUPS } from "./_gemm_parameters.ts";
import type { GpuBackend, GpuDevice } from "./_gpu_backend.ts";

/** What suits an adapter. */
export interface Tuning {
  /** The programs to choose from for products. */
  readonly sets: readonly GemmParameters[];
  /** Workgroups that keep it busy. */
  readonly groups: number;
}

const tunings = new WeakMap<GpuDevice, Tuning>();

/** What suits the adapter of a backend: what was told, or what is known good for graphics cards. */
export function tuning({ device }: GpuBackend): Tuning {
  return tunings.get(device) ?? { sets: DISCRETE, groups: 256 };
}

/** Sets what suits a device. */
export function useTuning(device: GpuDevice, tuning: Tuning): void {
  tunings.set(device, tuning);
}

/** What is known good for software adapters. */
export function softwareTuning(device: GpuDevice): Tuning {
  return { sets: device.features.has("subgroups") ? SOFTWARE_SUBGROUPS : SOFTWARE, groups: 8 };
}

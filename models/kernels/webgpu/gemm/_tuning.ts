import {
  DISCRETE,
  fits,
  type GemmParameters,
  SOFTWARE,
  SOFTWARE_SUBGROUPS,
} from "./_gemm_parameters.ts";
import type { GpuBackend, GpuDevice } from "../device/_gpu_backend.ts";

/** What was found to be fastest for a class of products. */
export interface TunedSet {
  readonly parameters: GemmParameters;
  /** Workgroups into which a product is split at least, if it can be. */
  readonly groups: number;
}

/** The size of a product. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  /** Segments and all. */
  readonly inner: number;
}

/** What suits an adapter. */
export interface Tuning {
  /** The programs to choose from for products. */
  readonly sets: readonly GemmParameters[];
  /** Workgroups that keep it busy. */
  readonly groups: number;
  /** What a program begins with that uses subgroups. */
  readonly subgroups?: string;
  /** What to take before those, by the class of a product. */
  readonly tuned?: { get(gemmClass: string, size: ProductSize): TunedSet | undefined };
  /** The adapter's identity, by which what was found for it is stored. */
  readonly identity?: string;
}

const tunings = new WeakMap<GpuDevice, Tuning>();

/** What suits the adapter of a backend: what was told, or what is known good for graphics cards. */
export function tuning({ device }: GpuBackend): Tuning {
  return tunings.get(device) ?? discreteTuning(device);
}

/** Sets what suits a device. */
export function useTuning(device: GpuDevice, tuning: Tuning): void {
  tunings.set(device, tuning);
}

/** What is known good for a graphics card. */
export function discreteTuning({ limits }: GpuDevice): Tuning {
  return { sets: DISCRETE.filter((set) => fits(set, { limits, subgroups: false })), groups: 256 };
}

/** What is known good for a software adapter, which has subgroups of some size if any. */
export async function softwareTuning(device: GpuDevice, subgroupSize: number): Promise<Tuning> {
  const groups = 8;
  // Threads that load for each other have to be in one subgroup.
  const subgroups = subgroupSize >= 8 ? await subgroupsOf(device) : undefined;
  return subgroups === undefined
    ? { sets: SOFTWARE, groups }
    : { sets: SOFTWARE_SUBGROUPS, groups, subgroups };
}

/** What a program has to begin with to use subgroups, if it can: Deno has them but doesn't know how they are asked for. */
async function subgroupsOf(device: GpuDevice): Promise<string | undefined> {
  for (const preamble of ["", "enable subgroups;\n"]) {
    device.pushErrorScope("validation");
    device.createShaderModule({
      code: `${preamble}@group(0) @binding(0) var<storage, read_write> x : array<f32>;
@compute @workgroup_size(8)
fn main(@builtin(local_invocation_id) thread : vec3<u32>) {
  x[thread.x] = subgroupBroadcast(x[thread.x], 3u);
}
`,
    });
    if (await device.popErrorScope() === null) return preamble;
  }
  return undefined;
}

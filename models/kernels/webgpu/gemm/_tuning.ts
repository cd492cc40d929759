import type { GpuBackend, GpuDevice } from "../device/_gpu_backend.ts";
import {
  DISCRETE,
  fits,
  type GemmParameters,
  SOFTWARE,
  SOFTWARE_SUBGROUPS,
} from "./_gemm_parameters.ts";
import type { GemmLayout } from "./_gemm_settings.ts";

/** The set that was found to be the fastest for a class of products. */
export interface TunedSet {
  readonly parameters: GemmParameters;
  /** The workgroups into which a product is split at least, if it can be. */
  readonly groups: number;
}

/** The size of a product. */
export interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  /** All segments together. */
  readonly inner: number;
}

/**
 * Names the class of products that a tuned set is for: the same layout, and sizes that are about the same. A set that was
 * found for one batch size then also serves those near it, such as an epoch's last.
 */
export function classifyGemm(
  { left, right }: GemmLayout,
  { rows, columns, inner }: ProductSize,
): string {
  // From one power of four to below the next.
  const size = (length: number) => 4 ** Math.floor(Math.log2(Math.max(1, length)) / 2);
  return `${left} x ${right}: ${size(rows)} x ${size(inner)} x ${size(columns)}`;
}

/** The programs and numbers that suit an adapter. */
export interface Tuning {
  /** The programs to choose from for products. */
  readonly sets: readonly GemmParameters[];
  /** The workgroups that keep it busy. */
  readonly groups: number;
  /** Whether convolutions are computed by tiles where that takes fewer multiplications. */
  readonly tiles?: boolean;
  /** The beginning of a program that uses subgroups; absent where there are none. */
  readonly subgroups?: string | undefined;
  /** Gives the set to take before those, by the class of a product. */
  readonly tuned?: { get(gemmClass: string, usual: GemmParameters): TunedSet | undefined };
  /** The adapter's identity, by which what was found for it is stored. */
  readonly identity?: string;
}

const tunings = new WeakMap<GpuDevice, Tuning>();

/** Gives the tuning of a backend's adapter: the one that was set, or one that is known to be good for graphics cards. */
export function getTuning({ device }: GpuBackend): Tuning {
  return tunings.get(device) ?? getDiscreteTuning(device);
}

/** Sets the tuning of a device. */
export function useTuning(device: GpuDevice, tuning: Tuning): void {
  tunings.set(device, tuning);
}

/** Gives the tuning that is known to be good for graphics cards. */
export function getDiscreteTuning({ limits }: GpuDevice): Tuning {
  return { sets: DISCRETE.filter((set) => fits(set, { limits, subgroups: false })), groups: 256 };
}

/** Gives the tuning that is known to be good for software adapters, which have subgroups of some size if any. */
export async function findSoftwareTuning(device: GpuDevice, subgroupSize: number): Promise<Tuning> {
  const groups = 8;
  // Threads that load for each other have to be in one subgroup.
  const subgroups = subgroupSize >= 8 ? await findSubgroups(device) : undefined;
  return subgroups === undefined
    ? { sets: SOFTWARE, groups, tiles: true }
    : { sets: SOFTWARE_SUBGROUPS, groups, tiles: true, subgroups };
}

/** Finds how a program has to begin to use subgroups, if it can: Deno has them but doesn't know how they are asked for. */
async function findSubgroups(device: GpuDevice): Promise<string | undefined> {
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

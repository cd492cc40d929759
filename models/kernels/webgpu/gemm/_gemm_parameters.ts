import type { GpuLimits } from "../device/_gpu_backend.ts";

/** A set of parameters that a program for products of matrices is written with. Each gives right results; which is fast depends on the adapter. */
export interface GemmParameters {
  /** The threads of a workgroup along the product's rows, and along its columns. */
  readonly threads: readonly [rows: number, columns: number];
  /** The rows and the columns that each thread computes. */
  readonly block: readonly [rows: number, columns: number];
  /** The steps along the inner dimension that are written out; with shared memory also the depth of the tiles in it. */
  readonly depth: number;
  /**
   * The place from which a thread takes the operands.
   *
   * - `"shared"`: tiles that the workgroup loads into its memory together;
   * - `"global"`: straight from the tensors;
   * - `"subgroup"`: straight from the tensors, but each thread loads one of eight rows and all get it from it. Takes a
   *   multiple of eight rows, one thread along them, eight along the columns, and subgroups that hold these eight.
   */
  readonly operands: "shared" | "global" | "subgroup";
  /** The columns that lie side by side in a thread's block, as one vector: 1, 2 or 4. */
  readonly vector: 1 | 2 | 4;
  /** Whether, with shared memory, the next tile is loaded while one is multiplied. */
  readonly prefetch?: boolean;
  /** The speed where nothing is wasted, beside the other sets of the same list. */
  readonly speed: number;
  /** The longest inner dimension that it is for, where it is for short ones only. */
  readonly longest?: number;
  /** The shortest, where it is for long ones only. */
  readonly shortest?: number;
}

/** For software adapters: a load costs as much as a dozen products, and a barrier costs more. */
export const SOFTWARE: readonly GemmParameters[] = [
  { threads: [1, 8], block: [8, 16], depth: 1, operands: "global", vector: 1, speed: 1 },
  { threads: [1, 8], block: [8, 4], depth: 1, operands: "global", vector: 1, speed: 0.6 },
];

/** Makes a set for software adapters with subgroups whose threads load four neighbouring rows, and four neighbouring columns. */
const makeAcross = (rows: number, columns: number, speed: number): GemmParameters => ({
  threads: [1, 8],
  block: [rows, columns],
  depth: 1,
  operands: "subgroup",
  vector: 4,
  speed,
  shortest: 32,
});

/** For software adapters with subgroups. */
export const SOFTWARE_SUBGROUPS: readonly GemmParameters[] = [
  { threads: [1, 8], block: [64, 8], depth: 1, operands: "subgroup", vector: 1, speed: 1 },
  // Where little is summed, storing takes the most time: more neighbours in a line are better.
  {
    threads: [1, 8],
    block: [32, 16],
    depth: 1,
    operands: "subgroup",
    vector: 1,
    speed: 1.1,
    longest: 64,
  },
  { threads: [1, 8], block: [64, 4], depth: 1, operands: "subgroup", vector: 1, speed: 0.85 },
  { threads: [1, 8], block: [32, 8], depth: 1, operands: "subgroup", vector: 1, speed: 0.8 },
  { threads: [1, 8], block: [8, 16], depth: 1, operands: "subgroup", vector: 1, speed: 0.5 },
  { threads: [1, 8], block: [8, 4], depth: 1, operands: "subgroup", vector: 1, speed: 0.35 },
  makeAcross(72, 8, 1.2),
  makeAcross(56, 12, 1.4),
];

/** Makes a set for graphics cards. */
const makeDiscrete = (
  threads: readonly [number, number],
  block: readonly [number, number],
  depth: number,
  speed = 1,
): GemmParameters => ({
  threads,
  block,
  depth,
  operands: "shared",
  vector: 4,
  prefetch: true,
  speed,
});

/** For graphics cards. */
export const DISCRETE: readonly GemmParameters[] = [
  makeDiscrete([16, 16], [8, 8], 8),
  makeDiscrete([16, 16], [8, 4], 16, 0.85),
  makeDiscrete([16, 16], [4, 4], 16, 0.7),
  makeDiscrete([8, 32], [1, 4], 16, 0.3),
];

/** The room that a device has for programs. */
export interface Room {
  readonly limits: Pick<
    GpuLimits,
    | "maxComputeInvocationsPerWorkgroup"
    | "maxComputeWorkgroupSizeX"
    | "maxComputeWorkgroupSizeY"
    | "maxComputeWorkgroupStorageSize"
  >;
  /** Whether threads can hand each other what they loaded. */
  readonly subgroups: boolean;
}

/** The numbers that a thread keeps at most: more are nowhere faster, and take long to compile. */
const MOST_SUMS = 1024;

/** Tells whether a device can run a set's programs. */
export function fits(parameters: GemmParameters, { limits, subgroups }: Room): boolean {
  const { threads: [down, across], block: [rows, columns], depth, operands, vector } = parameters;
  const whole = columns % vector === 0 && rows * columns <= MOST_SUMS && depth <= 64;
  const grouped = down * across <= limits.maxComputeInvocationsPerWorkgroup &&
    across <= limits.maxComputeWorkgroupSizeX && down <= limits.maxComputeWorkgroupSizeY;
  const handed = operands !== "subgroup" ||
    (subgroups && down === 1 && across === 8 && rows % 8 === 0);
  return whole && grouped && handed &&
    countSharedBytes(parameters) <= limits.maxComputeWorkgroupStorageSize;
}

/** Counts the bytes of shared memory that a set takes at most: tiles of both operands, each line of them longer than it has to be. */
function countSharedBytes({ threads, block, depth, operands, vector }: GemmParameters): number {
  if (operands !== "shared") return 0;
  return 4 * depth * (threads[0] * block[0] + 4 + threads[1] * block[1] + vector);
}

/** Makes a set for software adapters with subgroups. */
const makeSubgroup = (rows: number, columns: number): GemmParameters => ({
  threads: [1, 8],
  block: [rows, columns],
  depth: 1,
  operands: "subgroup",
  vector: 1,
  speed: 1,
});

/** The sets that tuning tries on a software adapter, beside those above. */
const SOFTWARE_CANDIDATES: readonly GemmParameters[] = [
  makeSubgroup(48, 8),
  makeSubgroup(16, 16),
  makeSubgroup(16, 32),
  makeSubgroup(8, 8),
  makeSubgroup(8, 32),
];

/** The sets that tuning tries on a graphics card, beside those above. */
const DISCRETE_CANDIDATES: readonly GemmParameters[] = [
  { ...makeDiscrete([16, 16], [8, 8], 8), prefetch: false },
  makeDiscrete([16, 16], [8, 8], 16),
  makeDiscrete([8, 16], [8, 8], 8),
  makeDiscrete([8, 8], [8, 8], 16),
  makeDiscrete([16, 8], [4, 4], 16),
  makeDiscrete([4, 64], [4, 4], 8),
  makeDiscrete([64, 4], [4, 4], 8),
];

/** Lists the sets among which tuning looks for the fastest: only those for which the device has room. */
export function listCandidates(isSoftware: boolean, room: Room): readonly GemmParameters[] {
  const sets = isSoftware
    ? [...SOFTWARE, ...SOFTWARE_SUBGROUPS, ...SOFTWARE_CANDIDATES]
    : [...DISCRETE, ...DISCRETE_CANDIDATES];
  return sets.filter((set) => fits(set, room));
}

/** Tells whether a set is for operands of which neighbouring rows and columns lie together in fours: others it loads one by one. */
export const takesFours = ({ operands, vector }: GemmParameters): boolean =>
  operands === "subgroup" && vector === 4;

/** Chooses the set that computes a product in the least time, as far as waste at its edges and each set's speed tell. */
export function chooseParameters(
  sets: readonly GemmParameters[],
  rows: number,
  columns: number,
  /** The inner dimension, segments and all. */
  inner: number,
  /** Tells of a set that takes operands in fours whether these lie so. */
  liesInFours: (set: GemmParameters) => boolean = () => false,
): GemmParameters {
  const cost = (set: GemmParameters) => {
    const { threads, block, speed, longest = Infinity, shortest = 0 } = set;
    if (inner > longest || inner < shortest) return Infinity;
    if (takesFours(set) && !liesInFours(set)) return Infinity;
    const padded = (length: number, d: 0 | 1) => {
      const tile = threads[d] * block[d];
      return Math.ceil(length / tile) * tile;
    };
    return padded(rows, 0) * padded(columns, 1) / speed;
  };
  return sets.reduce((best, set) => cost(set) < cost(best) ? set : best);
}

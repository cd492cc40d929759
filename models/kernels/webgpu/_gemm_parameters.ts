/** How a program for products of matrices is written. Every set gives right results; which is fast depends on the adapter. */
export interface GemmParameters {
  /** The threads of a workgroup along the product's rows, and along its columns. */
  readonly threads: readonly [rows: number, columns: number];
  /** The rows and the columns that each thread computes. */
  readonly block: readonly [rows: number, columns: number];
  /** How many steps along the inner dimension are written out; with shared memory also the depth of the tiles in it. */
  readonly depth: number;
  /**
   * Where a thread takes the operands from.
   *
   * - `"shared"`: tiles that the workgroup loads into its memory together;
   * - `"global"`: straight from the tensors;
   * - `"subgroup"`: straight from the tensors, but each thread loads one of eight rows and all get it from it. Takes a
   *   multiple of eight rows, one thread along them, eight along the columns, and subgroups that hold these eight.
   */
  readonly operands: "shared" | "global" | "subgroup";
  /** The columns that lie side by side in a thread's block, as one vector: 1, 2 or 4. */
  readonly vector: 1 | 2 | 4;
  /** How fast it is where nothing is wasted, beside the other sets of the same list. */
  readonly speed: number;
}

/** For software adapters: a load costs as much as a dozen products, and a barrier costs more. */
export const SOFTWARE: readonly GemmParameters[] = [
  { threads: [1, 8], block: [8, 16], depth: 1, operands: "global", vector: 1, speed: 1 },
  { threads: [1, 8], block: [8, 4], depth: 1, operands: "global", vector: 1, speed: 0.6 },
];

/** For software adapters with subgroups. */
export const SOFTWARE_SUBGROUPS: readonly GemmParameters[] = [
  { threads: [1, 8], block: [64, 8], depth: 1, operands: "subgroup", vector: 1, speed: 1 },
  { threads: [1, 8], block: [64, 4], depth: 1, operands: "subgroup", vector: 1, speed: 0.85 },
  { threads: [1, 8], block: [32, 8], depth: 1, operands: "subgroup", vector: 1, speed: 0.8 },
  { threads: [1, 8], block: [8, 16], depth: 1, operands: "subgroup", vector: 1, speed: 0.5 },
  { threads: [1, 8], block: [8, 4], depth: 1, operands: "subgroup", vector: 1, speed: 0.35 },
];

/** For graphics cards. */
export const DISCRETE: readonly GemmParameters[] = [
  { threads: [16, 16], block: [8, 8], depth: 8, operands: "shared", vector: 4, speed: 1 },
  { threads: [16, 16], block: [4, 4], depth: 16, operands: "shared", vector: 4, speed: 0.7 },
  { threads: [8, 32], block: [1, 4], depth: 16, operands: "shared", vector: 4, speed: 0.3 },
];

/** The set that computes a product in the least time, as far as waste at its edges and each set's speed tell. */
export function chooseParameters(
  sets: readonly GemmParameters[],
  rows: number,
  columns: number,
): GemmParameters {
  const cost = ({ threads, block, speed }: GemmParameters) => {
    const padded = (length: number, d: 0 | 1) => {
      const tile = threads[d] * block[d];
      return Math.ceil(length / tile) * tile;
    };
    return padded(rows, 0) * padded(columns, 1) / speed;
  };
  return sets.reduce((best, set) => cost(set) < cost(best) ? set : best);
}

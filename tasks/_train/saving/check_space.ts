import { listSlots, type Network, type Optimizer } from "../../../models/mod.ts";
import { getFreeBytes, joinPath } from "../../_files/files.ts";

/** Bytes of what a run saves. */
export interface SaveBytes {
  /** Those of a generation: parameters and the optimizer's state. */
  readonly generation: number;
  /** Those of the best parameters. */
  readonly best: number;
}

/** How much a run saves. */
export interface SavePlan {
  /** How many generations are kept. */
  readonly keep: number;
  /** How many saves there will be. */
  readonly saves: number;
}

/**
 * Computes how many bytes more than are taken now the saves of a run take at the most: all that are kept, and the one that is
 * written before the oldest goes; and likewise the best parameters.
 *
 * @param taken The bytes of what is there of a run, which goes as this one is saved.
 */
export function computeNeededBytes(
  { generation, best }: SaveBytes,
  taken: number,
  { keep, saves }: SavePlan,
): number {
  const count = Math.min(keep + 1, saves);
  const most = count * generation + Math.min(2, saves) * best;
  // What is there goes once the first is saved.
  return saves === 0 ? 0 : Math.max(generation + best, most - taken);
}

/**
 * Checks that a folder's disk has the space for what a run will save there.
 *
 * @throws {Error} If it hasn't.
 */
export async function checkSpace(
  dir: string,
  network: Network,
  optimizer: Optimizer,
  plan: SavePlan,
): Promise<void> {
  const parameters = network.parameters
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1) * Float32Array.BYTES_PER_ELEMENT)
    .reduce((a, b) => a + b, 0);
  const needed = computeNeededBytes(
    { generation: parameters * (1 + listSlots(optimizer).length), best: parameters },
    await measureSaves(dir),
    plan,
  );
  const free = await getFreeBytes(dir);
  if (free >= needed) return;
  const hint = plan.keep > 1 ? ", keep fewer checkpoints with --keep" : "";
  throw new Error(
    `Cannot save to ${dir} as its disk has ${Math.floor(free / 1e6)} MB free and saving takes ${
      Math.ceil(needed / 1e6)
    } MB more: make room${hint}, or name another folder with --out`,
  );
}

/** Measures the files of saves that a folder holds. */
async function measureSaves(dir: string): Promise<number> {
  let sum = 0;
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (!isFile || !/^(?:step-\d+|best|last|optimizer-\d+).*\.safetensors$/.test(name)) continue;
    sum += (await Deno.stat(joinPath(dir, name))).size;
  }
  return sum;
}

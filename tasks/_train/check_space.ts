import { listSlots, type Network, type Optimizer } from "../../models/mod.ts";
import { getFreeBytes, joinPath } from "../_files/files.ts";

/** Bytes of the files of a save; 0 for one that is missing. */
export interface SaveBytes {
  readonly optimizer: number;
  readonly best: number;
  readonly last: number;
}

const NOTHING: SaveBytes = { optimizer: 0, best: 0, last: 0 };

/**
 * Computes how many bytes more than are taken now the saves of a run take at the most: each file is written whole before it
 * replaces the one before, and the optimizer's old state goes last.
 *
 * @param old The files that the first save replaces.
 * @param saves How many saves there will be; after the second nothing changes.
 */
export function computeNeededBytes(written: SaveBytes, old: SaveBytes, saves: number): number {
  let present = old;
  let taken = 0;
  let most = 0;
  const replace = (name: keyof SaveBytes, bytes: number) => {
    most = Math.max(most, taken + bytes);
    taken += bytes - present[name];
    present = { ...present, [name]: bytes };
  };
  for (let save = 0; save < Math.min(saves, 2); save++) {
    const before = present.optimizer;
    present = { ...present, optimizer: 0 };
    replace("optimizer", written.optimizer);
    replace("best", written.best);
    replace("last", written.last);
    taken -= before;
  }
  return most;
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
  saves: number,
): Promise<void> {
  const parameters = network.parameters
    .map(({ shape }) => shape.reduce((a, b) => a * b, 1) * Float32Array.BYTES_PER_ELEMENT)
    .reduce((a, b) => a + b, 0);
  const needed = computeNeededBytes(
    { optimizer: parameters * listSlots(optimizer).length, best: parameters, last: parameters },
    await measureSave(dir),
    saves,
  );
  const free = await getFreeBytes(dir);
  if (free >= needed) return;
  throw new Error(
    `Cannot save to ${dir} as its disk has ${Math.floor(free / 1e6)} MB free and saving takes ${
      Math.ceil(needed / 1e6)
    } MB more: make room, or name another folder with --out`,
  );
}

/** Measures the files of the save that a folder holds. */
async function measureSave(dir: string): Promise<SaveBytes> {
  const sizes = { ...NOTHING };
  for await (const { name, isFile } of Deno.readDir(dir)) {
    const [, kind] = /^(optimizer|best|last)(?:-\d+)*\.safetensors$/.exec(name) ?? [];
    if (!isFile || kind === undefined) continue;
    sizes[kind as keyof SaveBytes] += (await Deno.stat(joinPath(dir, name))).size;
  }
  return sizes;
}

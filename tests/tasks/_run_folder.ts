import { type Checkpoint, decodeSafetensors, getOrThrow } from "../../models/mod.ts";

/** Reads a safetensors file. */
export async function readTensors(path: string): Promise<Checkpoint> {
  return getOrThrow(decodeSafetensors(await Deno.readFile(path)));
}

/** Lists the names in a folder, in order. */
export const namesIn = async (dir: string): Promise<string[]> =>
  (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();

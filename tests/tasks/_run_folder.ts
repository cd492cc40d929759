import { assert } from "@std/assert";
import { type Checkpoint, decodeSafetensors } from "../../models/mod.ts";

/** What is in a safetensors file. */
export async function readTensors(path: string): Promise<Checkpoint> {
  const decoded = decodeSafetensors(await Deno.readFile(path));
  assert(decoded._tag === "Right");
  return decoded.right;
}

/** The names in a folder, in order. */
export const namesIn = async (dir: string): Promise<string[]> =>
  (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();

import type { FileSystem } from "../../models/mod.ts";
import { joinPath } from "./files.ts";
import { replaceOwnFile } from "./own_file.ts";

/**
 * Gives the files of a folder to a store of checkpoints. What it writes has reached the disk when it says so, and no link is followed
 * to write.
 */
export function folderFiles(dir: string): FileSystem {
  const at = (name: string) => joinPath(dir, name);
  return {
    async list() {
      const entries = await Array.fromAsync(Deno.readDir(dir));
      // A link may lead to a file. A pipe would be waited for without end.
      return entries.filter(({ isFile, isSymlink }) => isFile || isSymlink).map(({ name }) => name);
    },
    read: (name) => Deno.readFile(at(name)),
    async write(name, parts) {
      using file = await replaceOwnFile(at(name));
      for await (const part of parts) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      await file.sync();
    },
    rename: (from, to) => Deno.rename(at(from), at(to)),
    remove: (name) => Deno.remove(at(name)),
    async sync() {
      // Windows opens no folder, and needs none.
      if (Deno.build.os === "windows") return;
      using folder = await Deno.open(dir);
      await folder.sync().catch((error) => {
        // Some file systems of other machines know no such thing.
        if (!isUnknown(error)) throw error;
      });
    },
  };
}

/** Tells whether the system refused as it knows no such thing. */
const isUnknown = (error: unknown): boolean =>
  error instanceof Deno.errors.NotSupported ||
  error instanceof Error && /\(os error (?:22|38|95)\)/.test(error.message);

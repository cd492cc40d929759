import type { FileSystem } from "@rill/rill/models";

/** A folder in memory. */
export interface MemoryFiles extends FileSystem {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
}

/** Makes a folder in memory, with such files. */
export function createMemoryFiles(
  files = new Map<string, Uint8Array<ArrayBuffer>>(),
): MemoryFiles {
  const get = (name: string) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`there is no ${name}`);
    return bytes;
  };
  return {
    files,
    list: async () => await Promise.resolve([...files.keys()]),
    read: async (name) => await Promise.resolve(get(name).slice()),
    async write(name, parts) {
      const copies: Uint8Array<ArrayBuffer>[] = [];
      for await (const part of parts) copies.push(part.slice());
      files.set(name, await new Blob(copies).bytes());
    },
    async rename(from, to) {
      files.set(to, await Promise.resolve(get(from)));
      files.delete(from);
    },
    async remove(name) {
      get(name);
      await Promise.resolve(files.delete(name));
    },
    sync: () => Promise.resolve(),
  };
}

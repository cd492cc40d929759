/**
 * Where checkpoints are kept: a folder, a browser's private file system, an object store.
 *
 * @module
 */

/**
 * A folder of files, by the few functions that a store of checkpoints needs. A function that fails rejects, and the store then says
 * with which file.
 *
 * @example One in memory
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { FileSystem } from "@rill/rill/models";
 *
 * const files = new Map<string, Uint8Array<ArrayBuffer>>();
 * const get = (name: string) => {
 *   const bytes = files.get(name);
 *   if (!bytes) throw new Error(`there is no ${name}`);
 *   return bytes;
 * };
 * const memory: FileSystem = {
 *   list: async () => await Promise.resolve([...files.keys()]),
 *   read: async (name) => await Promise.resolve(get(name).slice()),
 *   async write(name, parts) {
 *     const copies: Uint8Array<ArrayBuffer>[] = [];
 *     for await (const part of parts) copies.push(part.slice());
 *     files.set(name, await new Blob(copies).bytes());
 *   },
 *   async rename(from, to) {
 *     files.set(to, await Promise.resolve(get(from)));
 *     files.delete(from);
 *   },
 *   async remove(name) {
 *     await Promise.resolve(files.delete(name));
 *   },
 *   sync: () => Promise.resolve(),
 * };
 * await memory.write("a.tmp", ReadableStream.from([Uint8Array.of(1), Uint8Array.of(2)]));
 * await memory.rename("a.tmp", "a");
 * assertEquals(await memory.read("a"), Uint8Array.of(1, 2));
 * ```
 */
export interface FileSystem {
  /** Lists the names of the files. There may be others than the store's. */
  list(): Promise<readonly string[]>;
  /** Reads a file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Writes a new file, or one over another of that name, and resolves once its contents would outlive a loss of power. A part may
   * be used until the next is asked for. What a write that failed has left is the store's to remove.
   */
  write(name: string, parts: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void>;
  /** Renames a file, over another of that name: whoever reads that has the one or the other, and nothing in between. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(name: string): Promise<void>;
  /** Resolves once the renames and removals before would outlive a loss of power. */
  sync(): Promise<void>;
}

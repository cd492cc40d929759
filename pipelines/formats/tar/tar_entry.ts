/**
 * A file in a tar archive.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { TarEntry } from "@rill/rill/pipelines";
 *
 * const entry: TarEntry = { name: "boots/0001.cls", bytes: new TextEncoder().encode("9") };
 * assertEquals(entry.bytes.length, 1);
 * ```
 */
export interface TarEntry {
  /** The file's path in the archive, with `/` between its parts. */
  readonly name: string;
  /**
   * The bytes of the name, where they aren't UTF-8: `name` has U+FFFD in place of what can't be read then, and may be that of
   * several files.
   */
  readonly nameBytes?: Uint8Array<ArrayBuffer>;
  /** The file's content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The place among the files of its archive, from 0. {@linkcode webDataset} sees by it where another archive begins. */
  readonly index?: number;
}

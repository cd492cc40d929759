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
  /** The file's content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

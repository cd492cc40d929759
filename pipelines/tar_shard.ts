/**
 * One of the tar files that a data set is split into: its name and its bytes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, type TarShard } from "@rill/rill/pipelines";
 *
 * const sizeOf = async ({ bytes }: TarShard): Promise<number> =>
 *   (await collect(bytes)).reduce((size, piece) => size + piece.length, 0);
 * const shard = { name: "shard-000000.tar", bytes: ReadableStream.from([new Uint8Array(1024)]) };
 * assertEquals(await sizeOf(shard), 1024);
 * ```
 */
export interface TarShard {
  /** The name of the file. */
  readonly name: string;
  /** Its content, in pieces, to be read once. */
  readonly bytes: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

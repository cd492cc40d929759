import { gzipSync } from "node:zlib";
import {
  decodeCsv,
  decodeIdx,
  decodeTar,
  encodeTar,
  gunzip,
  map,
  type TarEntry,
  webDataset,
  type WebDatasetSample,
  window,
  writeShards,
} from "@rill/rill/pipelines";
import { idxHeader } from "../_helpers.ts";
import { utf8 } from "../_sources.ts";
import { digest, hide, type LinkMaker } from "./_link.ts";

const toEntry = (item: unknown, index: number): TarEntry => ({
  name: `${String(index).padStart(4, "0")}.cls`,
  bytes: utf8(String(digest(item))),
});

const read = (bytes: Uint8Array): number => Number(new TextDecoder().decode(bytes));
const list = (items: readonly unknown[]): number[] => items.map(digest);

/**
 * There and back: stages that read and write formats. None has positions. An entry of an archive ends where the next begins, so
 * that one more is pulled.
 */
export const formatLinks: readonly LinkMaker[] = [
  {
    from: "any",
    make: () => ({
      text: "map(toEntry), encodeTar(), decodeTar(), map(read)",
      to: "number",
      make: () =>
        hide((source: AsyncIterable<unknown>) =>
          map(({ bytes }: TarEntry) => read(bytes))(
            decodeTar()(encodeTar()(map(toEntry)(source))),
          )
        ),
      list,
      pulls: (given) => given,
      hasPositions: false,
    }),
  },
  {
    from: "any",
    make: () => ({
      text: "map(toEntry), webDataset(), map(read)",
      to: "number",
      make: () =>
        hide((source: AsyncIterable<unknown>) =>
          map(({ fields }: WebDatasetSample) => read(fields["cls"]!))(
            webDataset()(map(toEntry)(source)),
          )
        ),
      list,
      pulls: (given) => given + 1,
      hasPositions: false,
    }),
  },
  {
    from: "any",
    make: ({ a }) => ({
      text: `map(toSample), writeShards({ maxSamples: ${1 + a % 4} }), decodeTar(), map(read)`,
      to: "any",
      make: () =>
        hide((source: AsyncIterable<unknown>) =>
          map(async ({ name, bytes }: { name: string; bytes: AsyncIterable<Bytes> }) => {
            const numbers: number[] = [];
            for await (const entry of decodeTar()(bytes)) numbers.push(read(entry.bytes));
            return [name, numbers];
          })(
            writeShards({ maxSamples: 1 + a % 4, name: String })(
              map((item: unknown, index): WebDatasetSample => ({
                key: String(index),
                fields: { cls: utf8(String(digest(item))) },
              }))(source),
            ),
          )
        ),
      list: (items) =>
        Array.from(
          { length: Math.ceil(items.length / (1 + a % 4)) },
          (_, i) => [String(i), list(items.slice(i * (1 + a % 4), (i + 1) * (1 + a % 4)))],
        ),
      pulls: (given) => given * (1 + a % 4) + 1,
      hasPositions: false,
      wrapsErrors: true,
    }),
  },
  {
    from: "any",
    make: () => ({
      text: "map(gzipSync), gunzip(), decodeCsv(), map(Number)",
      to: "number",
      make: () =>
        hide((source: AsyncIterable<unknown>) =>
          map(({ n }: { n: string }) => Number(n))(
            decodeCsv({ columns: ["n"], header: false })(
              gunzip()(
                map((item: unknown) => new Uint8Array(gzipSync(`${digest(item)}\n`)))(source),
              ),
            ),
          )
        ),
      list,
      // That a member has ended is known once the next has come, and a row once its own bytes have.
      pulls: (given) => given + 2,
      hasPositions: false,
    }),
  },
  {
    from: "any",
    make: () => ({
      text: "window(1000), map(encodeIdx), decodeIdx(), map(read)",
      to: "number",
      make: () =>
        hide((source: AsyncIterable<unknown>) =>
          map(({ data }: { data: ArrayLike<number> }) => data[0]! * 256 + data[1]!)(
            decodeIdx()(
              map((items: unknown[]) => {
                const header = idxHeader(8, items.length, 2);
                const numbers = items.flatMap((item) => [digest(item) >> 8, digest(item) & 255]);
                return Uint8Array.from([...header, ...numbers]);
              })(window(1000)(source)),
            ),
          )
        ),
      list,
      pulls: () => Infinity,
      hasPositions: false,
    }),
    needsItems: true,
  },
];

type Bytes = Uint8Array<ArrayBuffer>;

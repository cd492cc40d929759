/**
 * Reads records of one size over HTTP in any order. For a file in its own order, use `httpSource`.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import type { IndexedSource } from "../indexed/indexed_source.ts";
import { checkHttp, type HttpFacts } from "./_http_request.ts";
import { readHttpBytes, readRange } from "./_read_http_bytes.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

export { HttpError, type HttpProgress } from "./http_error.ts";
export type { HttpOptions } from "./http_options.ts";

/** Options of {@linkcode httpRecords}. */
export interface HttpRecordsOptions extends HttpOptions {
  /** The size of a record in bytes. */
  readonly recordSize: number;
  /**
   * The position of the first record in bytes, which is the size of what comes before it, such as a header.
   *
   * @default {0}
   */
  readonly offset?: number;
}

/**
 * Opens a file of records of one size over HTTP, to be read in any order: each record is a request for its range, as
 * patient and as strict as {@linkcode httpSource}, and all must be of the file that was opened. For an epoch in the
 * file's own order, {@linkcode httpSource} needs a single request.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, httpRecords, readIndexed } from "@rill/rill/pipelines";
 *
 * // Stands in for a server.
 * const fetch = (_: string, { headers }: RequestInit) => {
 *   const [first = 0, last = 0] = new Headers(headers).get("range")!.match(/\d+/g)!.map(Number);
 *   const range = { "content-range": `bytes ${first}-${last}/9` };
 *   const part = "#aabbccdd".slice(first, last + 1);
 *   return Promise.resolve(new Response(part, { status: 206, headers: range }));
 * };
 * const url = "https://example.org/pairs";
 * const pairs = await httpRecords(url, { recordSize: 2, offset: 1, fetch });
 * const last = await collect(readIndexed({ from: 2 })(pairs));
 * assertEquals(last.map((bytes) => new TextDecoder().decode(bytes)), ["cc", "dd"]);
 * ```
 *
 * @param url The address.
 * @param options The size of the records, how patient to be, and what to send along.
 * @returns The records. The promise, like that of each record, is rejected with an {@linkcode HttpError}; so is the
 * first when the file does not hold an integer number of records.
 * @throws {TypeError} When the address is not one of HTTP or HTTPS, or a header is invalid.
 * @throws {RangeError} When `recordSize` is not an integer of at least 1, or another number is not an integer of at
 * least 0.
 */
export function httpRecords(
  url: string | URL,
  options: HttpRecordsOptions,
): Promise<IndexedSource<Uint8Array<ArrayBuffer>>> {
  const { recordSize, offset = 0 } = options;
  checkInteger(`read records of ${recordSize} bytes`, "size", recordSize, { min: 1 });
  checkInteger(`read records from byte ${offset} on`, "offset", offset);
  return open(checkHttp(url, options), recordSize, offset, options);
}

async function open(
  url: string,
  recordSize: number,
  offset: number,
  options: HttpOptions,
): Promise<IndexedSource<Uint8Array<ArrayBuffer>>> {
  const facts: HttpFacts = {};
  // One byte is enough to learn the size. An empty file has none, and some servers answer with all bytes.
  for await (const _ of readHttpBytes({ url, from: 0, to: 1, facts }, options));
  const makeError = (reason: string) => new HttpError(reason, { url, position: 0 });
  if (facts.encoded) {
    throw makeError("the server compressed it, and so its records have no positions");
  }
  if (facts.total === undefined) throw makeError("the server does not say how many bytes it has");
  const length = (facts.total - offset) / recordSize;
  if (!Number.isInteger(length) || length < 0) {
    const records = `records of ${recordSize} bytes from byte ${offset} on`;
    throw makeError(`it has ${facts.total} bytes, not a multiple of ${records}`);
  }
  return {
    length,
    get: (index) => {
      checkInteger(`read record ${index} of ${length}`, "index", index, { max: length - 1 });
      const from = offset + index * recordSize;
      return readRange({ url, from, to: from + recordSize, facts }, options);
    },
  };
}

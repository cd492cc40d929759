/**
 * Reads a part of a file over HTTP, such as its header.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { checkHttp } from "./_http_request.ts";
import { readRange } from "./_read_http_bytes.ts";
import type { HttpOptions } from "./http_options.ts";

export { HttpError, type HttpProgress } from "./http_error.ts";
export type { HttpOptions } from "./http_options.ts";

/** A part of a file, by its positions in bytes. */
export interface ByteRange {
  /** The first byte. */
  readonly from: number;
  /** The byte to end before. */
  readonly to: number;
}

/**
 * Reads a part of a file over HTTP, as patiently and as strictly as {@linkcode httpSource}. Where what came
 * before an interruption cannot be joined to what comes after it, the part is read anew.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readHttpRange } from "@rill/rill/pipelines";
 *
 * // Stands in for a server.
 * const fetch = () =>
 *   Promise.resolve(
 *     new Response("ll", { status: 206, headers: { "content-range": "bytes 2-3/4" } }),
 *   );
 * const bytes = await readHttpRange("https://example.org/rill", { from: 2, to: 4 }, { fetch });
 * assertEquals(new TextDecoder().decode(bytes), "ll");
 * ```
 *
 * @param url The address.
 * @param range The part.
 * @param options How patient to be, and what to send along.
 * @returns The bytes, `to - from` of them. The promise is rejected with an {@linkcode HttpError}, also when the file
 * has fewer, and with its reason when `signal` is aborted.
 * @throws {TypeError} When the address is not one of HTTP or HTTPS, or a header is invalid.
 * @throws {RangeError} When a number is not an integer of at least 0, or `to` is less than `from`.
 */
export function readHttpRange(
  url: string | URL,
  { from, to }: ByteRange,
  options: HttpOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkInteger(`read bytes ${from} to ${to} of ${url}`, "end", to);
  checkInteger(`read bytes ${from} to ${to} of ${url}`, "start", from, { max: to });
  return readRange({ url: checkHttp(url, options), from, to, facts: {} }, options);
}

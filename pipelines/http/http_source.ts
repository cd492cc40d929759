/**
 * Reads a file over HTTP as a stream of bytes that survives broken connections.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { checkHttp } from "./_http_request.ts";
import { readHttpBytes } from "./_read_http_bytes.ts";
import type { HttpOptions } from "./http_options.ts";

export { HttpError, type HttpProgress } from "./http_error.ts";
export type { HttpOptions } from "./http_options.ts";

/** Options of {@linkcode httpSource}. */
export interface HttpSourceOptions extends HttpOptions {
  /**
   * The position of the first byte to read.
   *
   * @default {0}
   */
  readonly from?: number;
}

/**
 * Reads a file over HTTP as a stream of its bytes. Where a connection stalls, breaks or ends early, it connects again
 * and goes on at the byte where it was, with pauses that grow. Nothing is requested before the stream is first read.
 * Holds one chunk. Closing the stream closes the connection.
 *
 * The bytes of two connections are put together only where they are of one file: each response must have the ETag (or,
 * for want of one, the Last-Modified) and the size of the first, and the range that was requested, to which `If-Range`
 * is added. A response of 200 to a range in the middle is refused, not skipped through: it means that the file has
 * changed, or that the server does not support ranges and each interruption would transfer all of it again. After a
 * response of 408, 425, 429 or 5xx it tries again; others are refused.
 *
 * In a browser, a server of another origin must expose `Content-Range` and `ETag` for this to work.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeCsv, httpSource } from "@rill/rill/pipelines";
 *
 * // Stands in for a server.
 * const fetch = () => Promise.resolve(new Response("path,label\n1.png,9\n"));
 * const rows = pipe(httpSource("https://example.org/train.csv", { fetch }), decodeCsv());
 * assertEquals(await collect(rows), [{ path: "1.png", label: "9" }]);
 * ```
 *
 * @param url The address.
 * @param options Where to start, how patient to be, and what to send along.
 * @returns The stream. It fails with an {@linkcode HttpError}, and with its reason when `signal` is aborted.
 * @throws {TypeError} When the address is not one of HTTP or HTTPS.
 * @throws {RangeError} When a number is not an integer of at least 0.
 */
export function httpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { from = 0, signal } = options;
  checkInteger(`read ${url} from byte ${from}`, "start", from);
  const address = checkHttp(url, options);
  const closed = new AbortController();
  const chunks = readHttpBytes({ url: address, from, facts: {} }, {
    ...options,
    signal: signal ? AbortSignal.any([signal, closed.signal]) : closed.signal,
  });
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      closed.abort();
      await chunks.return().catch(() => {});
    },
  }, { highWaterMark: 0 });
}

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
   * The position of the first byte to read. From the file's size on there are none; beyond it is an error.
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
 * The bytes of two connections are put together only where they are of one file. Where the server gives a strong ETag,
 * each response must have the same one, and `If-Range` is added to the range. Where it gives none, a weak one or a date,
 * which another file may have too, or does not support ranges, all is transferred again, and the stream goes on if the
 * bytes that it has given come once more: by the ETag or, for want of a strong one, by their hash. So each interruption
 * costs as much as what came before it. A response of 200 to `from` is refused, not skipped through, and so is a
 * transfer that broke off within compressed content without a strong ETag. After a response of 408, 425, 429 or 5xx it
 * tries again; others are refused, and so is a server whose first hundred responses, and those after them, bring less
 * than 4096 bytes each on average.
 *
 * Compressed content is not asked for. A server that sends it all the same (`Content-Encoding`: gzip, deflate and, where
 * the engine knows it, br) is understood where it sends the whole file, and refused where it sends a part. A server that
 * says so of `x.tar.gz` means that the file is `x.tar`, and that is what comes.
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
 * @throws {TypeError} When the address is not one of HTTP or HTTPS, or a header is invalid.
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

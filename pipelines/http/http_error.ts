/** The facts of a transfer that failed. */
export interface HttpProgress {
  /** The address. */
  readonly url: string;
  /** How many bytes of the file lie before the place of the error. */
  readonly position: number;
  /** The status of the response that was refused, if there was one. */
  readonly status?: number | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * An error about a file that could not be read over HTTP, or not to its end.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, HttpError, httpSource } from "@rill/rill/pipelines";
 *
 * // Stands in for a server.
 * const fetch = () => Promise.resolve(new Response(null, { status: 404 }));
 * const error = await assertRejects(
 *   () => drain(httpSource("https://example.org/a.tar", { fetch })),
 *   HttpError,
 *   "Cannot read https://example.org/a.tar at byte 0 as the server answered 404",
 * );
 * assertEquals([error.url, error.position, error.status], ["https://example.org/a.tar", 0, 404]);
 * ```
 */
export class HttpError extends Error {
  /** The address. */
  readonly url: string;
  /** How many bytes of the file lie before the place of the error. */
  readonly position: number;
  /** The status of the response that was refused, if there was one. */
  readonly status: number | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot read … as`.
   * @param progress How far the transfer came.
   */
  constructor(reason: string, { url, position, status, cause }: HttpProgress) {
    super(
      `Cannot read ${url} at byte ${position} as ${reason}`,
      cause === undefined ? {} : { cause },
    );
    this.name = "HttpError";
    this.url = url;
    this.position = position;
    this.status = status;
  }
}

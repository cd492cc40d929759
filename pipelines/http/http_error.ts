/** What is known of a transfer that failed. */
export interface HttpProgress {
  /** The address. */
  readonly url: string;
  /** The bytes of the file before the place of the error. */
  readonly position: number;
  /** The status of the answer that was refused, where there was one. */
  readonly status?: number;
  /** What went wrong further down. */
  readonly cause?: unknown;
}

/**
 * A file that could not be read over HTTP, or not to its end.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, HttpError, httpSource } from "@rill/rill/pipelines";
 *
 * // In place of a server.
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
  /** The bytes of the file before the place of the error. */
  readonly position: number;
  /** The status of the answer that was refused, where there was one. */
  readonly status?: number;

  /**
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot read … as`.
   * @param progress Where and how far it came.
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

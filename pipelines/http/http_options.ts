/**
 * Options of all that reads over HTTP. Times are in milliseconds.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { HttpOptions } from "@rill/rill/pipelines";
 *
 * const impatient: HttpOptions = { timeout: 5_000, stallTimeout: 5_000, retries: 1 };
 * assertEquals(impatient.retries, 1);
 * ```
 */
export interface HttpOptions {
  /** Headers of each request, such as those of an authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the transfer when it is aborted; the error is the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * How long to wait for a response.
   *
   * @default {30000}
   */
  readonly timeout?: number;
  /**
   * How long to wait for more bytes. The time that the consumer takes does not count.
   *
   * @default {30000}
   */
  readonly stallTimeout?: number;
  /**
   * How often to connect again before giving up. The count starts anew whenever new bytes came.
   *
   * @default {5}
   */
  readonly retries?: number;
  /**
   * The pause before the first retry. It doubles with each, and is longer when the server asks for it.
   *
   * @default {500}
   */
  readonly retryDelay?: number;
  /**
   * The longest pause.
   *
   * @default {30000}
   */
  readonly maxRetryDelay?: number;
  /**
   * The function to fetch with.
   *
   * @default {globalThis.fetch}
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

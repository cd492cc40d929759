import { checkSignal } from "../_arguments/check_signal.ts";
import { checkInteger } from "../_arguments/check_integer.ts";
import type { HttpOptions } from "./http_options.ts";

/** A request for bytes of a file, its address and numbers checked. */
export interface HttpRequest {
  /** The absolute address. */
  readonly url: string;
  /** The first byte. */
  readonly from: number;
  /** The byte to end before; without it, the bytes up to the file's end. */
  readonly to?: number | undefined;
  /** The facts that the responses so far have given of the file; each response must agree with those before it. */
  readonly facts: HttpFacts;
  /** The strong ETag of the bytes that this response's are joined to, where there are such. */
  readonly joinedTo?: string | undefined;
}

/** The facts that a server gives of a file. */
export interface HttpFacts {
  etag?: string | undefined;
  lastModified?: string | undefined;
  /** The file's size in bytes. */
  total?: number | undefined;
  /** Whether the server compresses what it sends, so that the bytes sent have no positions in the file. */
  encoded?: boolean;
}

/** Makes facts what they were, so that a transfer can begin anew. */
export function resetFacts(facts: HttpFacts, before: HttpFacts): void {
  const none = { etag: undefined, lastModified: undefined, total: undefined, encoded: false };
  Object.assign(facts, none, before);
}

/**
 * Refuses an invalid address or invalid options.
 *
 * @returns The absolute address.
 * @throws {TypeError} When the address is not one of HTTP or HTTPS, or a header is invalid.
 * @throws {RangeError} When a number is out of its range.
 */
export function checkHttp(url: string | URL, options: HttpOptions): string {
  checkSignal(`read ${url}`, options.signal);
  const { location } = globalThis as { location?: { href: string } };
  // A relative address needs the page's, which is missing in Deno and Node, or empty where a package defines it.
  const base = URL.canParse(url) ? undefined : location?.href;
  const address = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new TypeError(`Cannot read ${url}: the address must be one of HTTP or HTTPS`);
  }
  try {
    // What no request can be made of would otherwise look like a network's failure, and be tried again.
    new Request(address.href, { headers: { ...options.headers } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot read ${url}: ${reason}`, { cause: error });
  }
  for (const name of LIMITS) {
    const value = options[name];
    if (value !== undefined) {
      checkInteger(`read ${url} with ${name} ${value}`, name, value, { max: MAX_TIME });
    }
  }
  return address.href;
}

/** The longest time that a timer can be set to, in milliseconds. */
const MAX_TIME = 2 ** 31 - 1;

const LIMITS = ["timeout", "stallTimeout", "retries", "retryDelay", "maxRetryDelay"] as const;

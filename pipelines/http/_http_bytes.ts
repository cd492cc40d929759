import { checkInteger } from "../_arguments/check_integer.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/** What to read, all checked. */
export interface HttpRequest {
  readonly url: string;
  /** The first byte. */
  readonly from: number;
  /** The byte to end before; the file's end where there is none. */
  readonly to?: number;
  /** What the answers so far have said of the file; each must agree with those before it. */
  readonly facts: HttpFacts;
}

/** What a server says of a file. */
export interface HttpFacts {
  etag?: string;
  lastModified?: string;
  /** The file's size. */
  total?: number;
  /** Whether the bytes that come are not those of the file, so that none of them has a position in it. */
  encoded?: boolean;
}

/** A failure after which another try may do. */
class PassingError extends Error {
  readonly status?: number;
  /** How long the server asks to wait, in milliseconds. */
  readonly wait: number;

  constructor(
    reason: string,
    { cause, status, wait = 0 }: { cause?: unknown; status?: number; wait?: number } = {},
  ) {
    super(reason, { cause });
    this.status = status;
    this.wait = wait;
  }
}

/**
 * Refuses an address or options that cannot be.
 *
 * @returns The address in full.
 * @throws {TypeError} When the address is not one of HTTP.
 * @throws {RangeError} When a number is out of its range.
 */
export function checkHttp(url: string | URL, options: HttpOptions): string {
  const { location } = globalThis as { location?: { href: string } };
  // A relative address needs the page's, which in Deno and Node isn't there, or is empty: some packages make one.
  const base = URL.canParse(url) ? undefined : location?.href;
  const address = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new TypeError(`Cannot read ${url}: the address must be one of HTTP or HTTPS`);
  }
  for (const name of TIMES) {
    const value = options[name];
    if (value !== undefined) {
      checkInteger(`read ${url} with ${name} ${value}`, name, value, { max: MAX_TIME });
    }
  }
  return address.href;
}

/** The longest that a timer can be set to. */
const MAX_TIME = 2 ** 31 - 1;

const TIMES = ["timeout", "stallTimeout", "retries", "retryDelay", "maxRetryDelay"] as const;

/** The bytes of a file or of a part of it, chunk by chunk, over as many connections as it takes. */
export async function* httpBytes(
  { url, from, to, facts }: HttpRequest,
  options: HttpOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { retries = 5, retryDelay = 500, maxRetryDelay = 30_000, signal } = options;
  let position = from;
  for (let failures = 0;;) {
    const connection = new Connection(url, options);
    try {
      const end = await connection.open(position, to, facts);
      const stop = Math.min(end ?? Infinity, to ?? Infinity);
      while (position < stop) {
        const chunk = await connection.read();
        if (!chunk) break;
        if (chunk.length === 0) continue;
        const piece = chunk.subarray(0, stop - position);
        position += piece.length;
        failures = 0;
        yield piece;
      }
      // Without a promise, the end of the answer is that of the file.
      if (end === undefined) return;
      if (position < stop) {
        throw new PassingError(`the connection closed where ${stop} bytes were promised`);
      }
      if (position >= Math.min(to ?? Infinity, facts.total ?? end)) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingError)) throw error;
      const { message, cause, status, wait } = error;
      if (facts.encoded && position > 0) {
        const reason = `${message}, and a compressed transfer cannot be resumed`;
        throw new HttpError(reason, { url, position, status, cause });
      }
      if (failures === retries) {
        const tries = retries === 0 ? "" : `, ${retries + 1} times in a row`;
        throw new HttpError(message + tries, { url, position, status, cause });
      }
      await pause(Math.min(Math.max(retryDelay * 2 ** failures, wait), maxRetryDelay), signal);
      failures++;
    } finally {
      connection.close();
    }
  }
}

/** One try to get the bytes from some position on. */
class Connection {
  readonly #url: string;
  readonly #options: HttpOptions;
  readonly #controller = new AbortController();
  #reader?: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

  constructor(url: string, options: HttpOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** Asks for the bytes, and tells before which position the answer will end, where that is known. */
  async open(from: number, to: number | undefined, facts: HttpFacts): Promise<number | undefined> {
    const { headers, timeout = 30_000, signal, fetch = globalThis.fetch } = this.#options;
    const own = this.#controller.signal;
    const isPart = from > 0 || to !== undefined;
    const validator = facts.etag?.startsWith('"') ? facts.etag : facts.lastModified;
    const request = fetch(this.#url, {
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(isPart && { range: `bytes=${from}-${to === undefined ? "" : to - 1}` }),
        ...(isPart && validator !== undefined && { "if-range": validator }),
      },
      signal: signal ? AbortSignal.any([signal, own]) : own,
    });
    const response = await this.#within(timeout, "no answer came", request).catch((error) => {
      throw error instanceof PassingError
        ? error
        : new HttpError(textOf(error), { url: this.#url, position: from, cause: error });
    });
    this.#reader = response.body?.getReader();
    return this.#accept(response, from, to, facts);
  }

  /** The next chunk, or nothing at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.#reader) return undefined;
    const { stallTimeout = 30_000 } = this.#options;
    const chunk = this.#reader.read();
    const { done, value } = await this.#within(stallTimeout, "nothing more came", chunk);
    return done ? undefined : value;
  }

  close(): void {
    this.#controller.abort();
    this.#reader?.cancel().catch(() => {});
  }

  async #within<T>(time: number, problem: string, result: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new PassingError(`${problem} for ${time / 1000} s`);
      timer = setTimeout(() => reject(error), time);
    });
    result.catch(() => {}); // Once it is late, it may fail unheard.
    try {
      return await Promise.race([result, late]);
    } catch (error) {
      if (error instanceof PassingError) throw error;
      // What a network does is a TypeError when asking; when reading, engines differ.
      if (!this.#reader && !(error instanceof TypeError)) throw error;
      throw new PassingError(`the connection failed: ${textOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  #accept(
    response: Response,
    from: number,
    to: number | undefined,
    facts: HttpFacts,
  ): number | undefined {
    const { status, headers } = response;
    const refusal = (reason: string) =>
      new HttpError(reason, { url: this.#url, position: from, status });
    const [, first, last, size] =
      /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    const total = size === undefined || size === "*" ? undefined : Number(size);

    if (status === 416) {
      if (total === from && to === undefined) return from;
      throw refusal(total === undefined ? "it has no such bytes" : `it has ${total} bytes`);
    }
    if (status !== 200 && status !== 206) {
      const answer = `the server answered ${status} ${response.statusText}`.trimEnd();
      if (status < 500 && ![408, 425, 429].includes(status)) throw refusal(answer);
      throw new PassingError(answer, { status, wait: waitOf(headers.get("retry-after")) });
    }

    const encoding = headers.get("content-encoding") ?? "identity";
    if (encoding !== "identity") {
      if (from > 0 || to !== undefined) {
        throw refusal(`the server compressed a part of it (${encoding})`);
      }
      facts.encoded = true;
    }
    const etag = headers.get("etag") ?? undefined;
    const lastModified = headers.get("last-modified") ?? undefined;
    if (etag !== undefined && facts.etag !== undefined) {
      if (etag !== facts.etag) {
        throw refusal(`it has changed: its ETag was ${facts.etag} and is ${etag}`);
      }
    } else if (
      lastModified !== undefined && facts.lastModified !== undefined &&
      lastModified !== facts.lastModified
    ) {
      throw refusal(`it has changed: it was of ${facts.lastModified} and is of ${lastModified}`);
    }
    facts.etag ??= etag;
    facts.lastModified ??= lastModified;

    if (status === 200 && from > 0) {
      throw refusal("the server answered 200, with all of it, where a part was asked for");
    }
    const length = headers.get("content-length");
    const whole = length === null || facts.encoded ? undefined : Number(length);
    const found = status === 206 ? total : whole;
    if (found !== undefined && facts.total !== undefined && found !== facts.total) {
      throw refusal(`it has changed: it had ${facts.total} bytes and has ${found}`);
    }
    facts.total ??= found;
    if (status === 200) return whole;

    if (first === undefined) {
      throw refusal("the server answered 206 without saying what part it is");
    }
    if (Number(first) !== from || Number(last) < from || (to !== undefined && Number(last) >= to)) {
      throw refusal(`the server answered bytes ${first} to ${last} where others were asked for`);
    }
    return to === undefined && total !== undefined ? total : Number(last) + 1;
  }
}

async function pause(time: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, time);
    signal?.addEventListener("abort", end);
  });
  signal?.throwIfAborted();
}

/** Milliseconds of a Retry-After header: seconds or a date. */
function waitOf(text: string | null): number {
  if (text === null) return 0;
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(time) ? Math.max(time, 0) : 0;
}

/** An error's text, with that of its cause, in which Node has what matters. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

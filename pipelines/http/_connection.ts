import { checkResponse } from "./_check_response.ts";
import type { HttpRequest } from "./_http_request.ts";
import { TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/** Makes one try to get the bytes of a request. */
export class Connection {
  readonly #request: HttpRequest;
  readonly #options: HttpOptions;
  readonly #controller = new AbortController();
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;

  constructor(request: HttpRequest, options: HttpOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** Requests the bytes, and gives the position before which the response ends, if it tells. */
  async open(): Promise<number | undefined> {
    const { url, from, to, facts } = this.#request;
    const { headers, timeout = 30_000, signal, fetch = globalThis.fetch } = this.#options;
    const own = this.#controller.signal;
    const isPart = from > 0 || to !== undefined;
    const validator = facts.etag?.startsWith('"') ? facts.etag : facts.lastModified;
    const result = fetch(url, {
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(isPart && { range: `bytes=${from}-${to === undefined ? "" : to - 1}` }),
        ...(isPart && validator !== undefined && { "if-range": validator }),
      },
      signal: signal ? AbortSignal.any([signal, own]) : own,
    });
    const response = await this.#wait(result, timeout, "no answer came").catch((error) => {
      throw error instanceof TransientError
        ? error
        : new HttpError(describeError(error), { url, position: from, cause: error });
    });
    this.#reader = response.body?.getReader();
    return checkResponse(response, this.#request);
  }

  /** Gives the next chunk, or nothing at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.#reader) return undefined;
    const { stallTimeout = 30_000 } = this.#options;
    const chunk = this.#reader.read();
    const { done, value } = await this.#wait(chunk, stallTimeout, "nothing more came");
    return done ? undefined : value;
  }

  /** Ends the transfer. */
  close(): void {
    this.#controller.abort();
    this.#reader?.cancel().catch(() => {});
  }

  /** Waits for a result for some milliseconds, and makes what a network does a {@linkcode TransientError}. */
  async #wait<T>(result: Promise<T>, time: number, problem: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new TransientError(`${problem} for ${time / 1000} s`);
      timer = setTimeout(() => reject(error), time);
    });
    result.catch(() => {}); // Once it is late, nobody waits for its failure.
    try {
      return await Promise.race([result, late]);
    } catch (error) {
      if (error instanceof TransientError) throw error;
      // Network failures are TypeErrors when requesting; when reading, engines differ.
      if (!this.#reader && !(error instanceof TypeError)) throw error;
      throw new TransientError(`the connection failed: ${describeError(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** An error's text, with that of its cause, which in Node has the facts. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

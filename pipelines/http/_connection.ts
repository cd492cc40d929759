import { checkResponse, type ResponseFacts } from "./_check_response.ts";
import { decodeContent, isDecodedByEngine, type Pull } from "./_content_coding.ts";
import type { HttpRequest } from "./_http_request.ts";
import { isStrongEtag } from "./_response_headers.ts";
import { describeError, isLasting } from "./_retry.ts";
import { TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/** Makes one try to get the bytes of a request. */
export class Connection {
  readonly #request: HttpRequest;
  readonly #options: HttpOptions;
  readonly #controller = new AbortController();
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  #decode: Pull | undefined;
  /** The position of the next byte. */
  #position = 0;

  constructor(request: HttpRequest, options: HttpOptions) {
    this.#request = request;
    this.#options = options;
  }

  /**
   * Requests the bytes, and tells what the response has; nothing where the server has no such bytes and does not say
   * how many it has.
   */
  async open(): Promise<ResponseFacts | undefined> {
    const { url, from, to, facts, joinedTo } = this.#request;
    const { headers, timeout = 30_000, signal, fetch = globalThis.fetch } = this.#options;
    const own = this.#controller.signal;
    const isPart = from > 0 || to !== undefined;
    // A date is no strong validator: files that are copied or built anew can have equal ones.
    const validator = joinedTo ??
      (facts.etag !== undefined && isStrongEtag(facts.etag) ? facts.etag : undefined);
    const result = fetch(url, {
      headers: {
        ...Object.fromEntries(new Headers(headers)),
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
    const answer = checkResponse(response, this.#request);
    if (answer && answer.codings.length > 0 && !isDecodedByEngine(response)) {
      this.#decode = decodeContent(answer.codings, () => this.#pull());
    }
    this.#position = answer?.first ?? from;
    return answer;
  }

  /** Gives the next chunk, or nothing at the end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.#decode) return await this.#pull();
    try {
      const chunk = await this.#decode();
      this.#position += chunk?.length ?? 0;
      return chunk;
    } catch (error) {
      if (error instanceof TransientError) throw error;
      const reason = `the server compressed it, and the result is damaged: ${describeError(error)}`;
      throw new HttpError(reason, {
        url: this.#request.url,
        position: this.#position,
        cause: error,
      });
    }
  }

  /** Ends the transfer. */
  close(): void {
    this.#controller.abort();
    this.#reader?.cancel().catch(() => {});
  }

  /** Gives the next chunk as it was sent. */
  async #pull(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.#reader) return undefined;
    const { stallTimeout = 30_000 } = this.#options;
    const chunk = this.#reader.read();
    const { done, value } = await this.#wait(chunk, stallTimeout, "nothing more came");
    return done ? undefined : value;
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
      if (!this.#reader && (!(error instanceof TypeError) || isLasting(error))) throw error;
      throw new TransientError(`the connection failed: ${describeError(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

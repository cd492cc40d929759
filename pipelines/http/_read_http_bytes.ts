import { Connection } from "./_connection.ts";
import type { HttpRequest } from "./_http_request.ts";
import { TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/** Reads the bytes of a file or of a part of it, chunk by chunk, over as many connections as it takes. */
export async function* readHttpBytes(
  { url, from, to, facts }: HttpRequest,
  options: HttpOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { retries = 5, retryDelay = 500, maxRetryDelay = 30_000, signal } = options;
  let position = from;
  for (let failures = 0;;) {
    const connection = new Connection({ url, from: position, to, facts }, options);
    try {
      const end = await connection.open();
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
      // Where the response promised no length, its end is that of the file.
      if (end === undefined) return;
      if (position < stop) {
        throw new TransientError(`the connection closed where ${stop} bytes were promised`);
      }
      if (position >= Math.min(to ?? Infinity, facts.total ?? end)) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
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

/**
 * Reads all bytes of a part of a file.
 *
 * @throws {HttpError} When the file ends before the part does.
 */
export async function readRange(
  request: HttpRequest & { readonly to: number },
  options: HttpOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { url, from, to, facts } = request;
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  if (bytes.length === 0) return bytes;
  for await (const chunk of readHttpBytes(request, options)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled === bytes.length) return bytes;
  const size = facts.total ?? from + filled;
  throw new HttpError(`it has ${size} bytes: ${to} are needed`, { url, position: from + filled });
}

/** Waits for some milliseconds, or throws the signal's reason once it is aborted. */
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

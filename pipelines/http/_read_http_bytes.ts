import type { ResponseFacts } from "./_check_response.ts";
import { Connection } from "./_connection.ts";
import { type HttpRequest, resetFacts } from "./_http_request.ts";
import { PrefixHash } from "./_prefix_hash.ts";
import { bringTooLittle } from "./_retry.ts";
import { JoinError, TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/**
 * Reads the bytes of a file or of a part of it, chunk by chunk, over as many connections as it takes.
 *
 * @param restart Called where the bytes to come can't be joined to those that were given: all of them are given anew.
 * Without it, the transfer fails there.
 */
export async function* readHttpBytes(
  { url, from, to, facts }: HttpRequest,
  options: HttpOptions,
  restart?: () => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const { retries = 5, retryDelay = 500, maxRetryDelay = 30_000, signal } = options;
  const known = { ...facts };
  /** The position of the next byte to give, and the furthest that it ever was. */
  let position = from;
  let furthest = from;
  /** The strong ETag of the bytes that were given, or for want of one their hash. */
  let etag: string | undefined;
  let given = new PrefixHash();
  /** The end of what was promised by the responses whose bytes are joined. */
  let promised = from;
  /** Whether all bytes are requested again, to pass over those that were given. */
  let repeats = false;
  let failures = 0;
  for (let responses = 0;; responses++) {
    const makeError = (reason: string, more?: { status?: number | undefined; cause?: unknown }) =>
      new HttpError(reason, { url, position, ...more });
    if (bringTooLittle(responses, furthest - from)) {
      throw makeError(`the server gave only ${furthest - from} bytes in ${responses} responses`);
    }
    const makeJoinError = () =>
      makeError(
        `the server answered only bytes ${from} to ${position - 1}, ` +
          "without a strong ETag to join more to them",
      );
    const isJoined = position > from;
    const connection = new Connection({
      url,
      from: repeats ? from : position,
      to,
      facts,
      joinedTo: isJoined ? etag : undefined,
    }, options);
    try {
      const answer = await connection.open();
      // More was asked for only as no response told the file's size, and there is no more.
      if (!answer && isJoined && position >= promised) return;
      const { first, end, strongEtag } = answer ??
        await askForSize({ url, from: position, facts }, options);
      if (isJoined && etag === undefined && first === position && first !== end) {
        throw makeJoinError();
      }
      if (!isJoined) {
        etag = strongEtag;
        given = new PrefixHash();
        promised = from;
      }
      const hashes = etag === undefined && restart === undefined;
      const passed = new PrefixHash();
      const stop = Math.min(end ?? Infinity, to ?? Infinity);
      if (first === stop && position < promised) {
        throw makeError(`it has changed: it ends at byte ${position}`);
      }
      if (end !== undefined) promised = Math.max(promised, stop);
      let at = first;
      while (at < stop) {
        const chunk = await connection.read();
        if (!chunk) break;
        const again = Math.min(Math.max(position - at, 0), chunk.length);
        const piece = chunk.subarray(again, Math.max(stop - at, again));
        if (hashes && again > 0) {
          passed.update(chunk.subarray(0, again));
          if (at + again === position && !passed.equals(given)) {
            throw makeError("it has changed: its first bytes are others");
          }
        }
        at += chunk.length;
        if (piece.length === 0) continue;
        if (hashes) given.update(piece);
        position += piece.length;
        if (position > furthest) {
          furthest = position;
          failures = 0;
        }
        yield piece;
      }
      if (end !== undefined && at < stop) {
        throw new TransientError(`the connection closed where ${stop} bytes were promised`);
      }
      if (at < position) throw makeError(`it has changed: it ends at byte ${at}`);
      // Where the response promised no length, its end is that of the file.
      if (end === undefined || first === end) return;
      if (position >= Math.min(to ?? Infinity, facts.total ?? Infinity)) return;
      if (etag === undefined && facts.total !== undefined) throw makeJoinError();
      repeats = false; // All that was given has come again, and more may be behind it.
    } catch (error) {
      signal?.throwIfAborted();
      const beginAnew = () => {
        position = from;
        resetFacts(facts, known);
        restart?.();
      };
      if (error instanceof JoinError) {
        const { message, status, changed } = error;
        if (restart) beginAnew();
        else if (repeats || changed) throw makeError(message, { status });
        else repeats = true;
        continue;
      }
      if (!(error instanceof TransientError)) throw error;
      const { message, cause, status, wait } = error;
      if (failures === retries) {
        const tries = retries === 0 ? "" : `, ${retries + 1} times in a row`;
        throw makeError(message + tries, { status, cause });
      }
      if (position === from || (restart && etag === undefined)) beginAnew();
      else if (etag === undefined && facts.encoded) {
        throw makeError(`${message}, and a compressed transfer cannot be resumed`, {
          status,
          cause,
        });
      } else if (etag === undefined || facts.encoded) repeats = true;
      await pause(Math.min(Math.max(retryDelay * 2 ** failures, wait), maxRetryDelay), signal);
      failures++;
    } finally {
      connection.close();
    }
  }
}

/**
 * Asks how many bytes a file has that has none from a position on, by the byte before it.
 *
 * @throws {HttpError} When there are not as many bytes as come before the position, or that can't be told.
 */
async function askForSize(
  { url, from, facts }: HttpRequest,
  options: HttpOptions,
): Promise<ResponseFacts> {
  const connection = new Connection({ url, from: Math.max(from - 1, 0), facts }, options);
  const nothing = { first: from, end: from, strongEtag: undefined, codings: [] };
  try {
    const answer = await connection.open();
    // There is the byte before the position, and it is the last one.
    if (facts.total === undefined && answer?.first === from - 1 && answer.end === from) {
      return nothing;
    }
  } catch (error) {
    // A response of 200 to a range has the size, though not the range.
    if (!(error instanceof HttpError) || facts.total === undefined) throw error;
  } finally {
    connection.close();
  }
  if (facts.total === from) return nothing;
  const reason = facts.total === undefined ? "it has no such bytes" : `it has ${facts.total} bytes`;
  throw new HttpError(reason, { url, position: from, status: 416 });
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
  for await (const chunk of readHttpBytes(request, options, () => filled = 0)) {
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

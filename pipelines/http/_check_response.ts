import { findUnknownCoding } from "./_content_coding.ts";
import type { HttpFacts, HttpRequest } from "./_http_request.ts";
import {
  getHeader,
  getStrongEtag,
  parseContentCodings,
  parseContentLength,
  parseContentRange,
  parseRetryAfter,
} from "./_response_headers.ts";
import { isTransientStatus } from "./_retry.ts";
import { JoinError, TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";

/** The bytes that a response has. */
export interface ResponseFacts {
  /** The position of its first byte in the file. */
  readonly first: number;
  /** The position before which it ends, if it tells. */
  readonly end: number | undefined;
  /** The file's ETag, if it is a strong one, which another file never has. */
  readonly strongEtag: string | undefined;
  /** The codings that the content went through. */
  readonly codings: readonly string[];
}

/**
 * Checks that a response has the bytes that were requested, of the same file as the responses before it, and adds to
 * the request's facts.
 *
 * @returns What the response has; nothing where the server has no such bytes and does not say how many it has.
 * @throws {TransientError} When another try may do.
 * @throws {JoinError} When the response can't be joined to those before.
 * @throws {HttpError} When no try will do.
 */
export function checkResponse(
  response: Response,
  request: HttpRequest,
): ResponseFacts | undefined {
  const { headers, status } = response;
  const { url, from, to, facts, joinedTo } = request;
  const refuse = (reason: string): never => {
    throw new HttpError(reason, { url, position: from, status });
  };
  if (status !== 200 && status !== 206 && status !== 416) {
    const answer = `the server answered ${status} ${response.statusText}`.trimEnd();
    if (!isTransientStatus(status)) refuse(answer);
    throw new TransientError(answer, { status, wait: parseRetryAfter(headers) });
  }

  checkVersion(headers, request, status);
  const strongEtag = getStrongEtag(headers);
  const nothing: ResponseFacts = { first: from, end: from, strongEtag, codings: [] };
  const range = parseContentRange(headers);
  if (status === 416) {
    const total = range?.total ?? facts.total;
    if (total === undefined) return undefined;
    if (total !== from) {
      refuse(total < from || range ? `it has ${total} bytes` : "the server has no such bytes");
    }
    checkTotal(total, facts, refuse);
    return nothing;
  }

  const codings = parseContentCodings(headers);
  if (status === 206) {
    if (codings.length > 0) refuse(`the server compressed a part of it (${codings.join(", ")})`);
    if (!range) return refuse("the server answered 206 without saying what part it is");
    if (joinedTo !== undefined && strongEtag === undefined) refuseJoin(status);
    const { first, last, total } = range;
    checkTotal(total, facts, refuse);
    if (total !== undefined && total < from) refuse(`it has ${total} bytes`);
    // Some servers answer with a range that runs backwards.
    if (total === from || (total === undefined && first === from && last === from - 1)) {
      return nothing;
    }
    if (first === undefined || last === undefined || first !== from || last < from) {
      const part = first === undefined ? "no bytes" : `bytes ${first} to ${last}`;
      return refuse(`the server answered ${part} where others were asked for`);
    }
    if (total !== undefined && last >= total) {
      return refuse(`the server answered bytes ${first} to ${last} of ${total}`);
    }
    return { first, end: last + 1, strongEtag, codings };
  }

  const unknown = findUnknownCoding(response);
  const coding = codings.join(", ");
  if (from > 0 && joinedTo === undefined && coding) {
    refuse(
      `the server answered 200, with all of it, compressed (${coding}), where a part was asked for`,
    );
  }
  if (unknown) refuse(`the server compressed it (${unknown}), which cannot be undone here`);
  const size = coding ? undefined : parseContentLength(headers);
  const isPart = range !== undefined &&
    (range.first !== 0 || range.last !== (range.total ?? NaN) - 1);
  if (isPart && (from > 0 || to !== undefined)) {
    refuse(
      `the server answered 200, which means all of it, with a Content-Range, which means a part: ` +
        getHeader(headers, "content-range"),
    );
  }
  checkTotal(size, facts, refuse);
  if (coding) facts.encoded = true;
  if (joinedTo !== undefined) {
    if (strongEtag === undefined) refuseJoin(status);
    return { first: 0, end: size, strongEtag, codings };
  }
  if (from === 0) return { first: 0, end: size, strongEtag, codings };
  if (size === from) return nothing;
  if (size !== undefined && size < from) refuse(`it has ${size} bytes`);
  return refuse("the server answered 200, with all of it, where a part was asked for");
}

/** Throws an error with a reason. */
type Refuse = (reason: string) => never;

/** Refuses a response that names no file, which may be another than that of the bytes before. */
function refuseJoin(status: number): never {
  const reason = `the server answered ${status} without the strong ETag that would show it to be ` +
    "the same file";
  throw new JoinError(reason, { status, changed: false });
}

/**
 * Refuses a file that is another one than before: by its ETag, which must be the same where bytes are joined, and for
 * want of one by its date.
 */
function checkVersion(headers: Headers, request: HttpRequest, status: number): void {
  const { url, from, facts, joinedTo } = request;
  const etag = getHeader(headers, "etag");
  const lastModified = getHeader(headers, "last-modified");
  const before = joinedTo ?? facts.etag;
  let reason: string | undefined;
  if (etag !== undefined && before !== undefined) {
    // A weak ETag says the same of a file whose bytes may be others.
    const isSame = etag.replace(/^W\//, "") === before.replace(/^W\//, "");
    if (!isSame) reason = `it has changed: its ETag was ${before} and is ${etag}`;
  } else if (
    lastModified !== undefined && facts.lastModified !== undefined &&
    lastModified !== facts.lastModified
  ) {
    reason = `it has changed: it was of ${facts.lastModified} and is of ${lastModified}`;
  }
  if (reason !== undefined) {
    if (joinedTo !== undefined) throw new JoinError(reason, { status, changed: true });
    throw new HttpError(reason, { url, position: from, status });
  }
  facts.etag ??= etag;
  facts.lastModified ??= lastModified;
}

/** Refuses a file of another size than before. */
function checkTotal(total: number | undefined, facts: HttpFacts, refuse: Refuse): void {
  if (total !== undefined && facts.total !== undefined && total !== facts.total) {
    refuse(`it has changed: it had ${facts.total} bytes and has ${total}`);
  }
  facts.total ??= total;
}

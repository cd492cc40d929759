import type { HttpFacts, HttpRequest } from "./_http_request.ts";
import { TransientError } from "./_transient_error.ts";
import { HttpError } from "./http_error.ts";

/**
 * Checks that a response has the bytes that were requested, of the same file as the responses before it, and adds to
 * the request's facts.
 *
 * @returns The position before which the response ends, if it tells.
 * @throws {TransientError} When another try may do.
 * @throws {HttpError} When none will.
 */
export function checkResponse(response: Response, request: HttpRequest): number | undefined {
  const { status, headers } = response;
  const { url, from, to, facts } = request;
  const refuse = (reason: string): never => {
    throw new HttpError(reason, { url, position: from, status });
  };
  const range = parseContentRange(headers);

  if (status === 416) {
    if (range.total === from && to === undefined) return from;
    refuse(range.total === undefined ? "it has no such bytes" : `it has ${range.total} bytes`);
  }
  if (status !== 200 && status !== 206) {
    const answer = `the server answered ${status} ${response.statusText}`.trimEnd();
    if (status < 500 && ![408, 425, 429].includes(status)) refuse(answer);
    throw new TransientError(answer, { status, wait: parseRetryAfter(headers) });
  }

  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    if (from > 0 || to !== undefined) refuse(`the server compressed a part of it (${encoding})`);
    facts.encoded = true;
  }
  checkVersion(headers, facts, refuse);
  if (status === 200 && from > 0) {
    refuse("the server answered 200, with all of it, where a part was asked for");
  }
  const length = headers.get("content-length");
  const size = length === null || facts.encoded ? undefined : Number(length);
  checkTotal(status === 200 ? size : range.total, facts, refuse);
  if (status === 200) return size;

  const { first, last, total } = range;
  if (first === undefined || last === undefined) {
    return refuse("the server answered 206 without saying what part it is");
  }
  if (first !== from || last < from || (to !== undefined && last >= to)) {
    refuse(`the server answered bytes ${first} to ${last} where others were asked for`);
  }
  return to === undefined && total !== undefined ? total : last + 1;
}

/** Throws an error with a reason. */
type Refuse = (reason: string) => never;

/** Refuses a file that is another one than before, by its ETag or, for want of one, by its date. */
function checkVersion(headers: Headers, facts: HttpFacts, refuse: Refuse): void {
  const etag = headers.get("etag") ?? undefined;
  const lastModified = headers.get("last-modified") ?? undefined;
  if (etag !== undefined && facts.etag !== undefined) {
    if (etag !== facts.etag) {
      refuse(`it has changed: its ETag was ${facts.etag} and is ${etag}`);
    }
  } else if (
    lastModified !== undefined && facts.lastModified !== undefined &&
    lastModified !== facts.lastModified
  ) {
    refuse(`it has changed: it was of ${facts.lastModified} and is of ${lastModified}`);
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

/** The content of a `Content-Range` header: the first and the last byte of the part, and the file's size. */
interface ContentRange {
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly total?: number | undefined;
}

function parseContentRange(headers: Headers): ContentRange {
  const text = headers.get("content-range") ?? "";
  const [first, last, total] = (/^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(text) ?? []).slice(1)
    .map((digits) => digits === undefined || digits === "*" ? undefined : Number(digits));
  return { first, last, total };
}

/** Gives the milliseconds of a `Retry-After` header, which has seconds or a date. */
function parseRetryAfter(headers: Headers): number {
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(time) ? Math.max(time, 0) : 0;
}

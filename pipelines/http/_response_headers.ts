/** Gets a header; one that was sent several times, always the same, counts once. */
export function getHeader(headers: Headers, name: string): string | undefined {
  return headers.get(name)?.replace(/^(.+?)(?:\s*,\s*\1)+$/, "$1");
}

/** Gets the ETag, if it is a strong one, which another file never has. */
export function getStrongEtag(headers: Headers): string | undefined {
  const etag = getHeader(headers, "etag");
  return etag !== undefined && isStrongEtag(etag) ? etag : undefined;
}

/** Tells whether an ETag is a strong one. */
export const isStrongEtag = (etag: string): boolean => /^"[^"]*"$/.test(etag);

/** The content of a `Content-Range` header: the first and the last byte of the part, and the file's size. */
export interface ContentRange {
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly total: number | undefined;
}

/** Parses the `Content-Range`; gives nothing where there is none, or one that can't be read or is too large to be true. */
export function parseContentRange(headers: Headers): ContentRange | undefined {
  const text = getHeader(headers, "content-range") ?? "";
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(text.trim());
  if (!match) return undefined;
  const [first, last, total] = match.slice(1)
    .map((digits) => digits === undefined || digits === "*" ? undefined : Number(digits));
  const isExact = [first, last, total].every((n) => n === undefined || Number.isSafeInteger(n));
  return isExact ? { first, last, total } : undefined;
}

/** Parses the `Content-Length`, which says little where the content is compressed. */
export function parseContentLength(headers: Headers): number | undefined {
  const text = getHeader(headers, "content-length") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * Gives the codings that a response's content went through, such as `gzip`, in lower case and in the order in which they
 * were applied. `identity`, which changes nothing, is left out.
 */
export function parseContentCodings(headers: Headers): string[] {
  return (headers.get("content-encoding") ?? "").toLowerCase().split(",")
    .map((coding) => coding.trim().replace(/^x-/, ""))
    .filter((coding) => coding !== "" && coding !== "identity");
}

/** Gives the milliseconds of a `Retry-After` header, which has seconds or a date. */
export function parseRetryAfter(headers: Headers): number {
  const text = getHeader(headers, "retry-after");
  if (text === undefined) return 0;
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(time) ? Math.max(time, 0) : 0;
}

import { httpBytes, type HttpRequest } from "./_http_bytes.ts";
import { HttpError } from "./http_error.ts";
import type { HttpOptions } from "./http_options.ts";

/**
 * The bytes of a part of a file, all of them.
 *
 * @throws {HttpError} When there are not as many.
 */
export async function readRange(
  request: HttpRequest & { readonly to: number },
  options: HttpOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { url, from, to, facts } = request;
  const bytes = new Uint8Array(to - from);
  let filled = 0;
  if (bytes.length === 0) return bytes;
  for await (const chunk of httpBytes(request, options)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled === bytes.length) return bytes;
  const size = facts.total ?? from + filled;
  throw new HttpError(`it has ${size} bytes: ${to} are needed`, { url, position: from + filled });
}

import { decompress } from "../_bytes/decompress.ts";
import { gunzip } from "../formats/gzip/gunzip.ts";
import { parseContentCodings } from "./_response_headers.ts";

/** Gives the next chunk, or nothing at the end. */
export type Pull = () => Promise<Uint8Array<ArrayBuffer> | undefined>;

/** Finds the coding of a response that neither the engine has undone nor {@linkcode decodeContent} can. */
export function findUnknownCoding(response: Response): string | undefined {
  const codings = parseContentCodings(response.headers);
  if (isDecodedByEngine(response)) {
    // Engines leave the content as it is where they don't know one of its codings, and some don't know `identity`.
    const text = codings.length > 0 ? response.headers.get("content-encoding")! : "";
    return /^(?:(?:x-)?gzip|deflate|br|[,\s])*$/i.test(text) ? undefined : text;
  }
  return codings.find((coding) => coding !== "gzip" && !FORMATS[coding]?.some(isSupported));
}

/**
 * Tells whether an engine's own `fetch` has undone a response's codings and has left them in the header, as Node and
 * browsers do whatever was asked for. Deno does so only where the request leaves the codings to it.
 */
export function isDecodedByEngine(response: Response): boolean {
  return response.type !== "default" && !("Deno" in globalThis);
}

/**
 * Undoes the codings of a response's content. What goes wrong with the connection is thrown as it is.
 *
 * @throws {Error} When the content is damaged.
 */
export function decodeContent(codings: readonly string[], pull: Pull): Pull {
  return codings.reduceRight<Pull>((inner, coding) => {
    const chunks = (coding === "gzip" ? gunzip()(pullAll(inner)) : inflate(coding, inner))
      [Symbol.asyncIterator]();
    return async () => {
      const { done, value } = await chunks.next();
      return done ? undefined : value;
    };
  }, pull);
}

/** The formats of a coding, in the order in which they are tried. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  deflate: ["deflate", "deflate-raw"],
  br: ["brotli"],
};

function isSupported(format: string): boolean {
  try {
    return new DecompressionStream(format as CompressionFormat) !== undefined;
  } catch {
    return false;
  }
}

async function* pullAll(pull: Pull): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let chunk; (chunk = await pull());) yield chunk;
}

async function* inflate(
  coding: string,
  pull: Pull,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let first: Uint8Array<ArrayBuffer> | undefined;
  do first = await pull(); while (first?.length === 0);
  if (!first) return; // Nothing, compressed by a server that didn't look.
  // `deflate` means zlib's format, whose header some servers leave out: its method is 8.
  const isRaw = coding === "deflate" && (first[0]! & 15) !== 8;
  const format = FORMATS[coding]?.[isRaw ? 1 : 0] ?? coding;
  let tail: number[] = [];
  let next: typeof first | undefined = first;
  const chunks = decompress(format as CompressionFormat, async () => {
    const chunk = next ?? await pull();
    next = undefined;
    if (chunk) tail = [...tail, ...chunk.subarray(-4)].slice(-4);
    return chunk;
  });
  if (format !== "deflate") return yield* chunks;
  // Some engines take a stream of zlib's that is cut short for a whole one: at its end is its Adler-32.
  let sums: [number, number] = [1, 0];
  for await (const chunk of chunks) {
    sums = addToAdler(chunk, sums);
    yield chunk;
  }
  const [low, high] = sums;
  const expected = [high >> 8, high & 255, low >> 8, low & 255];
  if (expected.some((byte, i) => byte !== tail[i])) throw new TypeError("it is cut short");
}

/** Adds bytes to the two sums of an Adler-32. */
function addToAdler(bytes: Uint8Array, [low, high]: readonly [number, number]): [number, number] {
  for (let start = 0; start < bytes.length;) {
    // So many that the sums stay integers of 32 bits.
    const end = Math.min(start + 3800, bytes.length);
    for (; start < end; start++) high += low += bytes[start]!;
    low %= 65521;
    high %= 65521;
  }
  return [low, high];
}

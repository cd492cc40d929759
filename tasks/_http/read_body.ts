import { RequestError } from "./respond.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bounds of a request's body. */
export interface BodyLimits {
  /** The most bytes. */
  readonly bytes: number;
  /** The longest that it may take to come, in milliseconds. */
  readonly time: number;
}

/**
 * Reads the body of a request.
 *
 * @throws {RequestError} With status 413 if it is larger than it may be, also where its length isn't told before; 408 if it
 * takes too long to come, 400 if it ends early.
 */
export async function readBody(
  { body, headers }: Pick<Request, "body" | "headers">,
  { bytes, time }: BodyLimits,
): Promise<Bytes> {
  const tooLarge = () =>
    new RequestError(
      413,
      `Cannot take the request as its body is larger than ${formatMegabytes(bytes)}`,
      { connection: "close" },
    );
  if (Number(headers.get("content-length") ?? 0) > bytes) throw tooLarge();
  if (!body) return new Uint8Array();
  const chunks: Bytes[] = [];
  let size = 0;
  const reader = body.getReader();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const message = `Cannot take the request as its body takes longer than ${time / 1000} s`;
  const timer = setTimeout(() => reject(new RequestError(408, message)), time);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      size += value.length;
      if (size > bytes) throw tooLarge();
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    if (error instanceof RequestError) throw error;
    throw new RequestError(400, "Cannot take the request as its body ends early");
  } finally {
    clearTimeout(timer);
  }
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const formatMegabytes = (bytes: number): string => `${bytes / 1e6} MB`;

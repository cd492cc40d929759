import type { Decoder, Outcome } from "./decoder.ts";

/**
 * Has a decoder read an input, as one chunk and as many.
 *
 * @throws {Error} What the decoder threw, where that is no refusal; or that the chunks made a difference.
 */
export async function runDecoder(decoder: Decoder, input: Uint8Array): Promise<Outcome> {
  const whole = await runDecoderOn(decoder, [new Uint8Array(input)]);
  // A size that depends on nothing but the input, so that a saved one fails again, and makes two chunks at least.
  const size = 1 + (7919 * input.length) % Math.min(Math.max(input.length >> 1, 1), 61);
  const chunks = Array.from(
    { length: Math.ceil(input.length / size) },
    (_, i) => new Uint8Array(input.subarray(i * size, (i + 1) * size)),
  );
  const cut = await runDecoderOn(decoder, chunks);
  if (cut !== whole) throw new Error(`${whole} as one chunk, ${cut} as chunks of ${size}`);
  return whole;
}

async function runDecoderOn(
  { decode, errors }: Decoder,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<Outcome> {
  try {
    await decode(chunks);
    return "read";
  } catch (error) {
    if (errors.some((type) => error instanceof type)) return "refused";
    throw error;
  }
}

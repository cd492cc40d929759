import type { Decoder, Outcome } from "./decoder.ts";

/**
 * Runs a decoder on an input, as one chunk and as many.
 *
 * @param folder Where it may write.
 * @throws {Error} If the decoder threw anything but a refusal, or if the chunks made a difference.
 */
export async function runDecoder(
  decoder: Decoder,
  input: Uint8Array,
  folder: string,
): Promise<Outcome> {
  const whole = await runDecoderOn(decoder, [new Uint8Array(input)], folder);
  // The size depends on the input alone, so that a saved one fails again, and gives at least two chunks.
  const size = 1 + (7919 * input.length) % Math.min(Math.max(input.length >> 1, 1), 61);
  const chunks = Array.from(
    { length: Math.ceil(input.length / size) },
    (_, i) => new Uint8Array(input.subarray(i * size, (i + 1) * size)),
  );
  const cut = await runDecoderOn(decoder, chunks, folder);
  if (cut !== whole) throw new Error(`${whole} as one chunk, ${cut} as chunks of ${size}`);
  return whole;
}

async function runDecoderOn(
  { decode, errors }: Decoder,
  chunks: readonly Uint8Array<ArrayBuffer>[],
  folder: string,
): Promise<Outcome> {
  try {
    await decode(chunks, folder);
    return "read";
  } catch (error) {
    if (errors.some((type) => error instanceof type)) return "refused";
    throw error;
  }
}

/** The name of a frame that asks for many inputs, which are made where they are decoded. No decoder is called so. */
export const ROUND = "";

/** What such a frame has as JSON. */
export interface RoundRequest {
  readonly name: string;
  readonly seed: number;
  readonly numRuns: number;
}

/** Encodes a decoder's name and an input for the target process. */
export function encodeFrame(name: string, input: Uint8Array): Uint8Array<ArrayBuffer> {
  const nameBytes = new TextEncoder().encode(name);
  const frame = new Uint8Array(8 + nameBytes.length + input.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, nameBytes.length);
  view.setUint32(4, input.length);
  frame.set(nameBytes, 8);
  frame.set(input, 8 + nameBytes.length);
  return frame;
}

/** Decodes the frames of {@linkcode encodeFrame}, one after the other, until the stream ends. */
export async function* decodeFrames(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly name: string; readonly input: Uint8Array }, void, undefined> {
  let rest = new Uint8Array();
  for await (const chunk of source) {
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    rest = bytes;
    while (rest.length >= 8) {
      const view = new DataView(rest.buffer, rest.byteOffset);
      const start = 8 + view.getUint32(0);
      const end = start + view.getUint32(4);
      if (rest.length < end) break;
      yield {
        name: new TextDecoder().decode(rest.subarray(8, start)),
        input: rest.subarray(start, end),
      };
      rest = rest.subarray(end);
    }
  }
}

import type { Network } from "../../layers/network.ts";
import * as ops from "../../ops/_ops.ts";
import type { NamedTensor } from "../../weights/_stream_tensors.ts";
import { encodeSafetensors } from "../../weights/encode_safetensors.ts";

/** A name and a shape. */
export type NamedShape = readonly [name: string, shape: readonly number[]];

/** Lists the names and shapes of a network's parameters and buffers, in order. */
export const listShapes = ({ parameters, buffers }: Network): NamedShape[] =>
  [...parameters, ...buffers].map(({ name, shape }) => [name, shape]);

/** Encodes tensors whose names and shapes are known before. With `release` the memory of each part is given back once the next is asked for. */
export async function* encodeTensors(
  shapes: readonly NamedShape[],
  tensors: AsyncIterable<NamedTensor>,
  { metadata, release }: {
    readonly metadata: Readonly<Record<string, string>>;
    readonly release: boolean;
  },
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield encodeHeader(shapes, metadata);
  for await (const [, { data }] of tensors) {
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (release) ops.releaseNumbers(data);
  }
}

/** Encodes the header of a file, which depends on names and shapes alone. */
function encodeHeader(
  shapes: readonly NamedShape[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const counts = shapes.map(([, shape]) => shape.reduce((a, b) => a * b, 1));
  // Never touched, so that the system gives no memory for it.
  const numbers = new Float32Array(Math.max(0, ...counts));
  const [header = new Uint8Array()] = encodeSafetensors(
    Object.fromEntries(
      shapes.map(([name, shape], i) => [
        name,
        { shape: [...shape], data: numbers.subarray(0, counts[i]) },
      ]),
    ),
    metadata,
  );
  return header;
}

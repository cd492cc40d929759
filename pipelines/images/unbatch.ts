/**
 * The examples of batches, one by one.
 *
 * @module
 */

import { flatMapItems } from "../items/_flat_map_items.ts";
import { checkBatch } from "../data/_image_data.ts";
import type { Example } from "../data/example.ts";
import type { ImageData } from "../data/image.ts";
import type { Batch } from "../data/batch.ts";

export { StageError } from "../stage/stage_error.ts";
export type { Batch } from "../data/batch.ts";

/**
 * Gives the examples of batches one by one: the reverse of {@linkcode batch}. Holds one batch.
 *
 * The images are views of the batch's array, not copies.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, unbatch } from "@rill/rill/pipelines";
 *
 * const examples = [1, 2, 3].map((label): Example => ({
 *   image: { data: Uint8Array.of(label), height: 1, width: 1, channels: 1 },
 *   label,
 * }));
 * const same = pipe(ReadableStream.from(examples), batch(2), unbatch(), batch(3), unbatch());
 * assertEquals(await collect(same), examples);
 * ```
 *
 * @returns The stage. A batch whose shape does not fit its data fails the stream with a {@linkcode StageError}.
 */
export function unbatch(): <D extends ImageData>(
  source: AsyncIterable<Batch<D>>,
) => AsyncIterable<Example<D>> {
  return <D extends ImageData>(source: AsyncIterable<Batch<D>>) =>
    flatMapItems("unbatch", source, (batch: Batch<D>) => {
      checkBatch(batch);
      return listExamples(batch);
    });
}

function* listExamples<D extends ImageData>(
  { images: { data, shape }, labels, size }: Batch<D>,
): Generator<Example<D>, void, undefined> {
  const [, height, width, channels] = shape;
  const length = height * width * channels;
  for (let i = 0; i < size; i++) {
    const view = data.subarray(i * length, (i + 1) * length) as D;
    yield { image: { data: view, height, width, channels }, label: labels[i]! };
  }
}

import type { TrainingBatch } from "../../../models/mod.ts";
import type { TrainLoad } from "./train_load.ts";

/** Makes a batch of noise: a step takes as long on it as on images. */
export function makeRandomBatch(
  { side, batchSize, channels = 1 }: TrainLoad & { readonly channels?: number },
  seed: number,
): TrainingBatch {
  let word = seed + 1;
  const data = Float32Array.from({ length: batchSize * side ** 2 * channels }, () => {
    word = Math.imul(word, 1664525) + 1013904223 | 0;
    return (word >>> 8) / 2 ** 24;
  });
  return {
    images: { data, shape: [batchSize, side, side, channels] },
    labels: Int32Array.from({ length: batchSize }, (_, i) => (i + seed) % 10),
    size: batchSize,
  };
}

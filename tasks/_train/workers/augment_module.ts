// The module by which workers make the stages of `--augment`.
import { flow } from "fp-ts/lib/function.js";
import {
  type Example,
  flipHorizontal,
  pcaLighting,
  randomCrop,
  randomErasing,
  resize,
  type Stage,
  trivialAugment,
} from "../../../pipelines/mod.ts";
import type { AugmentationParameters } from "../../_data/prepare_images.ts";
import type { AugmentName } from "../settings/train_settings.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type ImageStage = Stage<Example<Bytes>, Example<Bytes>>;

/**
 * Makes the stages of an augmentation, which draw by the run's seed, the epoch and their places. `standard` and `strong` are given
 * a random part of each picture, which comes first.
 */
export default function createAugmentation(
  { side, channels, options: { policy } }: AugmentationParameters,
): ImageStage {
  const size = { height: side, width: side };
  const stages: Readonly<Record<Exclude<AugmentName, "none">, () => ImageStage>> = {
    flip: () => flipHorizontal()<Bytes>,
    light: () =>
      flow(
        flipHorizontal()<Bytes>,
        randomCrop({ ...size, padding: Math.max(1, Math.round(side / 14)) })<Bytes>,
      ),
    standard: () =>
      flow(
        resize(size)<Bytes>,
        flipHorizontal()<Bytes>,
      ),
    strong: () =>
      flow(
        resize(size)<Bytes>,
        flipHorizontal()<Bytes>,
        trivialAugment(),
        randomErasing({ probability: 0.25 })<Bytes>,
      ),
    alexnet: () =>
      channels === 3
        ? flow(randomCrop(size)<Bytes>, flipHorizontal()<Bytes>, pcaLighting()<Bytes>)
        : flow(randomCrop(size)<Bytes>, flipHorizontal()<Bytes>),
  };
  return stages[policy as Exclude<AugmentName, "none">]();
}

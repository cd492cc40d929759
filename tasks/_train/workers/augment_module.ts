// The module by which workers make the stages of `--augment`.
import { flow } from "fp-ts/lib/function.js";
import {
  type Example,
  flipHorizontal,
  pcaLighting,
  randomCrop,
  randomErasing,
  randomResizedCrop,
  type Stage,
  trivialAugment,
  withSeed,
} from "../../../pipelines/mod.ts";
import type { AugmentationParameters } from "../../_data/prepare_images.ts";
import type { AugmentName } from "../settings/train_settings.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type ImageStage = Stage<Example<Bytes>, Example<Bytes>>;

/** Makes the stages of an augmentation, which draw by the seed, the epoch and their places. */
export default function createAugmentation(
  { seed, epoch, side, channels, options: { policy } }: AugmentationParameters,
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
        randomResizedCrop({ ...size, scale: [0.35, 1] })<Bytes>,
        flipHorizontal()<Bytes>,
      ),
    strong: () =>
      flow(
        randomResizedCrop({ ...size, scale: [0.35, 1] })<Bytes>,
        flipHorizontal()<Bytes>,
        trivialAugment(),
        randomErasing({ probability: 0.25 })<Bytes>,
      ),
    alexnet: () =>
      channels === 3
        ? flow(randomCrop(size)<Bytes>, flipHorizontal()<Bytes>, pcaLighting()<Bytes>)
        : flow(randomCrop(size)<Bytes>, flipHorizontal()<Bytes>),
  };
  return flow(
    withSeed({ seed, epoch })<Example<Bytes>>,
    stages[policy as Exclude<AugmentName, "none">](),
  );
}

import { checkInteger } from "../../_arguments/check_integer.ts";
import { roundHalfEven } from "../operations/_middle.ts";
import type { ByteImage } from "../operations/_color_bytes.ts";
import type { WarpOptions } from "../operations/_warp_options.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "../operations/adjust.ts";
import { affineImage, rotateImage } from "../operations/affine.ts";
import { adjustSharpness } from "../operations/sharpness.ts";
import {
  autoContrastImage,
  equalizeImage,
  posterizeImage,
  solarizeImage,
} from "../operations/tones.ts";

// The operations of torchvision's RandAugment and TrivialAugmentWide, in their order, with their magnitudes.

/** An operation of a policy, which may do more or less. */
export interface PolicyOperation {
  /** Gives the magnitude of a level, from 0 to one below the number of levels. */
  readonly magnitude: (level: number, levels: number, image: ByteImage) => number;
  /** Whether the magnitude is as often negative as positive. */
  readonly signed: boolean;
  readonly apply: (image: ByteImage, magnitude: number, warp: Required<WarpOptions>) => ByteImage;
}

/** How far the operations of a policy go. */
interface PolicyLimits {
  readonly shear: number;
  /** The greatest move along a side of so many pixels. */
  readonly translate: (side: number) => number;
  readonly rotate: number;
  /** The greatest change of the factors of brightness, color, contrast and sharpness, from 1. */
  readonly factor: number;
  /** The greatest number of bits that are dropped. */
  readonly posterize: number;
}

/** Makes the list of a policy's operations. */
function listOperations(
  { shear, translate, rotate, factor, posterize }: PolicyLimits,
): readonly PolicyOperation[] {
  const upTo = (limit: number): PolicyOperation["magnitude"] => (level, levels) =>
    spaceEvenly(0, limit, levels, level);
  const change = (
    fn: (image: ByteImage, factor: number) => ByteImage,
  ): PolicyOperation => ({
    magnitude: upTo(factor),
    signed: true,
    apply: (image, magnitude) => fn(image, 1 + magnitude),
  });
  return [
    fixed((image) => image),
    { magnitude: upTo(shear), signed: true, apply: shearBy((angle) => [angle, 0]) },
    { magnitude: upTo(shear), signed: true, apply: shearBy((angle) => [0, angle]) },
    {
      magnitude: (level, levels, { width }) => spaceEvenly(0, translate(width), levels, level),
      signed: true,
      apply: (image, magnitude, warp) =>
        affineImage(image, { ...warp, translate: [Math.trunc(magnitude), 0] }),
    },
    {
      magnitude: (level, levels, { height }) => spaceEvenly(0, translate(height), levels, level),
      signed: true,
      apply: (image, magnitude, warp) =>
        affineImage(image, { ...warp, translate: [0, Math.trunc(magnitude)] }),
    },
    {
      magnitude: upTo(rotate),
      signed: true,
      apply: (image, angle, warp) => rotateImage(image, { ...warp, angle }),
    },
    change(adjustBrightness),
    change(adjustSaturation),
    change(adjustContrast),
    change(adjustSharpness),
    {
      magnitude: (level, levels) => 8 - roundHalfEven(level / ((levels - 1) / posterize)),
      signed: false,
      apply: posterizeImage,
    },
    {
      magnitude: (level, levels) => spaceEvenly(255, 0, levels, level),
      signed: false,
      apply: solarizeImage,
    },
    fixed(autoContrastImage),
    fixed(equalizeImage),
  ];
}

/**
 * Refuses levels of which there are not at least two, as a range has two ends.
 *
 * @throws {RangeError} As `Cannot augment with 1 magnitude bins: the number must be an integer of at least 2`.
 */
export const checkBins = (bins: number): void =>
  checkInteger(`augment with ${bins} magnitude bins`, "number", bins, { min: 2 });

const fixed = (apply: (image: ByteImage) => ByteImage): PolicyOperation => ({
  magnitude: () => 0,
  signed: false,
  apply,
});

const shearBy =
  (shear: (angle: number) => readonly [number, number]): PolicyOperation["apply"] =>
  (image, magnitude, warp) => {
    const angle = Math.atan(magnitude) * (180 / Math.PI);
    return affineImage(image, { ...warp, shear: shear(angle), center: [0, 0] });
  };

/**
 * Gives one of `steps` numbers from `start` to `end`, rounded to single precision once. `torch.linspace` rounds several
 * times, how often depends on the processor, so its last bit may be another.
 */
const spaceEvenly = (start: number, end: number, steps: number, at: number): number =>
  Math.fround(start + (end - start) * at / (steps - 1));

/** Lists the operations of RandAugment. */
export const listUsualOperations = (): readonly PolicyOperation[] =>
  listOperations({
    shear: 0.3,
    translate: (side) => 150 / 331 * side,
    rotate: 30,
    factor: 0.9,
    posterize: 4,
  });

/** Lists the operations of TrivialAugment in its wide version. */
export const listWideOperations = (): readonly PolicyOperation[] =>
  listOperations({
    shear: 0.99,
    translate: () => 32,
    rotate: 135,
    factor: 0.99,
    posterize: 6,
  });

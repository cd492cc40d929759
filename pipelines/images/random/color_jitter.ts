/**
 * Changes brightness, contrast, saturation and hue of images at random.
 *
 * @module
 */

import { checkNumber, checkRange } from "../../_arguments/check_number.ts";
import type { Example } from "../../data/example.ts";
import { type Draws, seedDraws } from "../../random/_draws.ts";
import { makeRandomStage } from "../../random/_random_stage.ts";
import type { RandomOptions } from "../../random/random_options.ts";
import type { Stage } from "../../stage/stage.ts";
import { brighten, changeContrast, saturate, turnHue } from "../operations/_adjust.ts";
import type { Range } from "../_box.ts";
import { type ByteImage, checkColorBytes } from "../operations/_color_bytes.ts";

export type { RandomOptions } from "../../random/random_options.ts";
export { StageError } from "../../stage/stage_error.ts";

/** Options of {@linkcode colorJitter}. */
export interface ColorJitterOptions extends RandomOptions {
  /**
   * How much the brightness changes: a number `x` for a factor from `1 - x`, but at least 0, to `1 + x`; or the least
   * and the greatest factor.
   *
   * @default {0}
   */
  readonly brightness?: number | readonly [number, number];
  /**
   * How much the contrast changes, likewise.
   *
   * @default {0}
   */
  readonly contrast?: number | readonly [number, number];
  /**
   * How much the saturation changes, likewise.
   *
   * @default {0}
   */
  readonly saturation?: number | readonly [number, number];
  /**
   * How much the hue changes: a number `x` up to 0.5 for a turn from `-x` to `x` of the whole circle; or the least and
   * the greatest turn.
   *
   * @default {0}
   */
  readonly hue?: number | readonly [number, number];
}

/**
 * Changes brightness, contrast, saturation and hue of images at random and in random order, like torchvision's
 * `ColorJitter` of Pillow's images: each factor is uniform in its range, all orders are equally likely, and the bytes
 * are those of {@linkcode adjustBrightness}, {@linkcode adjustContrast}, {@linkcode adjustSaturation} and {@linkcode
 * adjustHue}. A gray image has brightness and contrast only. An example that does not change is passed on as it is.
 * Holds one example.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, colorJitter } from "@rill/rill/pipelines";
 *
 * const image = { data: Uint8Array.of(200, 100, 50), height: 1, width: 1, channels: 3 };
 * const jitter = colorJitter({ brightness: [0.5, 0.5], seed: 1, epoch: 0 });
 * const [example] = await collect(jitter(ReadableStream.from([{ image, label: 0 }])));
 * assertEquals(example?.image.data, Uint8Array.of(100, 50, 25));
 * ```
 *
 * @param options How much changes, and the seed where it is not the pipeline's.
 * @returns The stage. It fails with a {@linkcode StageError} at an image that is not of bytes, has not 1 or 3 channels,
 * or whose shape does not fit its data.
 * @throws {RangeError} When a number of `brightness`, `contrast` or `saturation` is below 0, one of `hue` is not from
 * -0.5 to 0.5, a range is not in order, or `seed` or `epoch` is not an integer of at least 0.
 */
export function colorJitter(
  { brightness = 0, contrast = 0, saturation = 0, hue = 0, ...random }: ColorJitterOptions = {},
): Stage<Example<Uint8Array<ArrayBuffer>>, Example<Uint8Array<ArrayBuffer>>> {
  const ranges: Ranges = {
    brightness: toFactorRange("brightness", brightness),
    contrast: toFactorRange("contrast", contrast),
    saturation: toFactorRange("saturation", saturation),
    hue: toTurnRange(hue),
  };
  const drawsOf = seedDraws("colorJitter", "jitter", random);
  return makeRandomStage(drawsOf, {
    name: "jitter",
    each: (example: Example<Uint8Array<ArrayBuffer>>, draws) => {
      checkColorBytes(example.image);
      const image = jitter(example.image, ranges, draws);
      return image === example.image ? example : { image, label: example.label };
    },
  });
}

type Ranges = Readonly<Record<"brightness" | "contrast" | "saturation" | "hue", Range>>;

function jitter(image: ByteImage, ranges: Ranges, draws: Draws): ByteImage {
  // All are drawn, whether needed or not, so that no option changes the numbers of another one.
  const order = drawOrder(draws);
  const brightness = draws.between(ranges.brightness);
  const contrast = draws.between(ranges.contrast);
  const saturation = draws.between(ranges.saturation);
  const hue = draws.between(ranges.hue);
  const { height, width, channels } = image;
  // The first change makes a copy, and the others work on that.
  let result = image;
  const change = (fn: typeof brighten, factor: number) => {
    const data = result === image ? new Uint8Array(image.data.length) : result.data;
    fn(result, factor, data);
    result = { data, height, width, channels };
  };
  for (const step of order) {
    if (step === 0 && brightness !== 1) change(brighten, brightness);
    if (step === 1 && contrast !== 1) change(changeContrast, contrast);
    if (channels === 1) continue;
    if (step === 2 && saturation !== 1) change(saturate, saturation);
    if (step === 3 && hue !== 0) change(turnHue, Math.trunc(hue * 255));
  }
  return result;
}

/** Draws an order of the numbers from 0 to 3, by three draws. */
function drawOrder(draws: Draws): number[] {
  const order = [0, 1, 2, 3];
  for (let last = 3; last > 0; last--) {
    const chosen = draws.below(last + 1);
    [order[chosen], order[last]] = [order[last]!, order[chosen]!];
  }
  return order;
}

function toFactorRange(name: string, value: number | Range): Range {
  if (typeof value === "number") {
    checkNumber(`jitter with a ${name} of ${value}`, name, value, { min: 0 });
    return [Math.max(1 - value, 0), 1 + value];
  }
  checkRange("jitter", name, value, { min: 0 });
  return [value[0], value[1]];
}

function toTurnRange(value: number | Range): Range {
  if (typeof value === "number") {
    checkNumber(`jitter with a hue of ${value}`, "hue", value, { min: 0, max: 0.5 });
    return [-value, value];
  }
  checkRange("jitter", "hue", value, { min: -0.5, max: 0.5 });
  return [value[0], value[1]];
}

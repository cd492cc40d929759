/**
 * Images, batches and predictions as pictures.
 *
 * @module
 */

import { topK } from "../../models/metrics/top_k.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import type { Image, ImageData } from "../../pipelines/data/image.ts";
import { encodeBase64 } from "./_base64.ts";
import { enlarge, type SampleRange, toByteImages } from "./_image_bytes.ts";
import { checkGrid, drawGrid, type GridOptions, type Tile } from "./_image_grid.ts";
import { type Display, makeDisplay } from "./display.ts";

export type { Image, ImageData } from "../../pipelines/data/image.ts";
export type { Display } from "./display.ts";
export type { SampleRange } from "./_image_bytes.ts";
export type { GridOptions } from "./_image_grid.ts";

/** How one image is shown. */
export interface DisplayImageOptions {
  /**
   * How many pixels wide and high each of its pixels is shown.
   *
   * @default {as many as make a small image 256 pixels large, and 1 for a large one}
   */
  readonly scale?: number;
  /**
   * What is black and what is white among floats.
   *
   * @default {its least and its largest}
   */
  readonly range?: SampleRange;
}

/**
 * Displays an image as a picture: of 1 (gray), 2 (gray and alpha), 3 (RGB) or 4 channels (RGBA), of bytes or floats.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayImage, jupyterDisplay } from "@rill/rill/display";
 *
 * const image = { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 };
 * const display = displayImage(image); // in a notebook the last line of a cell
 * const formats = await display[jupyterDisplay]();
 * assertEquals(Object.keys(formats), ["text/plain", "image/png"]);
 * assertEquals(formats["text/plain"], "an image of 1 × 2 × 1");
 * ```
 *
 * @param image The image.
 * @param options How large its pixels are.
 * @returns What a notebook shows.
 * @throws {RangeError} If the scale isn't an integer of at least 1, or the range isn't one.
 */
export function displayImage(
  image: Image,
  { scale = Math.max(1, Math.floor(256 / Math.max(image.width, image.height))), range }:
    DisplayImageOptions = {},
): Display {
  checkGrid({ size: scale, ...range && { range } });
  return makeDisplay(async () => {
    const bytes = toByteImages([image], range)[0]!;
    return {
      "text/plain": `an image of ${formatSize(image)}`,
      "image/png": encodeBase64(await encodePng(enlarge(bytes, scale))),
    };
  });
}

/** How images are shown. */
export interface DisplayImagesOptions extends GridOptions {
  /**
   * What stands below each image; `\n` begins a second line.
   *
   * @default {nothing}
   */
  readonly captions?: readonly string[];
}

/**
 * Displays images side by side, such as those of a data set or the filters of a layer.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { displayImages, jupyterDisplay } from "@rill/rill/display";
 *
 * const image = { data: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 };
 * const display = displayImages([image, image], { captions: ["boot", "coat"] });
 * const formats = await display[jupyterDisplay]();
 * assertStringIncludes(formats["text/plain"], "2 images of 1 × 2 × 1: boot, coat");
 * assertStringIncludes(formats["image/svg+xml"] ?? "", "<svg ");
 * ```
 *
 * @param images The images, of any shapes.
 * @param options The captions and the layout.
 * @returns What a notebook shows.
 * @throws {RangeError} If there are captions, but not one for each image, or the layout can't be.
 */
export function displayImages(
  images: readonly Image[],
  { captions, ...grid }: DisplayImagesOptions = {},
): Display {
  if (captions && captions.length !== images.length) {
    throw new RangeError(
      `Cannot display ${images.length} images with ${captions.length} captions: there must be one for each`,
    );
  }
  return displayTiles(
    images.map((image, i) => ({ image, lines: captions?.[i]?.split("\n") ?? [] })),
    grid,
  );
}

/** A batch to be seen: that of the stage `batch`, also without its labels. */
export interface DisplayedBatch {
  /** The images, `[size, height, width, channels]`. */
  readonly images: {
    readonly data: ImageData | Float32Array | Uint8Array;
    readonly shape: readonly number[];
  };
  /** The index of each image's class. */
  readonly labels?: ArrayLike<number>;
  /** How many images the batch holds. */
  readonly size: number;
}

/** How a batch is shown. */
export interface DisplayBatchOptions extends GridOptions {
  /**
   * The names of the classes.
   *
   * @default {their numbers}
   */
  readonly classes?: readonly string[];
}

/**
 * Displays the images of a batch with their classes.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayBatch, jupyterDisplay } from "@rill/rill/display";
 *
 * const batch = {
 *   images: { data: Float32Array.of(-1, 1, 1, -1), shape: [2, 1, 2, 1] },
 *   labels: Int32Array.of(1, 0),
 *   size: 2,
 * };
 * const display = displayBatch(batch, { classes: ["boot", "coat"], range: [-1, 1] });
 * const formats = await display[jupyterDisplay]();
 * assertEquals(formats["text/plain"], "2 images of 1 × 2 × 1: coat, boot");
 * ```
 *
 * @param batch The batch, as it goes into a network.
 * @param options The names of the classes, and the layout.
 * @returns What a notebook shows.
 * @throws {RangeError} If the batch isn't one of images, or the layout can't be.
 */
export function displayBatch(batch: DisplayedBatch, options: DisplayBatchOptions = {}): Display {
  const { classes, ...grid } = options;
  const { labels } = batch;
  return displayTiles(
    listImages(batch).map((image, i) => ({
      image,
      lines: labels ? [nameClass(labels[i]!, classes)] : [],
    })),
    grid,
  );
}

/** How predictions are shown. */
export interface DisplayPredictionsOptions extends DisplayBatchOptions {
  /**
   * Whether only those are shown that are wrong, the surest first.
   *
   * @default {false}
   */
  readonly mistakesOnly?: boolean;
}

/**
 * Displays the images of a batch with what they were taken for: the class with the largest logit and its probability by the softmax of
 * all. Where the batch has labels, a wrong one is red, with what it is below it.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayPredictions, jupyterDisplay } from "@rill/rill/display";
 *
 * const batch = {
 *   images: { data: Uint8Array.of(0, 255), shape: [2, 1, 1, 1] },
 *   labels: Int32Array.of(0, 1),
 *   size: 2,
 * };
 * // More often: await predictStep(network)(state, batch)
 * const logits = { data: Float32Array.of(3, 0, 2, 1), shape: [2, 2] };
 * const display = displayPredictions(batch, logits, { classes: ["boot", "coat"] });
 * const formats = await display[jupyterDisplay]();
 * assertEquals(formats["text/plain"], "2 images of 1 × 1 × 1: boot 95 %, boot 73 %, not coat");
 * ```
 *
 * @param batch The batch.
 * @param logits The network's outputs for it, `[size, classes]`, as `predictStep` gives them.
 * @param options The names of the classes, which images are shown, and the layout.
 * @returns What a notebook shows.
 * @throws {RangeError} If the batch isn't one of images, the outputs aren't of as many, or the layout can't be.
 */
export function displayPredictions(
  batch: DisplayedBatch,
  logits: { readonly data: ArrayLike<number>; readonly shape: readonly number[] },
  { classes, mistakesOnly = false, ...grid }: DisplayPredictionsOptions = {},
): Display {
  const images = listImages(batch);
  const { indices, shape: [rows] } = topK(logits, 1);
  if (rows !== images.length || logits.shape.length !== 2) {
    throw new RangeError(
      `Cannot display ${images.length} images with outputs of shape [${
        logits.shape.join(", ")
      }]: ` +
        "there must be one row for each image",
    );
  }
  const tiles = images.map((image, i) => {
    const [found, label] = [indices[i]!, batch.labels?.[i]];
    const probability = measureProbability(logits, i, found);
    const isWrong = label !== undefined && label !== found;
    const lines = [`${nameClass(found, classes)} ${Math.round(100 * probability)} %`];
    if (isWrong) lines.push(`not ${nameClass(label, classes)}`);
    return { image, lines, isWrong, probability };
  });
  if (!mistakesOnly) return displayTiles(tiles, grid);
  const mistakes = tiles.filter(({ isWrong }) => isWrong);
  return displayTiles(mistakes.toSorted((a, b) => b.probability - a.probability), grid);
}

function displayTiles(tiles: readonly Tile[], grid: GridOptions): Display {
  checkGrid(grid);
  const shown = tiles.slice(0, grid.limit ?? 32);
  const sizes = new Set(shown.map(({ image }) => formatSize(image)));
  const count = shown.length < tiles.length ? `${shown.length} of ${tiles.length}` : tiles.length;
  const what = `${count} ${tiles.length === 1 ? "image" : "images"}`;
  const of = sizes.size === 1 ? ` of ${[...sizes]}` : "";
  const captions = shown.map(({ lines }) => lines.join(", ")).filter((line) => line !== "");
  const label = `${what}${of}${captions.length > 0 ? `: ${captions.join(", ")}` : ""}`;
  return makeDisplay(async () => ({
    "text/plain": label,
    "image/svg+xml": await drawGrid(shown, label, grid),
  }));
}

/** Gives a batch's images, as views of it. */
function listImages({ images: { data, shape }, labels, size }: DisplayedBatch): Image[] {
  const [count, height = 0, width = 0, channels = 0] = shape;
  const length = height * width * channels;
  const isBatch = shape.length === 4 && count === size && length > 0 &&
    data.length === size * length && (labels === undefined || labels.length === size);
  if (!isBatch) {
    throw new RangeError(
      `Cannot display a batch of ${size} as it has ${data.length} samples of shape [${
        shape.join(", ")
      }]` +
        `${
          labels ? ` and ${labels.length} labels` : ""
        }: the shape must be [size, height, width, channels]`,
    );
  }
  return Array.from({ length: size }, (_, i) => ({
    data: data.subarray(i * length, (i + 1) * length) as ImageData,
    height,
    width,
    channels,
  }));
}

const nameClass = (label: number, classes: readonly string[] | undefined): string =>
  classes?.[label] ?? String(label);

const formatSize = ({ height, width, channels }: Image): string =>
  `${height} × ${width} × ${channels}`;

/** Gives the share of one class by the softmax of a row of logits. */
function measureProbability(
  { data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] },
  row: number,
  label: number,
): number {
  const [, classes = 0] = shape;
  const own = data[row * classes + label]!;
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(data[row * classes + c]! - own);
  return 1 / sum;
}

/** The typed arrays that hold image data. */
export type ImageData = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/**
 * An image: row-major HWC samples and their shape.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Image } from "@rill/rill/pipelines";
 *
 * const sample = ({ data, width, channels }: Image, row: number, column: number, channel: number) =>
 *   data[(row * width + column) * channels + channel];
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 1, width: 2, channels: 3 };
 * assertEquals(sample(image, 0, 1, 2), 6);
 * ```
 *
 * @typeParam D The type of the array.
 */
export interface Image<D extends ImageData = ImageData> {
  /** `height * width * channels` samples, row by row, the channels of a pixel side by side. */
  readonly data: D;
  /** Rows. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
  /** Samples in a pixel. */
  readonly channels: number;
}

import type { Image, ImageData } from "./image.ts";

/**
 * An image and its label, which is the index of its class.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Example } from "@rill/rill/pipelines";
 *
 * const boot: Example = {
 *   image: { data: new Uint8Array(28 * 28), height: 28, width: 28, channels: 1 },
 *   label: 9,
 * };
 * assertEquals(boot.image.data.length, 784);
 * ```
 *
 * @typeParam D The type of the image's array.
 */
export interface Example<D extends ImageData = ImageData> {
  /** The image. */
  readonly image: Image<D>;
  /** The index of the image's class, from 0. */
  readonly label: number;
}

import type { Image, ImageData } from "./image.ts";

/** An image and the index of its class. */
export interface Example<D extends ImageData = ImageData> {
  /** The image. */
  readonly image: Image<D>;
  /** The index of the image's class, from 0. */
  readonly label: number;
}

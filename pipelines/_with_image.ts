import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";

/** The example with another image; the example itself where that is its own. */
export function withImage<D extends ImageData>(example: Example<D>, image: Image<D>): Example<D> {
  return image === example.image ? example : { image, label: example.label };
}

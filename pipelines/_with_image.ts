import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";

/** The example with another image; the example itself where that is its own. */
export function withImage<A extends ImageData, B extends ImageData>(
  example: Example<A>,
  image: Image<B>,
): Example<B> {
  // Where the two are the same, so are their types.
  return image as Image === example.image
    ? example as Example as Example<B>
    : { image, label: example.label };
}

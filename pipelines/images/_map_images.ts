import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import type { Allocate } from "../stage/allocate.ts";
import type { Stage } from "../stage/stage.ts";
import { stageOf } from "../stage/stage_of.ts";

/**
 * Makes the stage that gives `fn` of each image, and the rest of the example as it is. `fn` has its image's array made
 * by the function that it is given.
 *
 * @param options Whether `fn` never gives on the array of an image of bytes, unless it gives that image; the array may be used again
 * then.
 */
export function mapImages<A extends ImageData, B extends ImageData>(
  name: string,
  fn: (image: Image<A>, allocate: Allocate) => Image<B>,
  { copies = false }: { readonly copies?: boolean } = {},
): Stage<Example<A>, Example<B>> {
  return stageOf({
    name,
    copies,
    each: (example: Example<A>, _, allocate): Example<B> =>
      withImage(example, fn(example.image, allocate)),
  });
}

/** Gives the example with another image; the example itself where that is its own. */
export function withImage<A extends ImageData, B extends ImageData>(
  example: Example<A>,
  image: Image<B>,
): Example<B> {
  // Where the two are the same, so are their types.
  return image as Image === example.image
    ? example as Example as Example<B>
    : { image, label: example.label };
}

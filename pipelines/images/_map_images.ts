import { newData } from "../data/_image_data.ts";
import type { Example } from "../data/example.ts";
import type { Image, ImageData } from "../data/image.ts";
import type { Input } from "../stage/_input.ts";
import { type Into, scratch } from "../stage/_into.ts";
import { callsFor } from "../stage/_item_wise.ts";
import { mapped } from "../stage/_map_items.ts";
import { counted } from "../stage/_output.ts";
import type { Stage } from "../stage/stage.ts";

/**
 * The stage that gives `fn` of each image, and the rest of the example as it is. `fn` has its image's array made by the
 * function that it is given.
 *
 * @param options Whether `fn` never gives an image of bytes that it was given, whose array may then be used again.
 */
export function mapImages<A extends ImageData, B extends ImageData>(
  stage: string,
  fn: (image: Image<A>, into: Into) => Image<B>,
  { copies = false }: { readonly copies?: boolean } = {},
): Stage<Example<A>, Example<B>> {
  const toExample = (example: Example<A>, _: number, into: Into = newData): Example<B> =>
    withImage(example, fn(example.image, into));
  return (source) => {
    const outputs = counted(
      stage,
      source,
      (input: Input<Example<A>>, place) =>
        mapped(input, place, stage, toExample, copies ? scratch() : undefined),
    );
    return callsFor(
      outputs,
      source,
      stage,
      (example: Example<A>, index) => toExample(example, index),
    );
  };
}

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

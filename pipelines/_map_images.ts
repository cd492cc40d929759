import { newData } from "./_image_data.ts";
import type { Input } from "./_input.ts";
import { type Into, scratch } from "./_into.ts";
import { callsFor } from "./_item_wise.ts";
import { mapped } from "./_mapped.ts";
import { counted } from "./_output.ts";
import { withImage } from "./_with_image.ts";
import type { Example } from "./example.ts";
import type { Image, ImageData } from "./image.ts";
import type { Stage } from "./stage.ts";

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

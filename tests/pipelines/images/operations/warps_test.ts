import { assertEquals } from "@std/assert";
import { affineImage, type Image, perspectiveImage, rotateImage } from "@rill/rill/pipelines";
import { readReferences } from "../../_references.ts";

const FUNCTIONS = { rotateImage, affineImage, perspectiveImage };

for (const { name, function: fn, parameters, input, check } of await readReferences("warps")) {
  const [options, height, width] = parameters;
  Deno.test(`${fn}() does as torchvision: ${name}`, () => {
    const image: Image = FUNCTIONS[fn as keyof typeof FUNCTIONS](input, options);
    assertEquals([image.height, image.width, image.channels], [height, width, input.channels]);
    check(image);
  });
}

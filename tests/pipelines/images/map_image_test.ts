import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  drain,
  type Example,
  type Image,
  invertImage,
  mapImage,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, results } from "./_augment.ts";
import { counting, testStage, tiny } from "../_helpers.ts";

testStage<Example<Bytes>, Example<Bytes>>({
  name: "mapImage()",
  stage: mapImage(invertImage),
  input: [0, 100, 255].map(tiny),
  output: [255, 155, 0].map((sample, i) => ({ ...tiny(sample), label: [0, 100, 255][i]! })),
  pulled: (given) => given,
});

Deno.test("mapImage() may change the type and the size, and passes on what stays the same", async () => {
  const image = byteImage(2, 3, 1);
  const toFloats = ({ data, ...size }: Image): Image<Float32Array<ArrayBuffer>> => ({
    ...size,
    data: Float32Array.from(data),
  });
  const [floats] = await results(mapImage(toFloats), image, 1);
  assertEquals(floats, toFloats(image));
  const [same] = await results(mapImage((image: Image<Bytes>) => image), image, 1);
  assertStrictEquals(same, image);
});

Deno.test("mapImage() names the image that its function fails at", async () => {
  const source = counting([tiny(1), { image: byteImage(1, 1, 2), label: 0 }]);
  const error = await assertRejects(
    () => drain(mapImage(invertImage)(source)),
    StageError,
    "Cannot map item 1: the image has 2 channels where there must be 1 or 3",
  );
  assertEquals([error.stage, error.position, source.closed], ["map", 1, 1]);
});

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  centerCrop,
  collect,
  cropImage,
  drain,
  type Example,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, results } from "./_augment.ts";
import { getOnly } from "../_get_only.ts";
import { counting, range, testStage } from "../_helpers.ts";
import { readReferences } from "../_references.ts";

const example = (label: number): Example<Bytes> => ({ image: byteImage(4, 5, 1, label), label });
const size = { height: 2, width: 3 };

testStage<Example<Bytes>, Example<Bytes>>({
  name: "centerCrop()",
  stage: centerCrop(size),
  input: range(4).map(example),
  output: range(4).map((label) => ({
    image: cropImage(example(label).image, { top: 1, left: 1, ...size }),
    label,
  })),
  pulled: (given) => given,
});

for (const { name, function: fn, parameters, input, check } of await readReferences("crops")) {
  if (fn !== "centerCrop") continue;
  Deno.test(`centerCrop() does as torchvision: ${name}`, async () => {
    const [height, width] = parameters;
    const image = getOnly(await results(centerCrop({ height, width }), input, 1));
    assertEquals([image.height, image.width, image.channels], [height, width, input.channels]);
    check(image);
  });
}

Deno.test("centerCrop() gives an example of the size as it is", async () => {
  const whole = example(1);
  const [result] = await collect(centerCrop({ height: 4, width: 5 })(counting([whole])));
  assertStrictEquals(result, whole);
});

Deno.test("centerCrop() names the image that it cannot crop and closes its source", async () => {
  const broken = { image: { ...example(0).image, height: 9 }, label: 0 };
  const source = counting([example(0), example(1), broken, example(2)]);
  const error = await assertRejects(
    () => drain(centerCrop(size)(source)),
    StageError,
    "Cannot crop item 2: the image is 9 × 5 × 1 uint8 and has 20 samples",
  );
  assertEquals([error.stage, error.position, source.closed], ["crop", 2, 1]);
});

Deno.test("centerCrop() refuses an invalid size when it is called", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => centerCrop({ height: bad, width: 3 }),
      RangeError,
      `Cannot crop to ${bad} × 3: the height must be an integer of at least 1`,
    );
  }
});

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { drain, type Example, grayscale, StageError, toRgb } from "@rill/rill/pipelines";
import { byteImage, type Bytes, results } from "./_augment.ts";
import { getOnly } from "../_get_only.ts";
import { counting, range, testStage } from "../_helpers.ts";
import { readReferences } from "../_references.ts";

const gray = (label: number, channels: number): Example<Bytes> => ({
  image: { data: new Uint8Array(2 * channels).fill(label), height: 1, width: 2, channels },
  label,
});

testStage<Example<Bytes>, Example<Bytes>>({
  name: "grayscale()",
  stage: grayscale(),
  input: range(4).map((label) => gray(label, 3)),
  output: range(4).map((label) => gray(label, 1)),
  pulled: (given) => given,
});

testStage<Example<Bytes>, Example<Bytes>>({
  name: "toRgb()",
  stage: toRgb(),
  input: range(4).map((label) => gray(label, 1)),
  output: range(4).map((label) => gray(label, 3)),
  pulled: (given) => given,
});

for (const { name, function: fn, parameters, input, check } of await readReferences("colors")) {
  if (fn === "grayscale") {
    Deno.test(`grayscale() does as torchvision: ${name}`, async () => {
      const [channels] = parameters;
      const image = getOnly(await results(grayscale({ channels }), input, 1));
      assertEquals({ ...image, data: 0 }, { ...input, channels, data: 0 });
      check(image);
    });
  } else if (fn === "toRgb") {
    Deno.test(`toRgb() does as Pillow: ${name}`, async () => {
      const image = getOnly(await results(toRgb(), input, 1));
      assertEquals({ ...image, data: 0 }, { ...input, channels: 3, data: 0 });
      check(image);
    });
  }
}

Deno.test("grayscale() takes floats", async () => {
  const data = Float32Array.of(0.25, 0.5, 1, -3, 2, 0);
  const input = { data, height: 1, width: 2, channels: 3 };
  const image = getOnly(await results(grayscale(), input, 1));
  const expected = [0.299 * 0.25 + 0.587 * 0.5 + 0.114, 0.299 * -3 + 0.587 * 2];
  assertEquals([image.channels, image.data.length], [1, 2]);
  assert(expected.every((x, i) => Math.abs(image.data[i]! - x) < 1e-6));
});

Deno.test("grayscale() and toRgb() give an example as it is that has the channels", async () => {
  const [one, three] = [byteImage(2, 2, 1), byteImage(2, 2, 3)];
  assertStrictEquals((await results(grayscale(), one, 1))[0], one);
  assertStrictEquals((await results(toRgb(), three, 1))[0], three);
});

Deno.test("grayscale() and toRgb() name the image that they cannot convert", async () => {
  for (const [stage, verb] of [[grayscale(), "grayscale"], [toRgb(), "convert"]] as const) {
    const source = counting([gray(0, 1), gray(0, 3), gray(0, 4)]);
    const error = await assertRejects(
      () => drain(stage(source)),
      StageError,
      `Cannot ${verb} item 2: the image has 4 channels where there must be 1 or 3`,
    );
    assertEquals([error.stage, error.position, source.closed], [verb, 2, 1]);
    await assertRejects(
      () => drain(stage(counting([{ image: { ...byteImage(1, 2, 1), width: 3 }, label: 0 }]))),
      StageError,
      `Cannot ${verb} item 0: the image is 1 × 3 × 1 uint8 and has 2 samples`,
    );
  }
});

Deno.test("grayscale() refuses an invalid number of channels when it is called", () => {
  for (const bad of [0, 1.5, NaN]) {
    assertThrows(
      () => grayscale({ channels: bad }),
      RangeError,
      `Cannot grayscale to ${bad} channels: the number must be an integer of at least 1`,
    );
  }
});

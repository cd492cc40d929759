import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  type Example,
  resize,
  resizeImage,
  type ResizeMethod,
  StageError,
} from "@rill/rill/pipelines";
import { getOnly } from "../_get_only.ts";
import { counting, range, testStage } from "../_helpers.ts";

const gradient = (label: number): Example<Uint8Array<ArrayBuffer>> => ({
  image: { data: Uint8Array.of(label, 10, 20, 30 + label), height: 2, width: 2, channels: 1 },
  label,
});
const size = { height: 5, width: 3 };

testStage<Example<Uint8Array<ArrayBuffer>>, Example<Uint8Array<ArrayBuffer>>>({
  name: "resize()",
  stage: resize(size),
  input: range(4).map(gradient),
  output: range(4).map((label) => ({ image: resizeImage(gradient(label).image, size), label })),
  pulled: (given) => given,
});

Deno.test("resize() resizes by the method it is given", async () => {
  for (const method of ["bilinear", "bicubic", "nearest"] as const) {
    const stage = resize({ ...size, method });
    const { image } = getOnly(await collect(stage(counting([gradient(7)]))));
    assertEquals(image, resizeImage(gradient(7).image, { ...size, method }));
  }
});

Deno.test("resize() gives an example of the size as it is", async () => {
  const example = gradient(1);
  const [result] = await collect(resize({ height: 2, width: 2 })(counting([example])));
  assertStrictEquals(result, example);
});

Deno.test("resize() takes images of any size, channels and type", async () => {
  const examples: Example[] = [
    { image: { data: new Uint8Array(12), height: 1, width: 4, channels: 3 }, label: 0 },
    { image: { data: new Float32Array(9), height: 9, width: 1, channels: 1 }, label: 1 },
  ];
  const results = await collect(resize(size)(counting(examples)));
  assertEquals(results.map(({ image }) => image), [
    { data: new Uint8Array(45), ...size, channels: 3 },
    { data: new Float32Array(15), ...size, channels: 1 },
  ]);
});

Deno.test("resize() names the image that it cannot resize and closes its source", async () => {
  const broken = { image: { ...gradient(0).image, height: 3 }, label: 0 };
  const source = counting([gradient(0), gradient(1), broken, gradient(2)]);
  const error = await assertRejects(
    () => drain(resize(size)(source)),
    StageError,
    "Cannot resize item 2: the image is 3 × 2 × 1 uint8 and has 4 samples",
  );
  assertEquals([error.stage, error.position, source.closed], ["resize", 2, 1]);
});

Deno.test("resize() refuses an unknown method when it is called", () => {
  assertThrows(
    () => resize({ ...size, method: "area" as ResizeMethod }),
    RangeError,
    'Cannot resize by the method "area": there are bilinear, bicubic and nearest',
  );
});

Deno.test("resize() refuses an invalid size when it is called", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => resize({ height: 224, width: bad }),
      RangeError,
      `Cannot resize to 224 × ${bad}: the width must be an integer of at least 1`,
    );
  }
});

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  batch,
  collect,
  drain,
  type Example,
  type ImageData,
  normalize,
  type NormalizeOptions,
  StageError,
} from "@rill/rill/pipelines";
import { getOnly } from "../_get_only.ts";
import { counting, range, testStage, tiny } from "../_helpers.ts";

type Floats = Float32Array<ArrayBuffer>;

testStage<Example, Example<Floats>>({
  name: "normalize()",
  stage: normalize(),
  input: range(4).map(tiny),
  output: range(4).map((label) => ({
    image: { data: Float32Array.of(label / 255), height: 1, width: 1, channels: 1 },
    label,
  })),
  pulled: (given) => given,
});

async function normalized(
  data: ImageData,
  channels: number,
  options?: NormalizeOptions,
): Promise<Floats> {
  const image = { data, height: 1, width: data.length / channels, channels };
  const result = getOnly(await collect(normalize(options)(counting([{ image, label: 0 }]))));
  assertEquals({ ...result.image, data: 0 }, { ...image, data: 0 });
  return result.image.data;
}

Deno.test("normalize() calculates the same of bytes and of floats", async () => {
  const bytes = Uint8Array.from(range(768), (i) => i % 256);
  for (
    const [channels, options] of [
      [1, undefined],
      [1, { mean: 0.2860, std: 0.3530 }],
      [1, { scale: 1, mean: [72.9], std: [90] }],
      [3, { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }],
      [3, { scale: 2 / 255, mean: 1 }],
      [2, { std: [0.5, 3] }],
    ] as const
  ) {
    const { scale = 1 / 255, mean = 0, std = 1 }: NormalizeOptions = options ?? {};
    const at = (value: number | readonly number[], i: number) =>
      typeof value === "number" ? value : value[i % channels]!;
    const expected = Float32Array.from(
      bytes,
      (x, i) => (x * scale - at(mean, i)) / at(std, i),
    );
    assertEquals(await normalized(bytes, channels, options), expected);
    assertEquals(await normalized(Float32Array.from(bytes), channels, options), expected);
  }
});

Deno.test("normalize() takes images of several channel counts where one number serves all", async () => {
  const examples: Example[] = [1, 3, 1].map((channels) => ({
    image: { data: new Uint8Array(channels).fill(255), height: 1, width: 1, channels },
    label: 0,
  }));
  const results = await collect(normalize({ mean: 0.5 })(counting(examples)));
  assertEquals(results.map(({ image }) => [...image.data]), [[0.5], [0.5, 0.5, 0.5], [0.5]]);
});

Deno.test("normalize() leaves its input alone", async () => {
  const data = Float32Array.of(255);
  await normalized(data, 1);
  assertEquals(data, Float32Array.of(255));
});

Deno.test("normalize() names the image that it cannot normalize and closes its source", async () => {
  const stage = normalize({ mean: [0.1, 0.2, 0.3] });
  const image = { data: new Uint8Array(3), height: 1, width: 1, channels: 3 };
  const source = counting<Example>([{ image, label: 0 }, tiny(1), tiny(2)]);
  const error = await assertRejects(
    () => drain(stage(source)),
    StageError,
    "Cannot normalize item 1: the image has 1 channel where there are 3 means",
  );
  assertEquals([error.stage, error.position, source.closed], ["normalize", 1, 1]);
  await assertRejects(
    () => drain(normalize({ std: [1] })(counting([{ image, label: 0 }]))),
    StageError,
    "Cannot normalize item 0: the image has 3 channels where there is 1 std",
  );
  await assertRejects(
    () => drain(normalize()(counting([{ image: { ...image, width: 2 }, label: 0 }]))),
    StageError,
    "Cannot normalize item 0: the image is 1 × 2 × 3 uint8 and has 3 samples",
  );
});

Deno.test("normalize() refuses bad options when it is called", () => {
  for (
    const [options, message] of [
      [{ scale: NaN }, "Cannot normalize by the scale NaN: it must be finite"],
      [{ mean: Infinity }, "Cannot normalize by the mean Infinity: it must be finite"],
      [{ mean: [0, NaN] }, "Cannot normalize by the mean [0, NaN]: it must be finite"],
      [{ std: 0 }, "Cannot normalize by the std 0: it must be finite and above 0"],
      [
        { std: [1, -1] },
        "Cannot normalize by the std [1, -1]: it must be finite and above 0",
      ],
      [{ mean: [] }, "Cannot normalize by the mean []: it must have a number for each channel"],
    ] as const
  ) {
    assertThrows(() => normalize(options), RangeError, message);
  }
});

Deno.test("normalize() is not changed by a change of the arrays it was given", async () => {
  const mean = [0];
  const stage = normalize({ mean });
  mean[0] = 1;
  const { image } = getOnly(await collect(stage(counting([tiny(255)]))));
  assertEquals(image.data, Float32Array.of(1));
});

Deno.test("normalize() makes the same floats of large images, wherever they lie in their buffers", async () => {
  const memory = Uint8Array.from(range(2 ** 16), (i) => i * 31 % 251 + i % 5);
  for (
    const [offset, height, width, channels] of [
      [0, 131, 127, 1],
      [2, 160, 161, 1],
      [3, 128, 129, 1],
      [0, 90, 91, 3],
    ] as const
  ) {
    const data = memory.subarray(offset, offset + height * width * channels);
    const options = { mean: 0.3, std: 0.4 };
    const examples = [0, 1, 2].map((label) => ({
      image: { data, height, width, channels },
      label,
    }));
    const expected = Float32Array.from(data, (byte) => (byte * (1 / 255) - 0.3) / 0.4);
    for (const { image } of await collect(normalize(options)(counting(examples)))) {
      assertEquals(image.data, expected);
    }
    const { images } = getOnly(await collect(batch(3)(normalize(options)(counting(examples)))));
    for (const i of [0, 1, 2]) {
      assertEquals(images.data.subarray(i * data.length, (i + 1) * data.length), expected);
    }
  }
});

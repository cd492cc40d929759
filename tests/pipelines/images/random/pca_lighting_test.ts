import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  type Image,
  pcaLighting,
  type PcaLightingOptions,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, type Floats, results, testAugmentation } from "../_augment.ts";
import { getOnly } from "../../_get_only.ts";
import { counting, range } from "../../_helpers.ts";

await testAugmentation({
  name: "pcaLighting()",
  stage: (random) => pcaLighting(random),
  verb: "light",
  images: [byteImage(3, 4, 3), byteImage(5, 2, 3)],
});

const black: Image<Floats> = { data: new Float32Array(3), height: 1, width: 1, channels: 3 };
/** The colors that are added. */
const colors = async (count: number, options: PcaLightingOptions) =>
  (await results(pcaLighting(options), black, count)).map(({ data }) => [...data]);

Deno.test("pcaLighting() adds the same color to every pixel", async () => {
  const bytes = byteImage(4, 5, 3);
  const floats = { ...bytes, data: Float32Array.from(bytes.data, (x) => x / 255) };
  const options = { std: 0.5, seed: 6 };
  const added = await colors(10, options);
  const lit = await results(pcaLighting(options), bytes, 10);
  const litFloats = await results(pcaLighting(options), floats, 10);
  added.forEach((color, i) => {
    bytes.data.forEach((byte, at) => {
      const exact = Math.min(Math.max(byte + 255 * color[at % 3]!, 0), 255);
      assert(Math.abs(lit[i]!.data[at]! - exact) <= 0.5 + 1e-4);
      assert(Math.abs(litFloats[i]!.data[at]! - (byte / 255 + color[at % 3]!)) < 1e-6);
    });
  });
});

Deno.test("pcaLighting() adds normal factors of ImageNet's eigenvectors", async () => {
  const values = [0.2175, 0.0188, 0.0045];
  const vectors = [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [
    -0.5836,
    -0.6948,
    0.4203,
  ]];
  const added = await colors(20_000, { seed: 2 });
  const factors = values.map((value, k) =>
    added.map((color) =>
      color.reduce((sum, c, channel) => sum + c * vectors[channel]![k]!, 0) / value
    )
  );
  const mean = (numbers: number[]) => numbers.reduce((a, b) => a + b) / numbers.length;
  for (const own of factors) {
    // Four standard deviations of each estimate.
    assert(Math.abs(mean(own)) < 4 * 0.1 / Math.sqrt(20_000));
    assert(Math.abs(mean(own.map((a) => a ** 2)) / 0.01 - 1) < 4 * Math.sqrt(2 / 20_000));
    assert(Math.abs(mean(own.map((a) => a ** 4)) / 3e-4 - 1) < 4 * Math.sqrt(96 / 9 / 20_000));
    const within = own.filter((a) => Math.abs(a) < 0.1).length / 20_000;
    assert(Math.abs(within - 0.6827) < 4 * Math.sqrt(0.22 / 20_000));
  }
  const together = mean(range(20_000).map((i) => factors[0]![i]! * factors[1]![i]!)) / 0.01;
  assert(Math.abs(together) < 4 / Math.sqrt(20_000) + 0.01);
});

Deno.test("pcaLighting() takes another decomposition, of any number of channels", async () => {
  const gray = byteImage(1, 2, 1);
  const options = { eigenvalues: [1], eigenvectors: [[1]], seed: 3 };
  const outputs = await results(pcaLighting(options), gray, 5);
  assert(new Set(outputs.map(({ data }) => data[0])).size > 2);
});

Deno.test("pcaLighting() gives an image as it is that the color does not change", async () => {
  const bytes = byteImage(2, 2, 3);
  assertStrictEquals((await results(pcaLighting({ std: 0, seed: 0 }), bytes, 1))[0], bytes);
  assertStrictEquals(
    (await results(pcaLighting({ std: 1e-4, seed: 0 }), bytes, 1))[0],
    bytes,
  );
  assertStrictEquals((await results(pcaLighting({ std: 0, seed: 0 }), black, 1))[0], black);
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("pcaLighting() keeps its colors from version to version", async () => {
  const gray = { data: Uint8Array.of(128, 128, 128), height: 1, width: 1, channels: 3 };
  const bytes = async (options: PcaLightingOptions) =>
    (await results(pcaLighting({ std: 0.5, ...options }), gray, 4))
      .map(({ data }) => [...data]);
  assertEquals(await bytes({ seed: 0 }), [
    [118, 121, 122],
    [145, 146, 146],
    [125, 123, 123],
    [99, 97, 96],
  ]);
  assertEquals(await bytes({ seed: 1, epoch: 5 }), [
    [129, 133, 136],
    [131, 128, 127],
    [115, 117, 120],
    [118, 118, 116],
  ]);
});

Deno.test("pcaLighting() refuses an image of other channels", async () => {
  await assertRejects(
    () => drain(pcaLighting({ seed: 0 })(counting([{ image: byteImage(2, 2, 1), label: 0 }]))),
    StageError,
    "Cannot light item 0: the image has 1 channel where there are 3 eigenvalues",
  );
});

Deno.test("pcaLighting() refuses bad options when it is called", () => {
  const wanted =
    "of eigenvectors: they must be finite and as many as each other, and each row as long";
  for (
    const [bad, message] of [
      [
        { std: -1 },
        "Cannot light with an std of -1: the std must be a number of at least 0",
      ],
      [{ eigenvalues: [1, 2] }, `Cannot light with 2 eigenvalues and 3 rows ${wanted}`],
      [{ eigenvalues: [1, 2, NaN] }, `Cannot light with 3 eigenvalues and 3 rows ${wanted}`],
      [
        { eigenvalues: [1], eigenvectors: [[1, 0]] },
        `Cannot light with 1 eigenvalue and 1 row ${wanted}`,
      ],
      [
        { eigenvalues: [], eigenvectors: [] },
        `Cannot light with 0 eigenvalues and 0 rows ${wanted}`,
      ],
    ] as const
  ) {
    assertThrows(() => pcaLighting({ ...bad, seed: 0 }), RangeError, message);
  }
});

Deno.test("pcaLighting() is not changed by a change of the arrays it was given", async () => {
  const eigenvectors = [[1]];
  const stage = pcaLighting({ eigenvalues: [0], eigenvectors, seed: 0 });
  eigenvectors[0] = [NaN];
  const image = byteImage(1, 1, 1);
  assertStrictEquals(getOnly(await collect(stage(counting([{ image, label: 0 }])))).image, image);
});

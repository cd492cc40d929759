import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { flipHorizontal, flipImage } from "@rill/rill/pipelines";
import { byteImage, places, results, testAugmentation } from "../_augment.ts";

await testAugmentation({
  name: "flipHorizontal()",
  stage: (random) => flipHorizontal(random),
  verb: "flip",
  images: [byteImage(3, 4, 3), byteImage(2, 5, 1)],
});

const image = byteImage(2, 3, 1);
const flips = async (count: number, options: Parameters<typeof flipHorizontal>[0]) =>
  (await results(flipHorizontal(options), image, count)).map((result) => +(result !== image));

Deno.test("flipHorizontal() mirrors an image or gives it as it is", async () => {
  const all = await results(flipHorizontal({ seed: 1 }), image, 40);
  for (const result of all) {
    if (result !== image) assertEquals(result, flipImage(image));
  }
  const floats = places(2, 3);
  const [flipped] = await results(flipHorizontal({ probability: 1, seed: 1 }), floats, 1);
  assertEquals(flipped, flipImage(floats));
  const [kept] = await results(flipHorizontal({ probability: 0, seed: 1 }), floats, 1);
  assertStrictEquals(kept, floats);
});

Deno.test("flipHorizontal() mirrors with the probability it is given", async () => {
  for (const probability of [0, 0.1, 0.5, 1]) {
    const outcomes = await flips(20_000, { probability, seed: 7 });
    const share = outcomes.reduce((a, b) => a + b) / outcomes.length;
    // Four standard deviations.
    assert(
      Math.abs(share - probability) <= 4 * Math.sqrt(probability * (1 - probability) / 20_000),
    );
    if (probability !== 0.5) continue;
    const repeats = outcomes.filter((x, i) => x === outcomes[i + 1]).length / outcomes.length;
    assert(Math.abs(repeats - 0.5) <= 4 * Math.sqrt(0.25 / 20_000));
  }
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("flipHorizontal() keeps its choices from version to version", async () => {
  assertEquals((await flips(32, { seed: 0 })).join(""), "00001110101111110011110001101101");
  assertEquals(
    (await flips(32, { seed: 1, epoch: 5 })).join(""),
    "01101000011000011000011011110011",
  );
  const { MAX_SAFE_INTEGER } = Number;
  const last = { seed: MAX_SAFE_INTEGER, epoch: MAX_SAFE_INTEGER, probability: 0.25 };
  assertEquals((await flips(32, last)).join(""), "00011000000010000001010000001000");
});

Deno.test("flipHorizontal() refuses an invalid probability when it is called", () => {
  for (const bad of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => flipHorizontal({ probability: bad, seed: 0 }),
      RangeError,
      `Cannot flip with probability ${bad}: the probability must be a number from 0 to 1`,
    );
  }
});

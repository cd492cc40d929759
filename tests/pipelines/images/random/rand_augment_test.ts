import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  drain,
  type Example,
  type Image,
  randAugment,
  type RandAugmentOptions,
  StageError,
  trivialAugment,
  type TrivialAugmentOptions,
} from "@rill/rill/pipelines";
import {
  listUsualOperations,
  listWideOperations,
} from "../../../../pipelines/images/random/_policy.ts";
import { byteImage, type Bytes, results, testAugmentation } from "../_augment.ts";
import { chiSquare, counting, range } from "../../_helpers.ts";

await testAugmentation({
  name: "randAugment()",
  stage: randAugment,
  verb: "augment",
  images: [byteImage(9, 12, 3), byteImage(8, 7, 1)],
});
await testAugmentation({
  name: "trivialAugment()",
  stage: trivialAugment,
  verb: "augment",
  images: [byteImage(9, 12, 3), byteImage(8, 7, 1)],
});

/** An image that each operation makes another one of. */
const image: Image<Bytes> = (() => {
  const { data, ...size } = byteImage(40, 36, 3);
  return { data: data.map((byte, i) => 60 + byte / 3 + i % 7), ...size };
})();
const warp = { method: "nearest", fill: 0 } as const;

/** What the operations of a policy may make of the image at some levels: an operation and a sign, by the bytes. */
function listOutcomes(
  operations: ReturnType<typeof listUsualOperations>,
  levels: readonly number[],
) {
  const outcomes = new Map<string, Set<string>>();
  for (const [i, { magnitude, signed, apply }] of operations.entries()) {
    for (const level of levels) {
      for (const sign of signed ? [1, -1] : [1]) {
        const { data } = apply(image, sign * magnitude(level, 31, image), warp);
        const key = data.join();
        outcomes.set(key, (outcomes.get(key) ?? new Set()).add(`${i}`));
      }
    }
  }
  return outcomes;
}

Deno.test("randAugment() takes each operation equally often, either way, at its magnitude", async () => {
  const outcomes = listOutcomes(listUsualOperations(), [9]);
  // Eight with a direction, a posterizing and a solarizing that change nothing at magnitude 9, and two more.
  const all = await results(randAugment({ operationCount: 1, seed: 1 }), image, 2800);
  const found = all.map(({ data }) => [...outcomes.get(data.join()) ?? ["another"]].join("|"));
  assert(!found.includes("another"));
  const names = new Set([...outcomes.values()].map((set) => [...set].join("|")));
  assertEquals(new Set(found), names);
  const single = found.filter((name) => !name.includes("|"));
  const kinds = [...names].filter((name) => !name.includes("|")).length;
  assert(kinds >= 12, `${[...names]}`);
  // 13 degrees of freedom: above 35 is a chance of one in a thousand.
  assert(chiSquare(single, kinds) < 35);
});

Deno.test("trivialAugment() takes each operation equally often, at any magnitude", async () => {
  const outcomes = listOutcomes(listWideOperations(), range(31));
  const all = await results(trivialAugment({ seed: 1 }), image, 1400);
  const found = all.map(({ data }) => outcomes.get(data.join()) ?? new Set(["another"]));
  assert(!found.some((set) => set.has("another")));
  const rotations = found.filter((set) => set.has("5") && set.size === 1).length;
  assert(Math.abs(rotations - 100) < 4 * 10, `${rotations}`);
  const distinct = new Set(all.map(({ data }) => data.join())).size;
  assert(distinct > 250, `${distinct}`);
});

Deno.test("randAugment() does nothing by no operation, and little by a magnitude of 0", async () => {
  const [none] = await results(randAugment({ operationCount: 0, seed: 1 }), image, 1);
  assertStrictEquals(none, image);
  const least = await results(randAugment({ operationCount: 1, magnitude: 0, seed: 1 }), image, 60);
  const changed = new Set(least.map(({ data }) => data.join()));
  changed.delete(image.data.join());
  // Autocontrast and equalizing have no magnitude.
  assert(changed.size <= 2);
});

Deno.test("randAugment() and trivialAugment() fill with what they are told", async () => {
  const white = { data: new Uint8Array(432).fill(200), height: 12, width: 12, channels: 3 };
  const fill = [7, 8, 9];
  for (
    const stage of [
      randAugment({ magnitude: 30, operationCount: 1, fill, method: "bilinear", seed: 2 }),
      trivialAugment({ fill, method: "bilinear", seed: 2 }),
    ]
  ) {
    const all = await results(stage, white, 60);
    assert(all.some(({ data }) => `${data.subarray(0, 3)}` === "7,8,9"));
  }
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("randAugment() and trivialAugment() keep their draws from version to version", async () => {
  const small = byteImage(12, 10, 1);
  const sums = async (options: RandAugmentOptions) =>
    (await results(randAugment(options), small, 10)).map(({ data }) =>
      data.reduce((a, b) => a + b)
    );
  assertEquals(await sums({ seed: 0 }), [
    13914,
    13568,
    12616,
    14795,
    9020,
    13602,
    14428,
    14795,
    13979,
    10913,
  ]);
  const trivial = async (options: TrivialAugmentOptions) =>
    (await results(trivialAugment(options), small, 10)).map(({ data }) =>
      data.reduce((a, b) => a + b)
    );
  assertEquals(await trivial({ seed: 1, epoch: 5 }), [
    22372,
    7125,
    14795,
    10338,
    14795,
    13104,
    7807,
    12764,
    2039,
    15030,
  ]);
});

Deno.test("randAugment() and trivialAugment() refuse images that aren't of gray or RGB bytes", async () => {
  const floats = { ...image, data: Float32Array.from(image.data) } as Image as Image<Bytes>;
  for (
    const [wrong, fill, message] of [
      [floats, 0, "the image is 40 × 36 × 3 float32 where it must be of bytes"],
      [byteImage(4, 4, 2), 0, "the image has 2 channels where there must be 1 or 3"],
      [image, [1, 2], "the image has 3 channels where there are 2 fills"],
      [image, 0.5, "the image is of bytes where the fill is 0.5, not an integer from 0 to 255"],
    ] as const
  ) {
    for (const stage of [randAugment({ fill, seed: 0 }), trivialAugment({ fill, seed: 0 })]) {
      const source = counting<Example<Bytes>>([{ image: wrong, label: 0 }]);
      await assertRejects(
        () => drain(stage(source)),
        StageError,
        `Cannot augment item 0: ${message}`,
      );
      assertEquals(source.closed, 1);
    }
  }
});

Deno.test("randAugment() and trivialAugment() refuse bad options when they are called", () => {
  for (
    const [bad, message] of [
      [{ operationCount: -1 }, "Cannot augment by -1 operations: the number must be an integer"],
      [{ magnitudeBins: 1 }, "Cannot augment with 1 magnitude bins: the number must be an integer"],
      [{ magnitude: 31 }, "Cannot augment by a magnitude of 31: the magnitude must be an integer"],
      [{ magnitude: 9, magnitudeBins: 9 }, "Cannot augment by a magnitude of 9: the magnitude"],
      [{ method: "lanczos" as "nearest" }, 'Cannot augment by the method "lanczos"'],
      [{ fill: NaN }, "Cannot augment with the fill NaN: it must be finite"],
    ] as const
  ) {
    assertThrows(() => randAugment(bad), RangeError, message);
  }
  assertThrows(
    () => trivialAugment({ magnitudeBins: 1.5 }),
    RangeError,
    "Cannot augment with 1.5 magnitude bins",
  );
});

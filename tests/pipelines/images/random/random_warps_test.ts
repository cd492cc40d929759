import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  affineImage,
  drain,
  type Example,
  type FourPoints,
  type Image,
  perspectiveImage,
  randomAffine,
  type RandomAffineOptions,
  randomPerspective,
  type RandomPerspectiveOptions,
  randomRotation,
  type RandomRotationOptions,
  rotateImage,
  StageError,
} from "@rill/rill/pipelines";
import { byteImage, places, results, testAugmentation } from "../_augment.ts";
import { chiSquare, counting, range } from "../../_helpers.ts";

const images = [byteImage(9, 12, 3), byteImage(8, 7, 1)];

await testAugmentation({
  name: "randomRotation()",
  stage: (random) => randomRotation({ degrees: 40, ...random }),
  verb: "rotate",
  images,
});
await testAugmentation({
  name: "randomAffine()",
  stage: (random) =>
    randomAffine({ degrees: 40, translate: [0.2, 0.1], scale: [0.8, 1.2], shear: 10, ...random }),
  verb: "warp",
  images,
});
await testAugmentation({
  name: "randomPerspective()",
  stage: (random) => randomPerspective(random),
  verb: "warp",
  images,
});

const bytes = byteImage(14, 17, 3);
const floats = places(14, 17);

Deno.test("randomRotation() rotates as rotateImage() does", async () => {
  const warp = { method: "bilinear", fill: 9 } as const;
  for (const image of [bytes, byteImage(14, 17, 1), floats] as Image[]) {
    for (const more of [{}, { expand: true }, { center: [3, 4] as const }]) {
      const stage = randomRotation({ degrees: [25, 25], ...warp, ...more, seed: 0 });
      const [result] = await results(stage, image, 1);
      assertEquals(result, rotateImage(image, { angle: 25, ...warp, ...more }));
    }
  }
});

Deno.test("randomRotation() finds all angles of its range equally often", async () => {
  // A pixel far to the right says the angle, from -45 to 45 degrees: in which eighth of it.
  const size = 401;
  const data = new Uint8Array(size * size);
  const eighths = range(8).map((i) => Math.tan((-45 + 11.25 * (i + 1)) * Math.PI / 180));
  for (let y = 0; y < size; y++) {
    for (let x = 201; x < size; x++) {
      const slope = -(y - 200) / (x - 200);
      data[y * size + x] = 1 + eighths.findIndex((limit) => slope <= limit);
    }
  }
  const wheel = { data, height: size, width: size, channels: 1 };
  const found = await results(randomRotation({ degrees: [-45, 45], seed: 2 }), wheel, 200);
  // Rotated by the angle, the middle row shows what was at the opposite one.
  const seen = found.map((result) => `${result.data[200 * size + 330]}`);
  // 7 degrees of freedom: above 24 is a chance of one in a thousand.
  assert(chiSquare(seen, 8) < 24);
});

Deno.test("randomAffine() warps as affineImage() does", async () => {
  const warp = { method: "bicubic", fill: 9 } as const;
  for (const image of [bytes, byteImage(14, 17, 1), floats] as Image[]) {
    for (const more of [{}, { center: [3, 4] as const }]) {
      const fixed = { degrees: [8, 8], scale: [1.25, 1.25], shear: [5, 5, 3, 3] } as const;
      const [result] = await results(
        randomAffine({ ...fixed, ...warp, ...more, seed: 0 }),
        image,
        1,
      );
      const options = { angle: 8, scale: 1.25, shear: [5, 3] as const, ...warp, ...more };
      assertEquals(result, affineImage(image, options));
    }
  }
  const [row] = await results(randomAffine({ shear: [5, 5], seed: 0 }), bytes, 1);
  assertEquals(row, affineImage(bytes, { shear: 5 }));
  const [nothing] = await results(randomAffine({ seed: 0 }), bytes, 1);
  assertEquals(nothing, bytes);
});

Deno.test("randomAffine() moves by whole pixels, each way equally often", async () => {
  const image = places(10, 20);
  const moved = await results(
    randomAffine({ translate: [0.1, 0.3], fill: -1, seed: 3 }),
    image,
    4000,
  );
  const moves = moved.map(({ data }) => {
    const at = data.findIndex((sample) => sample >= 0);
    const [row, column] = [data[at]!, data[at + 1]!];
    return [at / 2 % 20 - column, Math.floor(at / 40) - row] as const;
  });
  for (const [[x, y], result] of moves.map((move, i) => [move, moved[i]] as const)) {
    assert(Math.abs(x) <= 2 && Math.abs(y) <= 3);
    assertEquals(result, affineImage(image, { translate: [x, y], fill: -1 }));
  }
  // The ends have half the share of the others: 7 degrees of freedom, and 11.
  assert(chiSquare(moves.map(([x]) => `${Math.abs(x) === 2 ? 2 : x}`), 4) < 16);
  assert(chiSquare(moves.map(([, y]) => `${Math.abs(y) === 3 ? 3 : y}`), 6) < 20);
});

Deno.test("randomPerspective() moves each corner to any of the pixels further in", async () => {
  const image = byteImage(4, 5, 1);
  const possible = new Map<string, FourPoints>();
  for (let bits = 0; bits < 256; bits++) {
    const bit = (i: number) => bits >> i & 1;
    const endPoints: FourPoints = [
      [bit(0), bit(1)],
      [4 - bit(2), bit(3)],
      [4 - bit(4), 3 - bit(5)],
      [bit(6), 3 - bit(7)],
    ];
    const startPoints: FourPoints = [[0, 0], [4, 0], [4, 3], [0, 3]];
    const result = perspectiveImage(image, { startPoints, endPoints, fill: 3 });
    possible.set(result.data.join(), endPoints);
  }
  const stage = randomPerspective({ probability: 1, fill: 3, seed: 4 });
  const all = await results(stage, image, 2000);
  const corners = all.map(({ data }) => possible.get(data.join()));
  for (let corner = 0; corner < 4; corner++) {
    // 3 degrees of freedom: above 16 is a chance of one in a thousand.
    assert(chiSquare(corners.map((points) => `${points![corner]}`), 4) < 20);
  }
});

Deno.test("randomPerspective() changes images as often as it is told, and floats as well", async () => {
  for (const image of [bytes, floats] as Image[]) {
    const all = await results(randomPerspective({ probability: 0.2, seed: 4 }), image, 1000);
    const share = all.filter((result) => result !== image).length / 1000;
    assert(Math.abs(share - 0.2) < 4 * Math.sqrt(0.16 / 1000), `${share}`);
  }
});

Deno.test("randomPerspective() leaves alone what is too small, and never fails at small images", async () => {
  for (const [height, width] of [[1, 1], [1, 9], [9, 1]] as const) {
    const image = byteImage(height, width, 1);
    const [result] = await results(randomPerspective({ probability: 1, seed: 0 }), image, 1);
    assertStrictEquals(result, image);
  }
  for (const [height, width] of [[2, 2], [2, 7], [3, 3], [4, 4]] as const) {
    const image = byteImage(height, width, 1);
    await results(randomPerspective({ probability: 1, distortion: 1, seed: 0 }), image, 500);
  }
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("random warps keep their draws from version to version", async () => {
  const image = places(5, 5);
  const middle = (all: readonly Image[]) =>
    all.map(({ data }) => `${data[12]}${data[13]}`).join(" ");
  const random = { seed: 1, epoch: 5 };
  const rotated = await results(randomRotation({ degrees: 180, ...random }), image, 12);
  assertEquals(middle(rotated), "21 13 13 31 13 23 21 13 32 11 21 23");
  const options: RandomAffineOptions = {
    degrees: 90,
    translate: [0.4, 0.4],
    scale: [0.5, 2],
    shear: 30,
  };
  assertEquals(
    middle(await results(randomAffine({ ...options, ...random }), image, 12)),
    "11 00 11 03 01 00 12 00 12 41 11 34",
  );
  const changed = await results(
    randomPerspective({ distortion: 0.9, method: "nearest", ...random }),
    places(9, 9),
    12,
  );
  const sums = changed.map(({ data }) => data.reduce((a, b) => a + b));
  assertEquals(sums, [648, 221, 357, 648, 648, 239, 648, 648, 648, 81, 648, 648]);
});

Deno.test("random warps refuse an image that their fill does not fit, whether it changes or not", async () => {
  const fill = [1, 2];
  for (
    const stage of [
      randomRotation({ degrees: 0, fill, seed: 0 }),
      randomAffine({ fill, seed: 0 }),
      randomPerspective({ probability: 0, fill, seed: 0 }),
    ]
  ) {
    await assertRejects(
      () => drain(stage(counting<Example>([{ image: bytes, label: 0 }]))),
      StageError,
      "the image has 3 channels where there are 2 fills",
    );
  }
});

Deno.test("random warps refuse bad options when they are called", () => {
  const rotation = (options: Partial<RandomRotationOptions>) => () =>
    randomRotation({ degrees: 0, ...options });
  const affine = (options: RandomAffineOptions) => () => randomAffine(options);
  const perspective = (options: RandomPerspectiveOptions) => () => randomPerspective(options);
  for (
    const [make, message] of [
      [rotation({ degrees: -1 }), "Cannot rotate with the degrees [1, -1]: it must be two numbers"],
      [rotation({ degrees: NaN }), "Cannot rotate with the degrees [NaN, NaN]: it must be two"],
      [rotation({ degrees: [0, 400] }), "Cannot rotate with the degrees [0, 400]: it must be"],
      [rotation({ center: [0, NaN] }), "Cannot rotate about [0, NaN]: the center must be two"],
      [rotation({ fill: NaN }), "Cannot rotate with the fill NaN: it must be finite"],
      [rotation({ method: "lanczos" as "nearest" }), 'Cannot rotate by the method "lanczos"'],
      [affine({ degrees: [2, 1] }), "Cannot warp with the degrees [2, 1]: it must be two numbers"],
      [affine({ translate: [0, 2] }), "Cannot warp with a translation of 2: the translation must"],
      [
        affine({ scale: [0, 1] }),
        "Cannot warp with the scale [0, 1]: it must be two numbers above",
      ],
      [affine({ shear: [0, 1, 2, 1] }), "Cannot warp with the shear [2, 1]: it must be two"],
      [affine({ center: [0, NaN] }), "Cannot warp about [0, NaN]: the center must be two numbers"],
      [perspective({ distortion: 2 }), "Cannot warp with a distortion of 2: the distortion must"],
      [perspective({ probability: -1 }), "Cannot warp with probability -1: the probability must"],
      [perspective({ fill: [] }), "Cannot warp with the fill []: it must have a number"],
    ] as const
  ) {
    assertThrows(make, RangeError, message);
  }
});

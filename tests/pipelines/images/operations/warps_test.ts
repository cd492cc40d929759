import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  affineImage,
  type AffineImageOptions,
  type FourPoints,
  type Image,
  perspectiveImage,
  type Point,
  rotateImage,
  type RotateImageOptions,
  type WarpMethod,
} from "@rill/rill/pipelines";
import { byteImage, places } from "../_augment.ts";
import { range } from "../../_helpers.ts";
import { readReferences } from "../../_references.ts";

const FUNCTIONS = { rotateImage, affineImage, perspectiveImage };
const METHODS: readonly WarpMethod[] = ["nearest", "bilinear", "bicubic"];

for (const { name, function: fn, parameters, input, check } of await readReferences("warps")) {
  const [options, height, width] = parameters;
  Deno.test(`${fn}() does as torchvision: ${name}`, () => {
    const before = structuredClone(input);
    const image: Image = FUNCTIONS[fn as keyof typeof FUNCTIONS](input, options);
    assertEquals([image.height, image.width, image.channels], [height, width, input.channels]);
    check(image);
    assertEquals(input, before);
  });
}

/** An image with another sample for each pixel of a result, found by index. */
function arrange(
  { data, channels }: Image,
  [height, width]: readonly [number, number],
  indexOf: (row: number, column: number) => number,
) {
  const pixels = range(height * width).flatMap((i) => {
    const from = indexOf(Math.floor(i / width), i % width) * channels;
    return [...data.subarray(from, from + channels)];
  });
  return { data: Uint8Array.from(pixels), height, width, channels };
}

for (const channels of [1, 2, 3, 4]) {
  const image = byteImage(5, 7, channels);

  Deno.test(`rotateImage() turns ${channels} channels by right angles without a loss`, () => {
    for (const method of METHODS) {
      const rotate = (angle: number, expand = true) =>
        rotateImage(image, { angle, expand, method });
      assertEquals(rotate(90), arrange(image, [7, 5], (row, column) => column * 7 + 6 - row));
      assertEquals(rotate(270), arrange(image, [7, 5], (row, column) => (4 - column) * 7 + row));
      assertEquals(rotate(-90), rotate(270));
      assertEquals(rotate(180, false), arrange(image, [5, 7], (row, col) => 34 - row * 7 - col));
      assertStrictEquals(rotate(0), image);
      assertStrictEquals(rotate(-720, false), image);
      assertEquals(rotateImage(rotate(90), { angle: 270, expand: true }), image);
    }
  });

  Deno.test(`affineImage() moves ${channels} channels by whole pixels without a loss`, () => {
    for (const method of METHODS) {
      assertEquals(affineImage(image, { method }), image);
      const moved = affineImage(image, { translate: [2, -1], method, fill: 0 });
      const at = (row: number, column: number) => (row * 7 + column) * channels;
      assertEquals(moved.data.subarray(0, 2 * channels), new Uint8Array(2 * channels));
      assertEquals(moved.data.subarray(at(4, 0)), new Uint8Array(7 * channels));
      assertEquals(
        moved.data.subarray(at(1, 2), at(2, 0)),
        image.data.subarray(at(2, 0), at(2, 5)),
      );
    }
  });

  Deno.test(`perspectiveImage() leaves ${channels} channels alone where no point moves`, () => {
    const corners: FourPoints = [[0, 0], [6, 0], [6, 4], [0, 4]];
    for (const method of METHODS) {
      const same = perspectiveImage(image, { startPoints: corners, endPoints: corners, method });
      assertEquals(same, image);
      // As an affine map does.
      const moved = corners.map(([x, y]) => [x + 2, y - 1]) as unknown as FourPoints;
      assertEquals(
        perspectiveImage(image, { startPoints: corners, endPoints: moved, method, fill: 6 }),
        affineImage(image, { translate: [2, -1], method, fill: 6 }),
      );
    }
  });

  Deno.test(`the warps sample each of ${channels} channels on its own`, () => {
    const each = (change: (image: Image) => Image) => {
      const all = change(image);
      for (const c of range(channels)) {
        const of = ({ data }: Image) => data.filter((_, i) => i % channels === c);
        const alone = change({ ...image, data: of(image), channels: 1 });
        assertEquals(alone.data, of(all));
      }
    };
    const startPoints: FourPoints = [[0, 0], [6, 0], [6, 4], [0, 4]];
    const endPoints: FourPoints = [[1, 0], [6, 1], [4, 4], [0, 3]];
    for (const method of METHODS) {
      each((image) => rotateImage(image, { angle: 20, method, fill: 9 }));
      each((image) => rotateImage(image, { angle: 90, expand: true, method }));
      each((image) => affineImage(image, { shear: 12, scale: 1.1, method, fill: 9 }));
      each((image) => affineImage(image, { scale: 1.7, method }));
      each((image) => perspectiveImage(image, { startPoints, endPoints, method }));
    }
  });
}

Deno.test("the warps interpolate floats", () => {
  const image = places(20, 30);
  const { data } = affineImage(image, { translate: [0.25, -0.5], method: "bilinear", fill: -1 });
  const at = (10 * 30 + 15) * 2;
  assertEquals([...data.subarray(at, at + 2)], [10.5, 14.75]);
  assertEquals(data.constructor, Float32Array);
});

Deno.test("the warps fill what lies outside", () => {
  const image = byteImage(4, 4, 3);
  for (const method of METHODS) {
    const { data } = affineImage(image, { translate: [9, 0], method, fill: [1, 2, 3] });
    assertEquals(data, Uint8Array.from(range(48), (i) => 1 + i % 3));
  }
});

Deno.test("rotateImage() takes the center, and a size for all of the image", () => {
  const image = byteImage(3, 5, 1);
  const about = (center: Point) => rotateImage(image, { angle: 180, center });
  assertEquals(about([2.5, 1.5]).data, image.data.toReversed());
  assertEquals(about([0.5, 0.5]).data[0], image.data[0]);
  const { height, width } = rotateImage(byteImage(10, 20, 1), { angle: 30, expand: true });
  assertEquals([height, width], [20, 24]);
});

Deno.test("the warps refuse invalid arguments", () => {
  const image = byteImage(4, 4, 3);
  const refuse = (fn: () => void, message: string) => assertThrows(fn, RangeError, message);
  const rotations: readonly [Partial<RotateImageOptions>, string][] = [
    [{ angle: NaN }, "Cannot rotate by NaN: the angle must be a number of degrees"],
    [{ angle: Infinity }, "Cannot rotate by Infinity: the angle must be a number of degrees"],
    [{ center: [NaN, 1] }, "Cannot rotate about [NaN, 1]: the center must be two numbers"],
    [
      { center: [1] as unknown as Point },
      "Cannot rotate about [1]: the center must be two numbers",
    ],
    [
      { method: "cubic" as WarpMethod },
      'Cannot rotate by the method "cubic": there are bilinear, bicubic and nearest',
    ],
    [{ fill: NaN }, "Cannot rotate with the fill NaN: it must be finite"],
    [{ fill: [1, 2] }, "the image has 3 channels where there are 2 fills"],
    [{ fill: 256 }, "the image is of bytes where the fill is 256, not an integer from 0 to 255"],
  ];
  for (const [options, message] of rotations) {
    refuse(() => rotateImage(image, { angle: 10, ...options }), message);
  }
  const changes: readonly [AffineImageOptions, string][] = [
    [{ angle: NaN }, "Cannot rotate by NaN: the angle must be a number of degrees"],
    [{ scale: 0 }, "Cannot scale by 0: the scale must be a number above 0"],
    [{ scale: NaN }, "Cannot scale by NaN: the scale must be a number above 0"],
    [{ shear: NaN }, "Cannot shear by NaN: the angle must be a number of degrees"],
    [{ shear: [0, Infinity] }, "Cannot shear by Infinity: the angle must be a number of degrees"],
    [
      { translate: [0, NaN] },
      "Cannot move by [0, NaN]: the translation must be two numbers",
    ],
    [{ center: [0, NaN] }, "Cannot rotate about [0, NaN]: the center must be two numbers"],
    [
      { method: "" as WarpMethod },
      'Cannot warp by the method "": there are bilinear, bicubic and nearest',
    ],
  ];
  for (const [options, message] of changes) refuse(() => affineImage(image, options), message);
  for (const fn of [rotateImage, affineImage]) {
    refuse(
      () => fn({ ...image, height: 5 }, { angle: 10 }),
      "the image is 5 × 4 × 3 uint8 and has 48 samples",
    );
    const empty = { data: new Uint8Array(), height: 0, width: 4, channels: 1 };
    refuse(() => fn(empty, { angle: 0 }), "the image is 0 × 4 × 1 uint8 and has 0 samples");
  }
  const startPoints: FourPoints = [[0, 0], [3, 0], [3, 3], [0, 3]];
  const warp = (endPoints: readonly Point[]) =>
    perspectiveImage(image, { startPoints, endPoints: endPoints as unknown as FourPoints });
  refuse(
    () => warp([[0, 0], [3, 0], [3, 3]]),
    "Cannot warp by 3 end points: there must be four of them",
  );
  refuse(
    () => warp([[0, 0], [3, 0], [3, NaN], [0, 3]]),
    "Cannot warp by the end point [3, NaN]: the point must be two numbers",
  );
  refuse(
    () => warp([[0, 0], [3, 0], [1, 1], [2, 2]]),
    "Cannot warp by the end points [0, 0], [3, 0], [1, 1], [2, 2]: three of them lie on a line",
  );
  refuse(
    () =>
      perspectiveImage(image, {
        startPoints: [[0, 0], [1, 1], [2, 2], [0, 3]],
        endPoints: startPoints,
      }),
    "Cannot warp by the start points [0, 0], [1, 1], [2, 2], [0, 3]: three of them lie on a line",
  );
  refuse(
    () => perspectiveImage({ ...image, width: 5 }, { startPoints, endPoints: startPoints }),
    "the image is 4 × 5 × 3 uint8 and has 48 samples",
  );
});

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  fiveCropImage,
  type Image,
  padImage,
  type PadMode,
  type ResizeMethod,
  resizeShorterSide,
  tenCropImage,
  type TenCropImageOptions,
} from "@rill/rill/pipelines";
import { byteImage } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

for (const { name, function: fn, parameters, input, check } of await readReferences("sizes")) {
  const test = (run: () => readonly [image: Image, height: number, width: number]) =>
    Deno.test(`${fn}() does as torchvision: ${name}`, () => {
      const before = structuredClone(input);
      const [image, height, width] = run();
      assertEquals([image.height, image.width, image.channels], [height, width, input.channels]);
      check(image);
      assertEquals(input, before);
    });
  if (fn === "padImage") {
    const [[left, top, right, bottom], mode, fill] = parameters;
    test(() => [
      padImage(input, { padding: { top, right, bottom, left }, mode, fill }),
      top + input.height + bottom,
      left + input.width + right,
    ]);
  } else if (fn === "resizeShorterSide") {
    const [side, method, height, width] = parameters;
    test(() => [resizeShorterSide(input, { side, method }), height, width]);
  } else {
    const [height, width, i, flip] = parameters;
    test(() => {
      const crops = fn === "fiveCropImage"
        ? fiveCropImage(input, { height, width })
        : tenCropImage(input, { height, width, flip });
      assertEquals(crops.length, fn === "fiveCropImage" ? 5 : 10);
      return [crops[i]!, height, width];
    });
  }
}

Deno.test("fiveCropImage() and tenCropImage() refuse sizes that the image hasn't", () => {
  const image = byteImage(4, 5, 3);
  for (const crop of [fiveCropImage, tenCropImage]) {
    for (const [height, width] of [[5, 5], [4, 6]] as const) {
      assertThrows(
        () => crop(image, { height, width }),
        RangeError,
        `the image is 4 × 5, which is smaller than crops of ${height} × ${width}`,
      );
    }
    for (const bad of [0, 1.5, NaN]) {
      assertThrows(
        () => crop(image, { height: bad, width: 1 }),
        RangeError,
        `Cannot crop to ${bad} × 1: the height must be an integer of at least 1`,
      );
    }
    assertThrows(() => crop({ ...image, width: 4 }, { height: 1, width: 1 }), RangeError);
  }
  const options = { height: 1, width: 1, flip: "both" } as unknown as TenCropImageOptions;
  assertThrows(
    () => tenCropImage(image, options),
    RangeError,
    'Cannot flip by "both": there are horizontal and vertical',
  );
});

Deno.test("tenCropImage() gives the crops of fiveCropImage() first", () => {
  const image = byteImage(6, 7, 2);
  const size = { height: 3, width: 4 };
  assertEquals(tenCropImage(image, size).slice(0, 5), fiveCropImage(image, size));
});

Deno.test("padImage() pads all sides alike, or none", () => {
  const image = byteImage(3, 4, 3);
  assertEquals(
    padImage(image, { padding: 2, fill: [1, 2, 3] }),
    padImage(image, { padding: { top: 2, right: 2, bottom: 2, left: 2 }, fill: [1, 2, 3] }),
  );
  for (const mode of ["constant", "edge", "reflect", "symmetric"] as const) {
    assertStrictEquals(padImage(image, { padding: 0, mode }), image);
    assertStrictEquals(padImage(image, { padding: {}, mode }), image);
  }
});

Deno.test("padImage() refuses invalid arguments", () => {
  const image = byteImage(3, 4, 3);
  for (const bad of [-1, 0.5, NaN]) {
    const message = `Cannot pad by ${bad} pixels: the padding must be an integer of at least 0`;
    assertThrows(() => padImage(image, { padding: bad }), RangeError, message);
    assertThrows(() => padImage(image, { padding: { left: bad } }), RangeError, message);
  }
  assertThrows(
    () => padImage(image, { padding: 1, mode: "wrap" as PadMode }),
    RangeError,
    'Cannot pad by the mode "wrap": there are constant, edge, reflect and symmetric',
  );
  assertThrows(() => padImage(image, { padding: 1, fill: NaN }), RangeError, "fill NaN");
  assertThrows(() => padImage(image, { padding: 1, fill: 300 }), RangeError, "fill is 300");
  assertThrows(() => padImage({ ...image, height: 4 }, { padding: 1 }), RangeError);
});

Deno.test("resizeShorterSide() keeps an image that has the size, and refuses invalid ones", () => {
  const image = byteImage(3, 4, 3);
  assertStrictEquals(resizeShorterSide(image, { side: 3 }), image);
  for (const side of [0, 1.5, NaN]) {
    assertThrows(
      () => resizeShorterSide(image, { side }),
      RangeError,
      `Cannot resize the shorter side to ${side}: the side must be an integer of at least 1`,
    );
  }
  assertThrows(
    () => resizeShorterSide(image, { side: 3, method: "lanczos" as ResizeMethod }),
    RangeError,
    'Cannot resize by the method "lanczos"',
  );
  assertThrows(
    () => resizeShorterSide({ ...image, height: 0 }, { side: 3 }),
    RangeError,
    "the image is 0 × 4 × 3 uint8 and has 36 samples",
  );
});

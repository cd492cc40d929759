import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  type Image,
} from "@rill/rill/pipelines";
import { byteImage, type Bytes, places } from "../_augment.ts";
import { readReferences } from "../../_references.ts";

const FUNCTIONS = { adjustBrightness, adjustContrast, adjustSaturation, adjustHue };
const isOurs = (name: string): name is keyof typeof FUNCTIONS => name in FUNCTIONS;

for (const { name, function: fn, parameters, input, check } of await readReferences("colors")) {
  if (!isOurs(fn)) continue;
  Deno.test(`${fn}() does as torchvision: ${name}`, () => {
    const image = FUNCTIONS[fn](input as Image<Bytes>, parameters[0]);
    assertEquals({ ...image, data: 0 }, { ...input, data: 0 });
    check(image);
  });
}

for (const [name, fn] of Object.entries(FUNCTIONS)) {
  const nothing = fn === adjustHue ? 0 : 1;
  const image = byteImage(2, 3, 3);

  Deno.test(`${name}() gives an image as it is where nothing changes`, () => {
    assertStrictEquals(fn(image, nothing), image);
  });

  Deno.test(`${name}() leaves its input alone`, () => {
    const before = structuredClone(image);
    fn(image, 0.4);
    assertEquals(image, before);
  });

  Deno.test(`${name}() refuses images without colors, and invalid numbers`, () => {
    assertThrows(
      () => fn(byteImage(2, 3, 4), 0.5),
      RangeError,
      "the image has 4 channels where there must be 1 or 3",
    );
    assertThrows(
      () => fn({ ...image, width: 4 }, 0.5),
      RangeError,
      "the image is 2 × 4 × 3 uint8 and has 18 samples",
    );
    const floats = { ...places(2, 3), channels: 1, width: 6 } as unknown as Image<Bytes>;
    assertThrows(
      () => fn(floats, 0.5),
      TypeError,
      "the image is 2 × 6 × 1 float32 where it must be of bytes",
    );
    for (const bad of [-0.6, NaN, Infinity]) {
      assertThrows(() => fn(image, bad), RangeError, ` by ${bad}: the `);
    }
  });
}

Deno.test("adjustSaturation() and adjustHue() give a gray image as it is", () => {
  const image = byteImage(2, 3, 1);
  assertStrictEquals(adjustSaturation(image, 0.5), image);
  assertStrictEquals(adjustHue(image, 0.5), image);
});

Deno.test("adjustHue() says what a turn must be", () => {
  assertThrows(
    () => adjustHue(byteImage(1, 1, 3), 0.6),
    RangeError,
    "Cannot adjust hue by 0.6: the turn must be a number from -0.5 to 0.5",
  );
  assertThrows(
    () => adjustContrast(byteImage(1, 1, 3), -1),
    RangeError,
    "Cannot adjust contrast by -1: the factor must be a number of at least 0",
  );
});

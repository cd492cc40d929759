import { toLuma } from "../../data/_channels.ts";
import type { ByteImage } from "./_color_bytes.ts";

// Pillow's ImageEnhance and torchvision's functional_pil, byte for byte. Each function reads the samples of `image` and
// writes those of `output`, which may be the image's own array.

type Bytes = Uint8Array<ArrayBuffer>;

/** Blends an image with black. */
export function brighten({ data }: ByteImage, factor: number, output: Bytes): void {
  lookUp(data, makeBlendTable(0, factor), output);
}

/** Blends an image with the mean of its luma. */
export function changeContrast({ data, channels }: ByteImage, factor: number, output: Bytes): void {
  let sum = 0;
  if (channels === 1) {
    for (let i = 0; i < data.length; i++) sum += data[i]!;
  } else {
    for (let i = 0; i < data.length; i += 3) sum += toLuma(data[i]!, data[i + 1]!, data[i + 2]!);
  }
  const mean = Math.floor(sum / (data.length / channels) + 0.5);
  lookUp(data, makeBlendTable(mean, factor), output);
}

/** Blends the three channels of each pixel with its luma. */
export function saturate({ data }: ByteImage, factor: number, output: Bytes): void {
  const products = makeProductTable(factor);
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    const gray = toLuma(r, g, b);
    output[i] = clip(Math.fround(gray + products[255 + r - gray]!));
    output[i + 1] = clip(Math.fround(gray + products[255 + g - gray]!));
    output[i + 2] = clip(Math.fround(gray + products[255 + b - gray]!));
  }
}

/**
 * Turns the hue of each pixel of three channels by `turn` of 255 steps, which wrap at 256 as torchvision's do. Goes by
 * way of Pillow's HSV of bytes, which rounds hue and saturation down, so that all colors move a little.
 */
export function turnHue({ data }: ByteImage, turn: number, output: Bytes): void {
  const { fround, floor } = Math;
  for (let i = 0; i < data.length; i += 3) {
    const r = data[i]!;
    const g = data[i + 1]!;
    const b = data[i + 2]!;
    const max = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const min = r < g ? (r < b ? r : b) : (g < b ? g : b);
    const range = max - min;
    // The saturation as a byte, which is 0 for dark pixels of little color.
    const s = range === 0 ? 0 : floor(fround(range / max) * 255);
    if (s === 0) {
      output[i] = output[i + 1] = output[i + 2] = max;
      continue;
    }
    // Like Pillow, some of this in single precision and some in double.
    const fromR = fround((max - r) / range);
    const fromG = fround((max - g) / range);
    const fromB = fround((max - b) / range);
    const sector = r === max
      ? fround(fromB - fromG)
      : g === max
      ? fround(2 + fromR - fromB)
      : fround(4 + fromG - fromR);
    const circle = sector / 6 + 1;
    const h = (floor(fround(circle >= 1 ? circle - 1 : circle) * 255) + turn) & 255;

    const side = HUE_SIDES[h]!;
    const rest = HUE_RESTS[h]!;
    const saturation = SATURATIONS[s]!;
    const low = floor(max * (1 - saturation) + 0.5);
    // On even sides of the hexagon one channel rises, on odd ones another falls.
    const middle = (side & 1) === 0
      ? floor(max * (1 - saturation * (1 - rest)) + 0.5)
      : floor(max * (1 - fround(saturation * rest)) + 0.5);
    output[i] = side === 0 || side === 5 ? max : side === 1 || side === 4 ? middle : low;
    output[i + 1] = side === 1 || side === 2 ? max : side === 0 || side === 3 ? middle : low;
    output[i + 2] = side === 3 || side === 4 ? max : side === 2 || side === 5 ? middle : low;
  }
}

/** `HUE_SIDES[h]`: the side of the hexagon that a hue lies on; the last hue is the first again. */
const HUE_SIDES = /* @__PURE__ */ Uint8Array.from(
  { length: 256 },
  (_, h) => Math.floor(h * 6 / 255) % 6,
);
/** `HUE_RESTS[h]`: how far along its side a hue lies. */
const HUE_RESTS = /* @__PURE__ */ Float32Array.from(
  { length: 256 },
  (_, h) => h * 6 / 255 - Math.floor(h * 6 / 255),
);
const SATURATIONS = /* @__PURE__ */ Float32Array.from({ length: 256 }, (_, s) => s / 255);

function lookUp(data: Bytes, table: Bytes, output: Bytes): void {
  for (let i = 0; i < data.length; i++) output[i] = table[data[i]!]!;
}

/**
 * Makes the table of blending: for each byte `base` at the factor 0, the byte at 1; in single precision like Pillow's
 * `blend`.
 */
function makeBlendTable(base: number, factor: number): Bytes {
  const products = makeProductTable(factor);
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    table[byte] = clip(Math.fround(base + products[255 + byte - base]!));
  }
  return table;
}

/** Makes the table of products: `table[255 + d]` is `factor` times a difference of bytes. */
export function makeProductTable(factor: number): Float32Array {
  const alpha = Math.fround(factor);
  const table = new Float32Array(511);
  for (let d = -255; d <= 255; d++) table[255 + d] = alpha * d;
  return table;
}

/** Clips to the range of bytes; the array drops the fraction. */
export const clip = (x: number): number => x < 0 ? 0 : x > 255 ? 255 : x;

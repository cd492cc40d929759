import type { ImageInputAttrs } from "../definitions/_kernel_names.ts";
import { computeBilinearTaps, type Taps, WEIGHT_BITS } from "./_bilinear_taps.ts";

/** Computes the float of each byte, channel by channel: in double precision, rounded once. */
export function computeByteFloats(
  channels: number,
  { scale, means, stds }: Pick<ImageInputAttrs, "scale" | "means" | "stds">,
): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 256 * channels }, (_, i) => {
    const channel = i >> 8;
    const mean = means[means.length === 1 ? 0 : channel]!;
    const std = stds[stds.length === 1 ? 0 : channel]!;
    return ((i & 255) * scale - mean) / std;
  });
}

/** Makes a network's input image by image: its columns, then its rows, rounded to bytes after each, then their floats. */
export function makeImageInputOnHost(attrs: ImageInputAttrs, result: Float32Array): void {
  const { data, images: [size, height, width, channels], to: [toHeight, toWidth] } = attrs;
  const columns = computeBilinearTaps(width, toWidth);
  const rows = computeBilinearTaps(height, toHeight);
  const floats = computeByteFloats(channels, attrs);
  const length = toWidth * channels;
  const wide = new Uint8Array(height * length);
  const line = new Uint8Array(length);
  for (let image = 0; image < size; image++) {
    for (let row = 0; row < height; row++) {
      const from = (image * height + row) * width * channels;
      for (let column = 0, at = row * length; column < toWidth; column++) {
        for (let channel = 0; channel < channels; channel++, at++) {
          wide[at] = mixSample(data, from + channel, channels, columns, column);
        }
      }
    }
    for (let row = 0; row < toHeight; row++) {
      for (let i = 0; i < length; i++) line[i] = mixSample(wide, i, length, rows, row);
      const at = (image * toHeight + row) * length;
      for (let i = 0; i < length; i++) result[at + i] = floats[i % channels << 8 | line[i]!]!;
    }
  }
}

/** Computes one sample of a resized line, whose input samples lie at `from` and every `next` after it. */
function mixSample(
  data: Uint8Array,
  from: number,
  next: number,
  { stride, words }: Taps,
  output: number,
): number {
  const at = output * stride;
  const end = at + 2 + words[at + 1]!;
  let sum = 1 << WEIGHT_BITS - 1;
  for (let t = at + 2, i = from + words[at]! * next; t < end; t++, i += next) {
    sum += data[i]! * words[t]!;
  }
  // The weights of thousands of samples, each rounded, can add up to a little more than 1.
  return Math.min(sum >> WEIGHT_BITS, 255);
}

/** The shape of a network's input of bytes. */
export const getInputShape = (
  { images: [size, , , channels], to: [height, width] }: ImageInputAttrs,
): [size: number, height: number, width: number, channels: number] => [
  size,
  height,
  width,
  channels,
];

/** Makes a network's input of bytes as an array. */
export function makeInputOnHost(attrs: ImageInputAttrs): Float32Array<ArrayBuffer> {
  const result = new Float32Array(getInputShape(attrs).reduce((a, b) => a * b, 1));
  makeImageInputOnHost(attrs, result);
  return result;
}

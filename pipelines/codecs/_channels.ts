import { toLuma } from "../data/_channels.ts";

/**
 * Converts pixels of 1 to 4 channels (1 gray, 2 gray and alpha, 3 RGB, 4 RGBA) to 1 or 3. Alpha is dropped and the
 * color below it kept; the gray of RGB is Pillow's, ITU-R 601's luma in 16 bits.
 */
export function convertChannels(
  data: Uint8Array<ArrayBuffer>,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  if (from === to) return data;
  const pixels = data.length / from;
  const output = new Uint8Array(pixels * to);
  if (from >= 3 && to === 1) {
    for (let i = 0, at = 0; i < output.length; i++, at += from) {
      output[i] = toLuma(data[at]!, data[at + 1]!, data[at + 2]!);
    }
  } else {
    const [green, blue] = from < 3 ? [0, 0] : [1, 2];
    for (let i = 0, at = 0; i < output.length; i += to, at += from) {
      output[i] = data[at]!;
      if (to === 1) continue;
      output[i + 1] = data[at + green]!;
      output[i + 2] = data[at + blue]!;
    }
  }
  return output;
}

/**
 * Converts pixels of CMYK to RGB as Pillow does: without a color profile, and with the samples inverted, as Adobe's
 * programs store them and others do after them.
 */
export function convertCmyk(cmyk: Uint8Array, rgb: Uint8Array): void {
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const white = cmyk[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = (255 - cmyk[from + c]!) * white + 128;
      rgb[to + c] = white - ((product >> 8) + product >> 8);
    }
  }
}

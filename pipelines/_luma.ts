/** The luma of a pixel of bytes as Pillow has it: the weights of ITU-R BT.601 in 16 bits, rounded. */
export const luma = (r: number, g: number, b: number): number =>
  r * 19595 + g * 38470 + b * 7471 + 0x8000 >> 16;

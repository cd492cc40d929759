/** The luma of a pixel of bytes as Pillow has it: the weights of ITU-R BT.601 in 16 bits, rounded. */
export const luma = (r: number, g: number, b: number): number =>
  r * 19595 + g * 38470 + b * 7471 + 0x8000 >> 16;

/** Rounds to the nearest integer, a half to the even one, as Python does. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

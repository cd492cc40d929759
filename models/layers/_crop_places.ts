/**
 * Computes where five crops of an image begin, from its top left: in its corners, and in the middle, which is where torchvision's
 * ten-crop has it.
 */
export function computeCropPlaces(
  height: number,
  width: number,
  size: number,
): readonly (readonly [top: number, left: number])[] {
  const [bottom, right] = [height - size, width - size];
  return [[0, 0], [0, right], [bottom, 0], [bottom, right], [roundHalf(bottom), roundHalf(right)]];
}

/** Halves an integer as Python's `round` does: of two integers to the even one. */
function roundHalf(length: number): number {
  const half = Math.floor(length / 2);
  return length % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}

/** Rounds to the nearest integer, a half to the even one, as Python does. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/**
 * Finds where the middle part of a line begins, as torchvision chooses where it lies between two pixels; a part that is
 * longer than the line begins before it.
 *
 * @param length Pixels of the line.
 * @param part Pixels of the part.
 */
export const findMiddle = (length: number, part: number): number =>
  part > length ? -Math.floor((part - length) / 2) : roundHalfEven((length - part) / 2);

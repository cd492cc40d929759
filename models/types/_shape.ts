/** Counts the elements of a tensor of a shape. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Writes a shape for people, such as `224 x 224 x 1`. */
export function formatShape(shape: readonly number[]): string {
  return shape.join(" x ");
}

/** Tells whether two shapes are the same. */
export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, d) => length === b[d]);
}

/** Tells whether a shape is an image's. */
export function isImageShape(
  shape: readonly number[],
): shape is readonly [height: number, width: number, channels: number] {
  return shape.length === 3;
}

/** Tells whether a shape is a vector's. */
export function isVectorShape(shape: readonly number[]): shape is readonly [length: number] {
  return shape.length === 1;
}

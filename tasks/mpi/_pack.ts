// Arrays that count as one, copied to memory where they lie one behind the other, and back.

/** Arrays with the number of all their elements. */
export interface Joined {
  readonly arrays: readonly Float32Array[];
  readonly total: number;
}

/** Joins arrays. */
export const join = (arrays: readonly Float32Array[]): Joined => ({
  arrays,
  total: arrays.reduce((sum, { length }) => sum + length, 0),
});

/** Joins no arrays. */
export const NONE: Joined = join([]);

/** Counts how many of the joined numbers lie in a piece of them. */
export const countPiece = ({ total }: Joined, start: number, length: number): number =>
  Math.max(0, Math.min(total - start, length));

/** Copies the joined numbers from a start to memory, as many as it holds. */
export function pack(joined: Joined, start: number, memory: Float32Array): void {
  visit(joined, start, memory, (numbers, part) => part.set(numbers));
}

/** Copies memory to where the joined numbers are, from a start. */
export function unpack(joined: Joined, start: number, memory: Float32Array): void {
  visit(joined, start, memory, (numbers, part) => numbers.set(part));
}

/** Visits each array's part of a piece beside its part of the memory. */
function visit(
  { arrays }: Joined,
  start: number,
  memory: Float32Array,
  visitPart: (numbers: Float32Array, part: Float32Array) => void,
): void {
  let before = 0;
  let at = 0;
  for (const array of arrays) {
    if (at === memory.length) return;
    const from = start + at - before;
    if (from < array.length) {
      const count = Math.min(array.length - from, memory.length - at);
      visitPart(array.subarray(from, from + count), memory.subarray(at, at + count));
      at += count;
    }
    before += array.length;
  }
}

// Writes the pieces of WGSL that the parts of a product's program share.
import type { GemmParameters } from "./_gemm_parameters.ts";

/** Writes the column of an element of a thread's block. Threads have neighbouring vectors, so they load and store neighbours. */
export function writeColumn(
  { threads, vector }: GemmParameters,
  j: number,
  element: number,
): string {
  return `tileColumn + (x + ${j * threads[1]}) * ${vector} + ${element}`;
}

/** Names the type of so many numbers. */
export function nameType(vector: number): string {
  return vector === 1 ? "f32" : `vec${vector}<f32>`;
}

/** Names the type of so many numbers in shared memory: in half precision, half as many bytes. */
export function nameTileType(vector: number, half: boolean): string {
  return half ? nameType(vector).replace("f32", "f16") : nameType(vector);
}

/** Converts so many numbers to what shared memory holds. */
export function convertToTile(vector: number, half: boolean, text: string): string {
  return half ? `${nameTileType(vector, half)}(${text})` : text;
}

/** Converts so many numbers of shared memory to those that are summed. The product of two f16 is exact in f32. */
export function convertFromTile(vector: number, half: boolean, text: string): string {
  return half ? `${nameType(vector)}(${text})` : text;
}

/** Rounds so many numbers to half precision where that is wanted. */
export function roundToHalf(vector: number, half: boolean, text: string): string {
  return convertFromTile(vector, half, convertToTile(vector, half, text));
}

/** Picks one of so many numbers. */
export function pickComponent(vector: number, element: number): string {
  return vector === 1 ? "" : `.${"xyzw"[element]}`;
}

/** Repeats text, line by line. */
export function repeatLines(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** Repeats text with commas between. */
export function repeatList(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join(", ");
}

/** Writes the value that a row has beyond the image: 0, or 1 for the row of ones, which sums the right operand. */
export function writePadding(row: string): string {
  return `select(0.0, 1.0, ${row} == s.onesRow)`;
}

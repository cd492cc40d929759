// Pieces of text that the parts of a product's program share.
import type { GemmParameters } from "./_gemm_parameters.ts";

/** The column of an element of a thread's block. Threads have neighbouring vectors, so that they load and store neighbours. */
export function column({ threads, vector }: GemmParameters, j: number, element: number): string {
  return `tileColumn + (x + ${j * threads[1]}) * ${vector} + ${element}`;
}

/** The type of so many numbers. */
export function type(vector: number): string {
  return vector === 1 ? "f32" : `vec${vector}<f32>`;
}

/** The type of so many numbers in shared memory: in half precision, half as many bytes. */
export function tileType(vector: number, half: boolean): string {
  return half ? type(vector).replace("f32", "f16") : type(vector);
}

/** So many numbers as shared memory has them. */
export function toTile(vector: number, half: boolean, text: string): string {
  return half ? `${tileType(vector, half)}(${text})` : text;
}

/** So many numbers of shared memory as they are summed. The product of two f16 is exact in f32. */
export function fromTile(vector: number, half: boolean, text: string): string {
  return half ? `${type(vector)}(${text})` : text;
}

/** So many numbers, rounded to half precision where that is wanted. */
export function rounded(vector: number, half: boolean, text: string): string {
  return fromTile(vector, half, toTile(vector, half, text));
}

/** What picks one of them. */
export function component(vector: number, element: number): string {
  return vector === 1 ? "" : `.${"xyzw"[element]}`;
}

/** Text so many times, line by line. */
export function each(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** Text so many times, with commas. */
export function list(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join(", ");
}

/** What a row has where there is no image: zeros, or ones for the row that sums the right operand. */
export const rest = (row: string): string => `select(0.0, 1.0, ${row} == s.onesRow)`;

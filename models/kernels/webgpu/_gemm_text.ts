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

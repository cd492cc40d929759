import type { GemmLayout, GemmSettings } from "./_gemm_code.ts";

/**
 * The class of products that a tuned set is for: the same layout, and sizes that are about the same. What is tuned for one
 * batch size then also serves those near it, such as an epoch's last.
 */
export function gemmClass(
  { left, right }: GemmLayout,
  { rows, columns, segments, inner }: Pick<
    GemmSettings,
    "rows" | "columns" | "segments" | "inner"
  >,
): string {
  // From one power of four to below the next.
  const size = (length: number) => 4 ** Math.floor(Math.log2(Math.max(1, length)) / 2);
  return `${left} x ${right}: ${size(rows)} x ${size(segments * inner)} x ${size(columns)}`;
}

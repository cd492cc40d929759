import type { GemmLayout } from "./_gemm_settings.ts";
import type { ProductSize } from "./_tuning.ts";

/**
 * The class of products that a tuned set is for: the same layout, and sizes that are about the same. What is tuned for one
 * batch size then also serves those near it, such as an epoch's last.
 */
export function gemmClass(
  { left, right }: GemmLayout,
  { rows, columns, inner }: ProductSize,
): string {
  // From one power of four to below the next.
  const size = (length: number) => 4 ** Math.floor(Math.log2(Math.max(1, length)) / 2);
  return `${left} x ${right}: ${size(rows)} x ${size(inner)} x ${size(columns)}`;
}

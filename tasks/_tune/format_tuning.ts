import { nameProduct } from "../../models/kernels/webgpu/tuning/_products.ts";
import type { ProductTime } from "../../models/kernels/webgpu/tuning/_tune_products.ts";
import { formatTable } from "../_text/format.ts";

/** Formats the results as a table: a product a line. */
export function formatTuning(times: readonly ProductTime[]): string {
  return formatTable([
    ["product", "GFLOP/s before", "after", "times faster", "with"],
    ...times.map(({ product, flops, before, after, set }) => [
      nameProduct(product),
      formatSpeed(flops, before),
      after === undefined ? "not reached" : formatSpeed(flops, after),
      after === undefined ? "" : (before / after).toFixed(2),
      after === undefined ? "" : set ?? "the usual ones",
    ]),
  ]).join("\n");
}

const formatSpeed = (flops: number, seconds: number): string => (flops / seconds / 1e9).toFixed(1);

import type { CheckoutFigures } from "../against/compare_checkouts.ts";
import { runBench, toFlags } from "../against/run_checkout.ts";
import type { KernelsReport } from "./kernels_report.ts";

/** The flags of `deno task bench kernels` that say what is measured. */
export interface KernelsWork {
  readonly backend?: string | undefined;
  readonly side?: number | undefined;
  readonly batchSize?: number | undefined;
}

/** Measures a checkout's kernels by its own `deno task bench kernels`, each in one turn. */
export async function measureKernelsOf(
  checkout: URL,
  { backend, side, batchSize }: KernelsWork,
): Promise<CheckoutFigures> {
  const { kernels } = await runBench<KernelsReport>(checkout, [
    "kernels",
    ...toFlags({ backend, side, batchSize, peers: false, rounds: 1 }),
  ]);
  const seconds = Object.fromEntries(kernels.map(({ name, rill }) => [name, rill.seconds]));
  return { seconds, missing: {} };
}

import { fileURLToPath } from "node:url";
import type { CheckoutFigures } from "./against/compare_checkouts.ts";
import { runForJson } from "./against/run_checkout.ts";

/** What a process measures of a checkout's pipelines. */
export interface PipelinesWork {
  /** Images in a run where they are resized, and where they are not. */
  readonly images: readonly [resized: number, unresized: number];
  /** Side of the resized images. */
  readonly side: number;
  /** Items that go through each stage in a run. */
  readonly items: number;
  /** Runs whose middle one counts, after one that warms up. */
  readonly runs: number;
}

/** Measures a checkout's pipelines in a process of their own. */
export const measurePipelinesOf = (checkout: URL, work: PipelinesWork): Promise<CheckoutFigures> =>
  runForJson(checkout, [
    ...["run", "--quiet", "--no-lock", "--allow-read"],
    ...["--config", fileURLToPath(new URL("../../deno.json", import.meta.url))],
    new URL("pipelines_process.ts", import.meta.url).href,
    checkout.href,
    JSON.stringify(work),
  ]);

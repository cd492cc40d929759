import { getOrThrow, openBackend } from "../../../models/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, type FlagValues, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { buildModel } from "../../_model/model_config.ts";
import { formatTable } from "../../_text/format.ts";
import { type KernelWorkload, listKernelWorkloads } from "../kernels/kernel_workloads.ts";
import { formatDecimals } from "../shared/report.ts";
import { chooseLoad, loadFlags } from "../shared/train_load.ts";
import { openPeaks, type Peaks, time } from "./peaks.ts";

const flags = {
  backend: loadFlags.backend,
  side: loadFlags.side,
  batchSize: loadFlags.batchSize,
  rounds: integerFlag({ least: 1, help: "How often to time each product", shownDefault: "5" }),
  json: booleanFlag({ help: "Print one JSON object" }),
};

/** `deno task bench roofline`. */
export const benchRoofline = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench roofline",
    about:
      "Measures what the machine can do at most, and each product of AlexNet's training step beside it. A product's limit is " +
      "the longer of two times: for its arithmetic at the peak, without the taps on padding, and for moving each operand and " +
      "the result once. Both peaks are measured between the products, and the best of each is taken, as others may be at " +
      "work on the machine as well. On WASM it downloads AssemblyScript once.",
    flags,
  }, ({ json, ...values }) =>
    attempt(async () => {
      const report = await measureRoofline(values);
      console.log(json ? JSON.stringify(report) : formatRoofline(report));
    }), args);

/** The report of `deno task bench roofline`, as `--json` prints it: the peaks, and each product beside them. */
export interface RooflineReport {
  readonly about: string;
  readonly side: number;
  readonly batchSize: number;
  /** In GFLOP/s. */
  readonly arithmetic: number;
  /** In GB/s. */
  readonly memory: number;
  readonly products: readonly ProductFigures[];
}

/** A product, and the least time that it took. */
export interface ProductFigures {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly bound: "arithmetic" | "memory";
  /** The time that its limit is, as a part of the time that it took. */
  readonly share: number;
}

const PEAKS = ["arithmetic", "memory"] as const;

async function measureRoofline(
  { rounds = 5, ...given }: FlagValues<Omit<typeof flags, "json">>,
): Promise<RooflineReport> {
  const { backend: name, side, batchSize } = await chooseLoad(given);
  const backend = await openBackend(name);
  const sync = () => backend.sync();
  const peaks = await openPeaks(name);
  for (const peak of PEAKS) await peaks[peak](); // Compiles.
  const network = getOrThrow(buildModel({ side, channels: 1, classes: 10, dropout: 0.5 }));
  const best = { arithmetic: 0, memory: 0 };
  const timed = [];
  for (const product of listKernelWorkloads(network, batchSize)) {
    // No training needs the gradient of the images.
    if (product.flops === 0 || product.name === "conv1 input gradient") continue;
    const seconds = await timeProduct(product, { rounds, peaks, best, sync });
    timed.push({ product, seconds });
    console.error(`${product.name}: ${formatDecimals(seconds * 1000)} ms`);
  }
  const products = timed.map(({ product: { name, usefulFlops: flops, bytes }, seconds }) => {
    const limits = {
      arithmetic: flops / best.arithmetic / 1e9,
      memory: bytes / best.memory / 1e9,
    };
    const bound = limits.arithmetic > limits.memory ? "arithmetic" as const : "memory" as const;
    return { name, flops, bytes, seconds, bound, share: limits[bound] / seconds };
  });
  return { about: backend.description, side, batchSize, ...best, products };
}

/** Gives the least seconds of a product, and takes the better of the peaks that it measures in between. */
export async function timeProduct(
  { flops, prepare }: Pick<KernelWorkload, "flops" | "prepare">,
  { rounds, peaks, best, sync }: {
    readonly rounds: number;
    readonly peaks: Peaks;
    readonly best: Record<typeof PEAKS[number], number>;
    readonly sync: () => Promise<void>;
  },
): Promise<number> {
  const count = Math.max(1, Math.min(50, Math.round(1e9 / flops)));
  const { run, release } = prepare();
  let seconds = Infinity;
  for (let round = 0; round <= rounds; round++) {
    for (const peak of PEAKS) best[peak] = Math.max(best[peak], await peaks[peak]());
    const all = await time(async () => {
      for (let i = 0; i < count; i++) run();
      await sync();
    });
    // The first round compiles.
    if (round > 0) seconds = Math.min(seconds, all / count);
  }
  release();
  return seconds;
}

/** Shows a roofline as a table. */
export function formatRoofline(
  { about, side, batchSize, arithmetic, memory, products }: RooflineReport,
): string {
  return [
    `${about}; AlexNet, ${side} × ${side}, batches of ${batchSize}; the most: ${
      formatDecimals(arithmetic)
    } GFLOP/s and ${formatDecimals(memory)} GB/s`,
    "",
    ...formatTable([
      ["product", "GFLOP", "MB", "FLOP/byte", "ms", "GFLOP/s", "bound by", "of its limit"],
      ...products.map(({ name, flops, bytes, seconds, bound, share }) => [
        name,
        ...[flops / 1e9, bytes / 1e6, flops / bytes, seconds * 1000, flops / seconds / 1e9]
          .map(formatDecimals),
        bound,
        `${(100 * share).toFixed(0)} %`,
      ]),
    ], { right: [1, 2, 3, 4, 5, 7] }),
  ].join("\n");
}

import type { CheckoutFigures } from "../against/compare_checkouts.ts";
import { runBench, toFlags } from "../against/run_checkout.ts";
import type { TrainReport } from "./train_report.ts";

/** The flags of `deno task bench train` that say what is measured. */
export interface TrainWork {
  readonly backend?: string | undefined;
  readonly model?: string | undefined;
  readonly side?: number | undefined;
  readonly channels?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly precision?: string | undefined;
  readonly kernels?: string | undefined;
  readonly peers?: boolean | undefined;
  readonly start?: boolean | undefined;
  readonly dataDir?: string | undefined;
}

/** Turns whose middle one counts, in each process. */
const TURNS = 3;

/** Measures a checkout's training steps and its start by its own `deno task bench train`. */
export async function measureTrainOf(
  checkout: URL,
  { peers = false, start = true, dataDir, ...work }: TrainWork,
): Promise<CheckoutFigures> {
  const report = await runBench<TrainReport>(checkout, [
    "train",
    ...toFlags({
      ...work,
      peers,
      start,
      dataDir: dataDir === undefined ? undefined : await Deno.realPath(dataDir),
      rounds: TURNS,
    }),
  ]);
  const seconds = Object.fromEntries(report.contestants.map(({ name, seconds }) => [
    nameStep(name),
    seconds,
  ]));
  const missing = Object.fromEntries(report.missing.map(({ name, missing }) => [
    nameStep(name),
    missing,
  ]));
  if ("missing" in report.start) missing[START] = report.start.missing;
  else seconds[START] = report.start.seconds;
  return { seconds, missing };
}

const START = "from the command to the first step";
const nameStep = (name: string): string => `a step: ${name}`;

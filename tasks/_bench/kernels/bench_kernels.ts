import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, type FlagValues } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { against, runComparison } from "../against/against_flag.ts";
import { measureInTurn } from "../against/compare_checkouts.ts";
import { isAbsentee, splitAbsentees } from "../shared/absentee.ts";
import { measureKernelsOf } from "./kernels_checkout.ts";
import {
  type KernelsContestant,
  startKernelsContestant,
  type Workload,
} from "./kernels_contestant.ts";
import type { KernelReport, KernelSpeed, KernelsReport } from "./kernels_report.ts";
import { formatKernelsReport } from "./kernels_report.ts";
import { chooseLoad, loadFlags } from "../shared/train_load.ts";
import { readMachine } from "../shared/report.ts";
import { measureTurns } from "../shared/measure_turns.ts";
import { median, medianRatio } from "../shared/statistics.ts";

const flags = {
  ...loadFlags,
  peers: booleanFlag({ negatable: true, help: "Measure tfjs's kernels too", shownDefault: "yes" }),
  against,
  json: booleanFlag({ help: "Print one JSON object" }),
};

/** `deno task bench kernels`. */
export const benchKernels = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench kernels",
    about:
      "Measures the kernels of a training step of the chapter's AlexNet one by one, Rill's and tfjs's in turn: convolutions " +
      "and dense layers with their gradients, pools, and Adam; and those of layers that it has none of: batch norm, residual " +
      "additions, activations, concatenation, means, depthwise convolutions. Then what a whole step spends its time on: on WebGPU by " +
      "timestamps on the device, where the adapter has them, on WASM by the clock. With --against: Rill's alone; about 10 minutes on 2 " +
      "cores on WASM.",
    flags,
  }, ({ json, against, ...values }) =>
    attempt(async () => {
      if (against !== undefined) {
        const measure = measureInTurn((checkout) => measureKernelsOf(checkout, values));
        return await runComparison(against, { rounds: values.rounds, json, measure });
      }
      const report = await measureKernels(values);
      console.log(json ? JSON.stringify(report) : formatKernelsReport(report));
    }), args);

/** Seconds of a turn. */
const TURN = 0.25;

async function measureKernels(
  { rounds = 3, peak, peers = true, ...given }: FlagValues<Omit<typeof flags, "against" | "json">>,
): Promise<KernelsReport> {
  const note = (line: string) => console.error(line);
  const machine = readMachine();
  const settings = await chooseLoad(given);
  const rill = await startKernelsContestant({ ...settings, kernels: "rill" });
  if (isAbsentee(rill)) throw new Error(rill.missing);
  const { contestants, missing } = splitAbsentees<KernelsContestant>([
    rill,
    ...peers ? [await startKernelsContestant({ ...settings, kernels: "stock" })] : [],
  ]);
  try {
    const kernels: KernelReport[] = [];
    for (const [i, workload] of rill.workloads.entries()) {
      for (const { prepare } of contestants) await prepare(i);
      const { figures } = await measureTurns(contestants, {
        rounds,
        turn: TURN,
        what: workload.name,
        note,
      });
      const [ours, stock] = figures.map(({ seconds }) => seconds);
      kernels.push(reportKernel(workload, ours ?? [], stock));
    }
    return {
      machine,
      ...settings,
      about: rill.about,
      rounds,
      peak: peak === undefined ? null : peak * 1000,
      kernels,
      missing,
      profile: await rill.profile(rounds),
    };
  } finally {
    for (const { close } of contestants) await close();
  }
}

function reportKernel(
  workload: Workload,
  rill: readonly number[],
  stock: readonly number[] | undefined,
): KernelReport {
  return {
    ...workload,
    rill: reportSpeed(workload, rill),
    stock: stock ? reportSpeed(workload, stock) : null,
    ratio: stock ? medianRatio(stock, rill) : null,
  };
}

function reportSpeed(
  { flops, bytes }: Workload,
  runs: readonly number[],
): KernelSpeed {
  const seconds = median(runs);
  return {
    seconds,
    runs,
    gflops: flops === 0 ? null : flops / seconds / 1e9,
    gigabytesPerSecond: bytes / seconds / 1e9,
  };
}

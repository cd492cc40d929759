import { getOrThrow } from "../../../models/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import {
  booleanFlag,
  choiceFlag,
  type FlagValues,
  integerFlag,
  pathFlag,
} from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { chooseThreads } from "../../_model/choose_threads.ts";
import { networkNames } from "../../_model/networks.ts";
import { against, runComparison } from "../against/against_flag.ts";
import { measureInTurn } from "../against/compare_checkouts.ts";
import { type Absentee, isAbsentee, splitAbsentees } from "../shared/absentee.ts";
import { loadFlags } from "../shared/train_load.ts";
import { readMachine } from "../shared/report.ts";
import { measureStart } from "./measure_start.ts";
import { measureTurns } from "../shared/measure_turns.ts";
import { buildLoad, chooseNetworkLoad, type NetworkLoad } from "./network_load.ts";
import { startPytorchTrainers } from "./pytorch_trainer.ts";
import { startRillTrainer } from "./rill_trainer.ts";
import { median } from "../shared/statistics.ts";
import type { TrainContestant } from "./train_contestant.ts";
import type { TrainReport } from "./train_report.ts";
import { measureTrainOf } from "./train_checkout.ts";
import { compareSteps } from "./tune_pytorch.ts";
import { formatTrainReport } from "./train_report.ts";

const flags = {
  ...loadFlags,
  model: choiceFlag(networkNames, { help: "The network", shownDefault: "alexnet" }),
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side of the images, in pixels",
    shownDefault: "AlexNet's 224, 67 on WASM; else the network's usual one",
  }),
  channels: integerFlag({
    least: 1,
    most: 64,
    help: "Channels of the images",
    shownDefault: "the network's usual ones",
  }),
  precision: choiceFlag(["float32", "mixed"], {
    help: "mixed: measure Rill in mixed precision too, on WebGPU",
    shownDefault: "float32",
  }),
  kernels: choiceFlag(["rill", "direct"], {
    help: "direct: measure Rill without Winograd's tiles too, on WASM",
    shownDefault: "rill",
  }),
  peers: booleanFlag({
    negatable: true,
    help: "Measure tfjs's kernels and PyTorch too",
    shownDefault: "yes",
  }),
  start: booleanFlag({
    negatable: true,
    help: "Measure how long deno task train takes to its first step",
    shownDefault: "yes",
  }),
  dataDir: pathFlag({
    placeholder: "DIR",
    help: "The only folder to look for the data set in, which deno task train needs",
    shownDefault: "as deno task train",
  }),
  against,
  json: booleanFlag({ help: "Print one JSON object" }),
};

/** `deno task bench train`. */
export const benchTrain = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench train",
    about:
      "Measures a full training step of the chapter's AlexNet, or another network, with Adam and ten classes: Rill, Rill with " +
      "tfjs's kernels, and PyTorch where python3 has it, on the GPU too where PyTorch has one. What makes PyTorch fast on this " +
      "processor is tried first. Each trains in a process of its own, in turn. Then the time from the command deno task train to the end of its first step. With --against: " +
      "peers only with --peers; about 6 minutes on 2 cores on WASM.",
    flags,
  }, ({ json, against, ...values }) =>
    attempt(async () => {
      if (against !== undefined) {
        const { rounds, ...work } = values;
        const measure = measureInTurn((checkout) => measureTrainOf(checkout, work));
        return await runComparison(against, { rounds, json, measure });
      }
      const report = await measureTrain(values);
      console.log(json ? JSON.stringify(report) : formatTrainReport(report));
    }), args);

async function measureTrain(
  {
    rounds = 3,
    peak: teraflops,
    peers = true,
    start = true,
    dataDir,
    precision,
    kernels,
    ...given
  }: FlagValues<Omit<typeof flags, "against" | "json">>,
): Promise<TrainReport> {
  const note = (line: string) => console.error(line);
  const machine = readMachine();
  const { backend, ...load } = await chooseNetworkLoad(given);
  const gflop = countGflopOfStep(load);
  const peak = teraflops === undefined ? null : teraflops * 1000;
  const found = await startContestants(backend, load, {
    peers,
    mixed: precision === "mixed",
    direct: kernels === "direct",
    note,
  });
  const { contestants, missing } = splitAbsentees<TrainContestant>(found);
  try {
    const { figures, missing: failed } = await measureTurns(contestants, {
      rounds,
      turn: 1,
      what: "a step",
      note,
    });
    return {
      machine,
      backend,
      ...load,
      rounds,
      gflop,
      peak,
      contestants: figures.map(
        ({ contestant: { name, about, product }, times: steps, seconds: runs, first, last }) => {
          const seconds = median(runs);
          const gflops = gflop / seconds;
          const { commands } = last;
          return {
            name,
            about,
            steps,
            seconds,
            least: Math.min(...runs),
            runs,
            imagesPerSecond: load.batchSize / seconds,
            gflops,
            share: peak === null ? null : gflops / peak,
            commands: commands
              ? {
                dispatches: commands.dispatches / steps,
                submits: commands.submits / steps,
                uploads: commands.uploads / steps,
              }
              : null,
            peakRss: last.peakRss,
            firstLoss: first.loss,
            product: product ?? null,
            ratio: compareSteps(product, runs, figures[0]?.seconds ?? []),
          };
        },
      ),
      missing: [...missing, ...failed],
      start: !start
        ? { missing: "--no-start was given" }
        : load.model !== "alexnet" || load.channels !== 1
        ? { missing: "deno task train trains AlexNet on one channel" }
        : await reportStart(backend, load, { rounds, dataDir, note }),
    };
  } finally {
    for (const { close } of contestants) await close();
  }
}

/**
 * Starts the contestants.
 *
 * @throws {Error} When Rill itself isn't among them.
 */
async function startContestants(
  backend: "webgpu" | "wasm",
  load: NetworkLoad,
  { peers, mixed, direct, note }: {
    readonly peers: boolean;
    readonly mixed: boolean;
    readonly direct: boolean;
    readonly note: (line: string) => void;
  },
): Promise<(TrainContestant | Absentee)[]> {
  const settings = { backend, ...load };
  const rill = await startRillTrainer({ ...settings, kernels: "rill" });
  if (isAbsentee(rill)) throw new Error(rill.missing);
  const own = [
    rill,
    ...direct ? [await startRillTrainer({ ...settings, kernels: "direct" })] : [],
    ...mixed ? [await startRillTrainer({ ...settings, kernels: "rill", precision: "mixed" })] : [],
  ];
  if (!peers) return own;
  // tfjs has one thread only, so what its kernels are compared with is Rill's on one.
  const one = backend === "wasm" ? { threads: 1 } : {};
  const several = getOrThrow(chooseThreads(undefined, { name: backend }, load.batchSize)) > 1;
  return [
    ...own,
    ...several ? [await startRillTrainer({ ...settings, kernels: "rill", ...one })] : [],
    await startRillTrainer({ ...settings, kernels: "stock", ...one }),
    ...await startPytorchTrainers(load, note),
  ];
}

async function reportStart(
  ...args: Parameters<typeof measureStart>
): Promise<TrainReport["start"]> {
  const figures = await measureStart(...args);
  return "missing" in figures ? figures : { seconds: median(figures.runs), ...figures };
}

/** Counts a step's operations: forward, and twice that for the gradients, but for that of the images. */
function countGflopOfStep(load: NetworkLoad): number {
  const { layers } = buildLoad(load);
  const flops = layers.map((layer) => layer.flops);
  const forward = flops.reduce((a, b) => a + b, 0);
  const first = layers.find(({ parameters }) => parameters > 0)!.flops;
  return load.batchSize * (3 * forward - first) / 1e9;
}

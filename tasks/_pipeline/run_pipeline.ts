import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { batch, measure, normalize, prefetch, recycle } from "../../pipelines/mod.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { cacheImages } from "../_data/cache_images.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { openData, type Split } from "../_data/open_data.ts";
import {
  type BadRecords,
  chooseWorkers,
  createBadRecords,
  prepareImages,
  type Preprocessing,
} from "../_data/prepare_images.ts";
import { printNote, printResult } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { DEFAULTS, type pipelineFlags } from "./pipeline_flags.ts";
import { formatResult, type PipelineResult } from "./pipeline_result.ts";

/** Runs the training input as the flags say, and prints the measurements. */
export async function runPipeline(flags: FlagValues<typeof pipelineFlags>): Promise<void> {
  const note = flags.quiet ? () => {} : printNote;
  const spec = flags.data ?? "fashion-mnist";
  const options = { ...toOpenOptions(flags, note), isForTraining: false };
  const opened = await openData(spec, options)();
  if (E.isLeft(opened)) throw opened.left;
  const data = opened.right;
  const preprocessing: Preprocessing = {
    side: flags.side ?? DEFAULTS.side,
    channels: data.channels,
    mean: 0,
    std: 1,
    resize: flags.resize ?? "stretch",
    orientation: flags.orientation ?? "apply",
  };
  const badRecords = createBadRecords(flags.onBadRecord ?? "fail");
  const workers = chooseWorkers(flags.workers ?? "auto", data.train);
  const split = flags.cache === undefined ? data.train : await cacheImages(
    data.train,
    preprocessing,
    { cache: flags.cache, workers, badRecords, quiet: flags.quiet, log: note },
  );
  const settings: PipelineSettings = {
    data: spec,
    side: preprocessing.side,
    batchSize: flags.batchSize ?? DEFAULTS.batchSize,
    images: split.length,
    epochs: flags.epochs ?? DEFAULTS.epochs,
    workers: flags.cache === undefined ? workers : chooseWorkers(flags.workers ?? "auto", split),
  };
  const line = flags.quiet ? silentLine : createProgressLine();
  const result = await measurePipeline(split, preprocessing, settings, {
    badRecords,
    seed: flags.seed ?? DEFAULTS.seed,
    progress: (share) => line.show(share, `loading, ${formatPercent(share)}`),
  });
  line.clear();
  const bad = badRecords.format();
  if (bad !== undefined) printNote(bad);
  printResult(flags.json ? JSON.stringify(result) : formatResult(result));
}

type PipelineSettings = Pick<
  PipelineResult,
  "data" | "side" | "batchSize" | "images" | "epochs" | "workers"
>;

/** Measures the stages as in training, with nothing behind them. */
async function measurePipeline(
  split: Split,
  preprocessing: Preprocessing,
  settings: PipelineSettings,
  { badRecords, seed, progress }: {
    readonly badRecords: BadRecords;
    readonly seed: number;
    readonly progress: (share: number) => void;
  },
): Promise<PipelineResult> {
  const { batchSize, epochs, workers } = settings;
  const { mean, std } = preprocessing;
  const meter = measure();
  const readBatches = (epoch: number) =>
    pipe(
      meter.source("read", split.read({ seed, epoch, shuffle: true })),
      prepareImages(preprocessing, { workers, badRecords, meter }),
      meter.stage("normalize", normalize({ mean, std })),
      meter.stage("batch", batch(batchSize)<Float32Array<ArrayBuffer>>),
      meter.stage("prefetch", prefetch(2)),
    );
  const total = split.length * epochs;
  let done = 0;
  let peakRss = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const one of readBatches(epoch)) {
      const { size } = one;
      recycle(one);
      done += size;
      peakRss = Math.max(peakRss, Deno.memoryUsage().rss);
      progress(done / total);
    }
  }
  const report = meter.report();
  return { ...settings, ...report, imagesPerSecond: done / report.seconds, peakRss };
}

import { pipe } from "fp-ts/lib/function.js";
import {
  type Example,
  type IndexedSource,
  measure,
  readIndexed,
  recycle,
} from "../../pipelines/mod.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { ensureDataset } from "../_data/fetch/ensure_dataset.ts";
import { openSplit } from "../_data/fetch/open_split.ts";
import { batchImages } from "../_model/batch_images.ts";
import { printNote } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { chapter } from "../_train/train_settings.ts";
import type { pipelineFlags } from "./pipeline_flags.ts";
import { formatResult, type PipelineResult } from "./pipeline_result.ts";

/** Runs the training input as the flags say, and prints the measurements. */
export async function runPipeline(flags: FlagValues<typeof pipelineFlags>): Promise<void> {
  const note = flags.quiet ? () => {} : printNote;
  const dataset = await ensureDataset({ dataDir: flags.dataDir, quiet: flags.quiet, log: note });
  const examples = await openSplit(dataset, "train", omitUndefined({ limit: flags.images }));
  const settings: PipelineSettings = {
    side: flags.side ?? chapter.side,
    batchSize: flags.batchSize ?? chapter.batchSize,
    images: examples.length,
    epochs: flags.epochs ?? 1,
    workers: flags.workers ?? 0,
  };
  const line = flags.quiet ? silentLine : createProgressLine();
  const result = await measurePipeline(examples, settings, (share) => {
    line.show(share, `loading, ${formatPercent(share)}`);
  });
  line.clear();
  console.log(flags.json ? JSON.stringify(result) : formatResult(result));
}

type PipelineSettings = Pick<
  PipelineResult,
  "side" | "batchSize" | "images" | "epochs" | "workers"
>;

/** Measures the stages as in training, with nothing behind them. */
async function measurePipeline(
  examples: IndexedSource<Example<Uint8Array<ArrayBuffer>>>,
  settings: PipelineSettings,
  progress: (share: number) => void,
): Promise<PipelineResult> {
  const { batchSize, epochs, workers } = settings;
  const { seed, mean, std } = chapter;
  const meter = measure();
  const readBatches = (epoch: number) =>
    pipe(
      meter.source("read", readIndexed({ seed, epoch, shuffle: true })(examples)),
      batchImages({ side: settings.side, mean, std }, batchSize, { meter, workers }),
    );
  const total = examples.length * epochs;
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

import { pipe } from "fp-ts/lib/function.js";
import {
  type Backend,
  type Evaluation,
  getOrThrow,
  topK,
  type Variables,
} from "../../models/mod.ts";
import { type Batch, type Image, StageError } from "../../pipelines/mod.ts";
import { formatError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { chooseWorkers, createBadRecords } from "../_data/prepare_images.ts";
import type { SplitName } from "../_data/open_data.ts";
import { chooseSplit, type ChosenSplit } from "../_evaluate/choose_split.ts";
import { loadVariables, type OpenedModel } from "../_evaluate/open_model.ts";
import { computeReport, type Report, TOP } from "../_evaluate/report.ts";
import { type ConfusedPair, listConfusedPairs } from "../_model/confused_pairs.ts";
import { chooseThreads } from "../_model/choose_threads.ts";
import { evaluateSplit } from "../_model/evaluate_split.ts";
import { planInput } from "../_model/input_plan.ts";
import { planUse } from "../_model/views.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { type ClassShare, rankClasses } from "../_predict/print_prediction.ts";
import { createMistakes, type Mistake, type Mistakes } from "./collect_mistakes.ts";
import type { reportFlags } from "./report_flags.ts";
import { type LayerOutput, traceNetwork } from "./trace_network.ts";

/** What a picture becomes on its way through the network. */
export interface TracedPicture {
  readonly image: Image<Uint8Array<ArrayBuffer>>;
  readonly label: number;
  readonly predictions: readonly ClassShare[];
  readonly layers: readonly LayerOutput[];
}

/** What the parameters of a run make of some images. */
export interface Score {
  readonly split: SplitName;
  readonly data: string;
  readonly classes: readonly string[];
  readonly report: Report;
  readonly pairs: readonly (ConfusedPair & { readonly mistakes: readonly Mistake[] })[];
  readonly surest: readonly Mistake[];
  readonly traced: TracedPicture;
}

/** How many pairs of classes are shown. */
const PAIRS = 4;

/** The bytes of pictures that may be held. */
const HELD = 64e6;

/** What a run is scored with. */
export interface Scoring {
  readonly backend: Backend;
  readonly flags: FlagValues<typeof reportFlags>;
  readonly note: (line: string) => void;
  /** Takes the share of the images that is done. */
  readonly progress: (share: number) => void;
}

/**
 * Scores a run's parameters on the images of its data.
 *
 * @returns The score, or why there is none, where the data isn't there.
 * @throws {Error} If the parameters don't fit the network, or the data was named and can't be used.
 */
export async function scoreRun(opened: OpenedModel, scoring: Scoring): Promise<Score | string> {
  const { flags, note } = scoring;
  const variables = getOrThrow(await loadVariables(opened)());
  const chosen = await chooseSplit(opened, flags, note)();
  if (chosen._tag === "Left") {
    if (flags.data !== undefined) throw chosen.left;
    return formatError(chosen.left);
  }
  try {
    return await scoreOn(chosen.right, opened, variables, scoring);
  } catch (error) {
    // A picture isn't there any more, or is damaged.
    if (flags.data !== undefined || !(error instanceof StageError)) throw error;
    return formatError(error);
  }
}

async function scoreOn(
  { data, name, split, classes }: ChosenSplit,
  { model, network }: OpenedModel,
  variables: Variables,
  { backend, flags, progress, note }: Scoring,
): Promise<Score> {
  const badRecords = createBadRecords(flags.onBadRecord ?? "fail");
  const use = planUse(model);
  const input = planInput(backend, use, { size: split.size, channels: data.channels });
  const mistakes = createMistakes({ most: Math.floor(HELD / (use.side ** 2 * use.channels)) });
  let first: { readonly batch: Batch; readonly predictions: readonly ClassShare[] } | undefined;
  let count = 0;
  const batchSize = flags.batchSize ?? 128;
  const tally = await evaluateSplit({
    backend,
    model,
    network,
    kernels: flags.kernels,
    threads: getOrThrow(chooseThreads(flags.threads, backend, Math.min(batchSize, split.length))),
    variables,
    batches: pipe(
      split.read({ seed: 0, epoch: 0, shuffle: false }),
      input.batches(batchSize, {
        workers: chooseWorkers(flags.workers ?? "auto", split),
        badRecords,
      }),
    ),
    stepOptions: input.stepOptions,
    classes: classes.length,
    progress: (images) => progress(Math.min(1, images / split.length)),
    take({ outputs }, batch) {
      first ??= { batch: copyFirst(batch), predictions: rankFirst(outputs, classes) };
      const begin = count;
      count += batch.size;
      // Where records are left out, the ones behind them have other places.
      const nameOf = (row: number) =>
        badRecords.count === 0 ? shortenPath(split.name(begin + row), data.spec) : undefined;
      collectMistakes(mistakes, outputs, batch, (row) => ({
        name: nameOf(row),
        takeImage: () => copyImage(batch, row, model),
      }));
    },
  });
  const skipped = badRecords.format();
  if (skipped !== undefined) note(skipped);
  if (!first) throw new StageError("score", 0, new Error(`${data.spec} has no image to use`));
  const pairs = listConfusedPairs(tally.confusion, PAIRS);
  return {
    split: name,
    data: data.spec,
    classes,
    report: computeReport(tally, classes),
    pairs: pairs.map((pair) => ({ ...pair, mistakes: mistakes.listOf(pair.is, pair.taken) })),
    surest: mistakes.listSurest(),
    traced: {
      image: copyImage(first.batch, 0, model),
      label: first.batch.labels[0]!,
      predictions: first.predictions,
      layers: await traceNetwork(network, variables, first.batch, input.stepOptions),
    },
  };
}

/** Ranks the classes of a batch's first picture. */
function rankFirst(
  { data, shape: [, count = 0] }: Evaluation["outputs"],
  classes: readonly string[],
): readonly ClassShare[] {
  const logits = { data: data.slice(0, count), shape: [1, count] };
  const { indices } = topK(logits, Math.min(TOP, count));
  return rankClasses(logits, indices, classes)[0]!;
}

/** Shortens the path of a picture by the folder of the data, which a report names once. */
export function shortenPath(path: string, spec: string): string {
  const [, dir] = /^folder:(.+?)[/\\]*$/.exec(spec) ?? [];
  const rest = dir !== undefined && path.startsWith(dir) ? path.slice(dir.length) : "";
  return /^[/\\]/.test(rest) ? rest.replace(/^[/\\]+/, "") : path;
}

/** Adds what of a batch was taken for something else. */
function collectMistakes(
  mistakes: Mistakes,
  outputs: Evaluation["outputs"],
  { labels, size }: Batch,
  describe: (row: number) => Pick<Parameters<Mistakes["add"]>[0], "name" | "takeImage">,
): void {
  const { indices } = topK(outputs, 1);
  const width = outputs.data.length / size;
  for (let row = 0; row < size; row++) {
    const [is, taken] = [labels[row]!, indices[row]!];
    if (is === taken) continue;
    const logits = outputs.data.subarray(row * width, (row + 1) * width);
    const most = logits[taken]!;
    const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    const probability = 1 / sum;
    if (!Number.isFinite(probability)) continue;
    mistakes.add({ is, taken, probability, ...describe(row) });
  }
}

/** Copies a picture out of a batch, as bytes. */
function copyImage(
  { images: { data, shape } }: Batch,
  row: number,
  { mean, std }: Pick<ModelConfig, "mean" | "std">,
): Image<Uint8Array<ArrayBuffer>> {
  const [, height = 1, width = 1, channels = 1] = shape;
  const size = height * width * channels;
  const samples = data.subarray(row * size, (row + 1) * size);
  const isBytes = samples instanceof Uint8Array;
  const [means, stds] = [mean, std].map((one) =>
    Array.isArray(one) ? one : Array(channels).fill(one)
  );
  const bytes = Uint8ClampedArray.from(
    samples,
    (sample, i) => isBytes ? sample : (sample * stds![i % channels] + means![i % channels]) * 255,
  );
  return { data: new Uint8Array(bytes), height, width, channels };
}

/** Copies the first picture of a batch, as a batch: the memory of the whole is used again. */
function copyFirst({ images: { data, shape }, labels }: Batch): Batch {
  const [, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  const images = { data: data.slice(0, size), shape: [1, ...rest] } as unknown as Batch["images"];
  return { images, labels: labels.slice(0, 1), size: 1 };
}

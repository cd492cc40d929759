import { pipe } from "fp-ts/lib/function.js";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Backend,
  type Communicator,
  findBatchPart,
  type InputOptions,
} from "../../models/mod.ts";
import type { Batch, MixedBatch } from "../../pipelines/data/batch.ts";
import { cutMix } from "../../pipelines/images/mix/cut_mix.ts";
import { mixup } from "../../pipelines/images/mix/mixup.ts";
import { withSeed } from "../../pipelines/random/with_seed.ts";
import type { Stage } from "../../pipelines/stage/stage.ts";
import type { WorkerPool } from "../../pipelines/workers/worker_pool.ts";
import type { Augmentation, BadRecords } from "../_data/prepare_images.ts";
import { cacheImages } from "../_data/cache_images.ts";
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import { balanceSplit, type DataSet, type ReadOrder, type Split } from "../_data/open_data.ts";
import { planInput } from "../_model/input_plan.ts";
import { planUse } from "../_model/views.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** Images in a batch that is evaluated. Speed and memory depend on it, the result doesn't. */
export const TEST_BATCH_SIZE = 128;

/** A batch that a network learns from. */
export type TrainBatch = Batch | MixedBatch;

/** The batches of a run. */
export interface TrainInput {
  /** Whether they are of bytes. */
  readonly takesBytes: boolean;
  /** The options of the steps that take them. */
  readonly stepOptions: InputOptions;
  /** Reads the batches of an epoch, without its first `index` images; of several ranks' each one's part, where that can be. */
  train(
    at: { readonly epoch: number; readonly index: number },
    ranks?: TrainRanks,
  ): AsyncIterable<TrainBatch>;
  /** Reads the images of a split as the network is to be used on them; of several ranks' batches each one's part, where that can be. */
  evaluate(split: Split, ranks?: TrainRanks): AsyncIterable<Batch>;
}

/** The ranks that share each batch, and which of them this one is. */
export type TrainRanks = Pick<Communicator, "rank" | "size">;

/** How a run reads its images, besides its settings. */
export interface TrainInputOptions {
  readonly workers: number;
  /** Where the workers wait for the next pass; they end with each by default. */
  readonly pool?: WorkerPool | undefined;
  readonly badRecords?: BadRecords | undefined;
  /** Where decoded pictures are kept: `"memory"`, or a folder; nowhere by default. */
  readonly cache?: string | undefined;
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly note: (line: string) => void;
}

/** Plans the batches of a run. What is to be kept of the training images is read and decoded now. */
export async function planTrainInput(
  backend: Pick<Backend, "name">,
  data: DataSet,
  settings: TrainSettings,
  model: ModelConfig,
  options: TrainInputOptions,
): Promise<TrainInput> {
  const { batchSize, seed, shuffle, balance } = settings;
  const { workers, pool, badRecords, cache, note: log } = options;
  const stored = (split: Split) => ({ size: split.size, channels: data.channels });
  let source = data.train;
  if (cache !== undefined) {
    const { input } = planAugmentation(settings, 0) ?? {};
    source = await cacheImages(source, model, { ...options, cache, log, ...input && { input } });
  }
  const train = balance ? balanceSplit(source, data.classes.length) : source;
  const channels = cache === undefined ? data.channels : model.channels;
  const training = planInput(backend, model, { size: source.size, channels });
  return {
    takesBytes: training.takesBytes,
    stepOptions: training.stepOptions,
    train({ epoch, index }, ranks) {
      const mix = planMix(settings);
      // Where records are left out, only reading them again tells which come after so many examples.
      const from = badRecords?.policy ? 0 : index;
      const batches = pipe(
        train.read({
          ...{ seed, epoch, shuffle, from },
          // Images are mixed with all others of their batch.
          shards: mix ? undefined : shareBatches(batchSize, ranks, badRecords),
        }),
        // Of a stream nobody knows what was left out before.
        withSeed({ seed, epoch, from }),
        training.batches(batchSize, {
          augment: planAugmentation(settings, epoch),
          drop: index - from,
          workers,
          pool,
          badRecords,
        }),
      );
      if (!mix) return batches;
      return pipe(batches, withSeed({ seed, epoch, from: Math.ceil(index / batchSize) }), mix);
    },
    evaluate: (split, ranks) =>
      pipe(
        split.read({
          ...{ seed: 0, epoch: 0, shuffle: false },
          shards: shareBatches(TEST_BATCH_SIZE, ranks, badRecords),
        }),
        planInput(backend, planUse(model), stored(split)).batches(TEST_BATCH_SIZE, {
          workers,
          pool,
          badRecords,
        }),
      ),
  };
}

/** Plans which part of each batch a rank reads: all of it where it is alone, or where records may be left out that others have read. */
const shareBatches = (
  size: number,
  ranks: TrainRanks = { rank: 0, size: 1 },
  badRecords: BadRecords | undefined,
): ReadOrder["shards"] =>
  ranks.size === 1 || badRecords?.policy
    ? undefined
    : { size, share: (size) => findBatchPart(size, ranks) };

/** Plans how images are changed at random in an epoch. */
function planAugmentation(
  { augment, pipeline, seed, side }: TrainSettings,
  epoch: number,
): Augmentation | undefined {
  if (pipeline !== "") {
    return { module: pathToFileURL(resolve(pipeline)).href, seed, epoch, input: "stored" };
  }
  if (augment === "none") return undefined;
  const isCut = augment === "standard" || augment === "strong";
  return {
    module: new URL("workers/augment_module.ts", import.meta.url).href,
    ...isCut && { region: { scale: [0.35, 1] as const } },
    options: { policy: augment },
    seed,
    epoch,
    input: augment === "flip" || augment === "light"
      ? "fitted"
      : augment === "alexnet"
      ? computeShorterSide(side)
      : "stored",
  };
}

/** Plans the stage that mixes the images of a batch. */
function planMix(
  { mixup: alpha, cutmix }: TrainSettings,
): Stage<Batch, MixedBatch> | undefined {
  if (alpha === 0 && cutmix === 0) return undefined;
  return alpha > 0 ? mixup({ alpha }) : cutMix({ alpha: cutmix });
}

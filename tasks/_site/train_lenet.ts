import { pipe } from "fp-ts/lib/function.js";
import {
  adam,
  type Backend,
  build,
  type DecodedCheckpoint,
  type EpochResult,
  getOrThrow,
  type SavedTraining,
  trainEpochs,
  type TrainingPosition,
} from "../../models/mod.ts";
import { type IdxExamples, readIndexed, recycle } from "../../pipelines/mod.ts";
import { planInput } from "../_model/input_plan.ts";
import { describeKnown } from "../_model/model_config.ts";
import { encodeModel } from "./encode_model.ts";
import { checkSettings, type LenetSettings } from "./lenet_settings.ts";
import { describeLenet, type PackedData } from "./site_facts.ts";

/** What a training in a page tells. */
export type LenetEvent =
  | {
    readonly kind: "step";
    readonly step: number;
    readonly steps: number;
    readonly loss: number;
    readonly accuracy: number;
  }
  | { readonly kind: "epoch"; readonly history: readonly EpochResult<string>[] }
  /** A file with which it goes on. */
  | {
    readonly kind: "checkpoint";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly epoch: number;
    readonly step: number;
  }
  | { readonly kind: "end"; readonly isDone: boolean };

/** The images of a page, in memory. */
export interface LenetImages {
  readonly train: IdxExamples;
  readonly test: IdxExamples;
}

/** A training that a page has saved. */
export interface SavedLenet extends SavedTraining {
  readonly settings: LenetSettings;
  readonly position: TrainingPosition;
}

/** Reads the training that a checkpoint is of, if it is one of a page's on this data; undefined if it is another. */
export function readSavedLenet(
  { data, position, ...saved }: DecodedCheckpoint,
  { checksum }: Pick<PackedData, "checksum">,
): SavedLenet | undefined {
  const { site } = (data ?? {}) as { readonly site?: Partial<LenetSettings & PackedData> };
  if (!site || !position || site.checksum !== checksum) return undefined;
  const { epochs = NaN, batchSize = NaN, learningRate = NaN } = site;
  const settings = { epochs, batchSize, learningRate };
  return checkSettings(settings) === undefined ? { ...saved, position, settings } : undefined;
}

/**
 * Trains LeNet on the images of a page. It goes on exactly where a checkpoint of it was made.
 *
 * @param options The training to go on with, if there is one; and the signal that ends it after the step under way, with a
 * checkpoint.
 */
export async function* trainLenet(
  backend: Backend,
  { train, test }: LenetImages,
  data: PackedData,
  settings: LenetSettings,
  { from, signal }: { readonly from?: SavedTraining | undefined; readonly signal: AbortSignal },
): AsyncGenerator<LenetEvent, void, undefined> {
  const { epochs, batchSize, learningRate } = settings;
  const model = describeLenet(data);
  const { side, channels } = model;
  const stored = { size: { height: side, width: side }, channels };
  const input = planInput(backend, model, stored);
  const read = (source: IdxExamples, at?: { readonly epoch: number; readonly index: number }) =>
    pipe(
      source,
      readIndexed(at ? { seed: 0, epoch: at.epoch, from: at.index } : { shuffle: false }),
      input.batches(batchSize),
    );
  const steps = epochs * Math.ceil(train.length / batchSize);
  const events = trainEpochs({
    backend,
    model: {
      network: getOrThrow(build(describeKnown(model), [side, side, channels])),
      optimizer: adam({ learningRate }),
      ...input.stepOptions,
    },
    epochs,
    train: (at) => read(train, at),
    validate: () => read(test),
    from,
    signal,
    release: recycle,
  });
  const site = { ...settings, checksum: data.checksum };
  for await (const event of events) {
    if (event.kind === "step") {
      const { step, loss, accuracy } = event.metrics;
      yield { kind: "step", step, steps, loss, accuracy };
    } else if (event.kind === "epoch") {
      yield { kind: "epoch", history: event.history };
    } else if (event.kind === "checkpoint") {
      const { epoch, step } = event.position;
      const bytes = await encodeModel(event, model, { data: { site } });
      yield { kind: "checkpoint", bytes, epoch, step };
    } else if (event.kind === "end") {
      yield { kind: "end", isDone: event.reason === "epochs" };
    }
  }
}

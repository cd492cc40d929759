import { basename } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Example } from "../../pipelines/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { type DataSet, openData, type Split } from "../_data/open_data.ts";
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import {
  chooseWorkers,
  createBadRecords,
  prepareImages,
  type Preprocessing,
} from "../_data/prepare_images.ts";
import { splitOff, takeStratified } from "../_data/sets/splits.ts";
import { divideAsRun } from "../_evaluate/own_run.ts";
import { hashBytes } from "../_files/files.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { networks } from "../_model/networks.ts";
import { planUse } from "../_model/views.ts";
import { chapter } from "../_train/settings/train_settings.ts";
import type { ModelFile } from "./pack_model.ts";
import { nameSplit, type PackedData } from "./site_facts.ts";
import type { siteFlags } from "./site_flags.ts";

type Flags = FlagValues<typeof siteFlags>;

/** What images are prepared to. */
type Shape = Omit<Preprocessing, "mean" | "std">;

/** The data of a page: its facts, and its files by their names. */
export interface DataFiles {
  readonly facts: PackedData;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Of data without images for testing so many of those for training are used for that. */
const HELD_OUT = 0.1;

/** About how many bytes the pixels of examples may have together, and how many of them there are at any rate. */
const EXAMPLE_BYTES = 2e6;
const LEAST_EXAMPLES = 8;

const FEW = 64;

/**
 * Packs images for a page: a part of the data that the flags name, else of that on which the model has learned, with the classes in
 * proportion. They are prepared as LeNet takes them; some of them, where the model takes others, as it does.
 *
 * @param model The model that comes with the page.
 * @returns Undefined where nothing says what the model has learned on, or that isn't here; a line says so.
 * @throws {Error} If images were asked for and there are none.
 */
export async function packData(
  flags: Flags,
  model: ModelFile | undefined,
  note: (line: string) => void,
): Promise<DataFiles | undefined> {
  const opened = await openForPage(flags, model, note);
  if (E.isLeft(opened)) {
    if (flags.data !== undefined || flags.images !== undefined) throw opened.left;
    note(
      `data: none, so that the page can't train: ${opened.left.message}; ` +
        "name other images with --data",
    );
    return undefined;
  }
  const data = opened.right;
  const { train, test } = divide(data);
  const { side } = networks.lenet;
  const { channels } = data;
  const plain = { side, channels, resize: "stretch", orientation: "apply" } as const;
  const pack = async (split: Split, count: number, shape: Shape = plain) => {
    const taken = takeStratified(split, Math.min(count, split.length), 0);
    const badRecords = flags.onBadRecord ?? model?.run?.settings.onBadRecord ?? "fail";
    return await packSplit(taken, shape, badRecords, note);
  };
  const trained = await pack(train, flags.images ?? 5000);
  const count = flags.testImages ?? 500;
  const tested = await pack(test, count);
  const shape = model && planExamples(model.model, channels);
  const bytes = shape ? shape.side ** 2 * channels : 0;
  const shown = shape && shape.side !== side
    ? await pack(
      test,
      Math.min(count, Math.max(LEAST_EXAMPLES, Math.floor(EXAMPLE_BYTES / bytes))),
      shape,
    )
    : undefined;
  const parts = [trained.images, trained.labels, tested.images, tested.labels];
  const facts: PackedData = {
    // Where it lies on this machine is nothing to tell those who see the page.
    title: basename(data.title),
    classes: data.classes,
    side,
    channels,
    ...measureSamples(trained.samples),
    train: trained.count,
    test: tested.count,
    examples: shown?.count ?? 0,
    checksum: (await hashBytes(await new Blob(parts).bytes())).slice(0, 16),
  };
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const splits = { train: trained, test: tested, examples: shown };
  for (const name of ["train", "test", "examples"] as const) {
    const packed = splits[name];
    if (!packed) continue;
    const names = nameSplit(name);
    files.set(names.images, await gzip(packed.images));
    files.set(names.labels, await gzip(packed.labels));
  }
  const shownToo = shown ? `, ${shown.count} to show at ${shape!.side} x ${shape!.side}` : "";
  note(
    `in the page: of ${data.spec} ${trained.count} images to train on and ${tested.count} to test on ` +
      `at ${side} x ${side}${shownToo}: whoever has the page has them; --images 0 leaves them out`,
  );
  return { facts, files };
}

/** Opens the data of a page; a run's own divided as the run did. */
async function openForPage(
  flags: Flags,
  model: ModelFile | undefined,
  note: (line: string) => void,
): Promise<E.Either<Error, DataSet>> {
  const run = flags.data === undefined ? model?.run : undefined;
  const spec = flags.data ?? (model ? run?.settings.data : chapter.data);
  if (spec === undefined) {
    const found = `Cannot tell what ${model!.path} has learned on as it is of no run of Rill's`;
    return E.left(new UsageError(found));
  }
  const options = { ...toOpenOptions(flags, note), images: undefined, testImages: undefined };
  return await pipe(
    openData(spec, options),
    TE.chain((data) =>
      !run || data.test || flags.validation !== undefined
        ? TE.right(data)
        : attempt(() => divideAsRun(data, run, options, note))
    ),
  )();
}

/** How images are prepared that a model prepares for itself afterwards: so that they become what the pictures would. */
function planExamples(model: ModelConfig, channels: 1 | 3): Shape {
  const { side, shorterSide = computeShorterSide(side), resize, orientation } = planUse(model);
  return resize === "stretch"
    ? { side, channels, resize, orientation }
    : { side: shorterSide, shorterSide, channels, resize, orientation };
}

/** Chooses what to train and to test on. */
function divide({ train, test, validation }: DataSet): { train: Split; test: Split } {
  const own = test ?? validation;
  if (own) return { train, test: own };
  const { rest, part } = splitOff(train, { fraction: HELD_OUT, seed: 0 });
  return { train: rest, test: part };
}

/** Prepares the images of a split, and encodes them and their labels as IDX files. */
async function packSplit(
  split: Split,
  shape: Shape,
  onBadRecord: "fail" | "skip",
  note: (line: string) => void,
) {
  const { side, channels } = shape;
  const badRecords = createBadRecords(onBadRecord);
  const examples = pipe(
    // One class after the other, as they lie in a folder, is nothing to look at.
    split.read({ seed: 0, epoch: 0, shuffle: true }),
    prepareImages(shape, {
      // A few are done sooner than workers have started.
      workers: split.length <= FEW ? 0 : chooseWorkers("auto", split),
      badRecords,
    }),
  );
  const found: Example<Uint8Array<ArrayBuffer>>[] = [];
  for await (const example of examples) found.push(example);
  const warning = badRecords.format();
  if (warning !== undefined) note(warning);
  const samples = await new Blob(found.map(({ image }) => image.data)).bytes();
  // Of 16 bits: there may be more than 256 classes.
  const labels = new Uint8Array(2 * found.length);
  found.forEach(({ label }, i) => new DataView(labels.buffer).setInt16(2 * i, label));
  const size = channels === 1 ? [side, side] : [side, side, channels];
  return {
    count: found.length,
    samples,
    images: await encodeIdx(0x08, [found.length, ...size], samples),
    labels: await encodeIdx(0x0b, [found.length], labels),
  };
}

/** Encodes an IDX file of elements of a type, by its number in the format. */
async function encodeIdx(
  type: number,
  shape: readonly number[],
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, type);
  header.setUint8(3, shape.length);
  shape.forEach((length, i) => header.setUint32(4 + 4 * i, length));
  return await new Blob([header, data]).bytes();
}

const gzip = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();

/** Computes mean and standard deviation of samples from 0 to 1. */
function measureSamples(samples: Uint8Array): { readonly mean: number; readonly std: number } {
  let [sum, squares] = [0, 0];
  for (const sample of samples) {
    sum += sample;
    squares += sample * sample;
  }
  const mean = sum / samples.length;
  const round = (value: number) => Number((value / 255).toFixed(4));
  // Images that are all of one tone have none.
  return { mean: round(mean), std: round(Math.sqrt(squares / samples.length - mean ** 2)) || 1 };
}

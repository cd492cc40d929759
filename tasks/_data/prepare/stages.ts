import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import {
  centerCrop,
  type Example,
  type Image,
  ImageError,
  resize,
  resizeImage,
  type Stage,
  stageOf,
} from "../../../pipelines/mod.ts";
import { toLuma } from "../../../pipelines/data/_channels.ts";
import { repeatChannel } from "../../../pipelines/data/_image_data.ts";
import { findPerItem } from "../../../pipelines/stage/_per_item.ts";
import type { StoredRecord } from "../sets/data_set.ts";
import type {
  Augmentation,
  AugmentationParameters,
  PrepareParameters,
  Preprocessing,
} from "./preprocessing.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A stage from examples to examples. */
export type ImageStage = Stage<Example<Bytes>, Example<Bytes>>;

/** The stages from stored records to examples of one size, by name. */
export interface PrepareStages {
  readonly decode: Stage<StoredRecord, Example<Bytes>>;
  /** What follows. */
  readonly others: readonly (readonly [name: string, stage: ImageStage])[];
}

/** A record whose file could not be read: `problem` says why, and its bytes are none. */
export type UnreadableRecord = StoredRecord & { readonly problem?: string };

/** Creates the stages from stored records to examples of one size. Each makes one output of an item by itself. */
export function createPrepareStages(
  { preprocessing, augment }: PrepareParameters,
): PrepareStages {
  const { side, channels, orientation } = preprocessing;
  const input = augment?.input ?? "fitted";
  const fit = input === "fitted"
    ? fitStages(preprocessing)
    : input === "stored"
    ? []
    : [["resize", resizeShorter(input)] as const];
  return {
    decode: decodeRecords({ channels, orientation }),
    others: [
      ...fit,
      ...augment ? [["augment", augmentImages(augment, { side, channels })] as const] : [],
    ],
  };
}

/** Creates the stage that decodes the records that are files, to images of so many channels. */
function decodeRecords(
  { channels }: Pick<Preprocessing, "channels" | "orientation">,
): Stage<StoredRecord, Example<Bytes>> {
  return stageOf({
    name: "decode",
    each: (record: UnreadableRecord) => {
      if (!("bytes" in record)) return convert(record, channels);
      const { bytes, label, path, problem } = record;
      if (problem !== undefined) throw new ImageError(problem, { source: path });
      return decodeImageBytes(bytes, { channels, source: path }).then((image) => ({
        image,
        label,
      }));
    },
  });
}

/** Converts an image in memory, gray or RGB, to so many channels. */
function convert(example: Example<Bytes>, channels: 1 | 3): Example<Bytes> {
  const { image, label } = example;
  if (image.channels === channels) return example;
  if (channels === 3) return { image: repeatChannel(image, 3), label };
  const { data, height, width } = image;
  const gray = new Uint8Array(height * width);
  for (let i = 0, at = 0; i < gray.length; i++, at += 3) {
    gray[i] = toLuma(data[at]!, data[at + 1]!, data[at + 2]!);
  }
  return { image: { data: gray, height, width, channels }, label };
}

function fitStages(
  { side, resize: rule }: Pick<Preprocessing, "side" | "resize">,
): readonly (readonly [string, ImageStage])[] {
  const size = { height: side, width: side };
  if (rule === "stretch") return [["resize", resize(size)]];
  const shorter = Math.round(side * 256 / 224);
  return [["resize", resizeShorter(shorter)], ["crop", centerCrop(size)]];
}

/** Creates the stage that resizes images so that the shorter side has so many pixels, as torchvision's `Resize` does. */
const resizeShorter = (shorter: number): ImageStage =>
  stageOf({
    name: "resize",
    each: ({ image, label }: Example<Bytes>) => ({
      image: resizeImage(image, fitShorter(image, shorter)),
      label,
    }),
  });

const fitShorter = (
  { height, width }: Pick<Image, "height" | "width">,
  shorter: number,
): { height: number; width: number } =>
  height < width
    ? { height: shorter, width: Math.floor(shorter * width / height) }
    : { height: Math.floor(shorter * height / width), width: shorter };

/** Creates the stage that augments: that of the module, which is loaded when the first image comes. */
function augmentImages(
  augment: Augmentation,
  { side, channels }: Pick<Preprocessing, "side" | "channels">,
): ImageStage {
  const { from = 0 } = augment;
  const check = (example: Example<Bytes>): Example<Bytes> => {
    const { height, width, channels: found } = example.image;
    if (height === side && width === side && found === channels) return example;
    throw new RangeError(
      `the stage gave an image of ${height} x ${width} x ${found}: ` +
        `${side} x ${side} x ${channels} is needed`,
    );
  };
  type Run = (example: Example<Bytes>, index: number) => unknown;
  let run: Run | undefined;
  const load = async (): Promise<Run> => {
    const stage = await loadAugmentation(augment, { side, channels });
    // Stages without a seed of their own draw by this one.
    const { seed, epoch } = augment;
    const work = findPerItem(stage, { seed, epoch, place: () => 0 })?.begin();
    if (!work) {
      throw new TypeError(
        `the stage of ${augment.module} doesn't make one output of each image by itself`,
      );
    }
    return run = (example, index) => work.run(example, index);
  };
  let loading: Promise<Run> | undefined;
  const augmentOne = async (run: Run | Promise<Run>, example: Example<Bytes>, index: number) =>
    check(await (await run)(example, index) as Example<Bytes>);
  return stageOf({
    name: "augment",
    each: (example: Example<Bytes>, index) => {
      if (!run) return augmentOne(loading ??= load(), example, from + index);
      const output = run(example, from + index);
      return output instanceof Promise
        ? augmentOne(() => output, example, from + index)
        : check(output as Example<Bytes>);
    },
  });
}

async function loadAugmentation(
  { module, options = {}, seed, epoch }: Augmentation,
  { side, channels }: Pick<Preprocessing, "side" | "channels">,
): Promise<ImageStage> {
  const { default: make } = await import(module);
  if (typeof make !== "function") {
    throw new TypeError(`${module} has no default export that makes a stage`);
  }
  const parameters: AugmentationParameters = { seed, epoch, side, channels, options };
  const stage = await make(parameters);
  if (typeof stage !== "function") {
    throw new TypeError(`the default export of ${module} gave no stage but ${typeof stage}`);
  }
  return stage;
}

import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { ImageError } from "../../../pipelines/codecs/image_error.ts";
import type { Example } from "../../../pipelines/data/example.ts";
import type { Image } from "../../../pipelines/data/image.ts";
import { centerCrop } from "../../../pipelines/images/center_crop.ts";
import { randomRegion } from "../../../pipelines/images/random/random_region.ts";
import { resize, resizeImage } from "../../../pipelines/images/resize.ts";
import type { Stage } from "../../../pipelines/stage/stage.ts";
import { StageError } from "../../../pipelines/stage/stage_error.ts";
import { stageOf } from "../../../pipelines/stage/stage_of.ts";
import { toLuma } from "../../../pipelines/data/_channels.ts";
import { repeatChannel } from "../../../pipelines/data/_image_data.ts";
import { findPerItem } from "../../../pipelines/stage/_per_item.ts";
import type { StoredRecord, UnreadableRecord } from "../sets/data_set.ts";
import {
  type Augmentation,
  type AugmentationParameters,
  computeShorterSide,
  type PrepareParameters,
  type Preprocessing,
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

/** Creates the stages from stored records to examples of one size. Each makes one output of an item by itself. */
export function createPrepareStages(
  { preprocessing, augment, forCache }: PrepareParameters,
): PrepareStages {
  const { side, channels, resize: rule, orientation } = preprocessing;
  const input = forCache ?? augment?.input ?? "fitted";
  const crops = input === "fitted" && rule === "crop";
  const size = { height: side, width: side };
  return {
    decode: decodeRecords(
      { channels, orientation },
      forCache === undefined && augment?.region ? chooseRegions(augment, orientation) : undefined,
    ),
    others: [
      ...resizeStages(preprocessing, input),
      // What follows isn't kept by a cache: cutting twice would cut another part.
      ...crops && forCache === undefined ? [["crop", centerCrop(size)] as const] : [],
      ...augment ? [["augment", augmentImages(augment, { side, channels })] as const] : [],
    ],
  };
}

/** Creates the stages that resize. They leave an image as it is that they have resized before. */
function resizeStages(
  { side, resize: rule, shorterSide }: PrepareParameters["preprocessing"],
  input: Exclude<Augmentation["input"], undefined>,
): readonly (readonly [string, ImageStage])[] {
  if (input === "stored") return [];
  if (input !== "fitted") return [["resize", resizeShorter(input)]];
  return rule === "stretch"
    ? [["resize", resize({ height: side, width: side })]]
    : [["resize", resizeShorter(shorterSide ?? computeShorterSide(side))]];
}

/** Chooses the part of a record that is used. */
type ChooseRegion = (record: StoredRecord, index: number) => StoredRecord;

/** Creates what chooses the parts for an augmentation, as the first stage of those that it draws by. */
function chooseRegions(
  { seed, epoch, region }: Augmentation,
  orientation: Preprocessing["orientation"],
): ChooseRegion {
  const stage = randomRegion({ ...region, orientation })<StoredRecord>;
  const work = findPerItem(stage, { seed, epoch, place: () => 0 }, 0)!.begin();
  return (record, index) => {
    try {
      return work.run(record, index) as StoredRecord;
    } catch (error) {
      // It is the picture that can't be decoded.
      throw error instanceof StageError ? error.cause : error;
    }
  };
}

/** Creates the stage that decodes the records that are files, to images of so many channels. */
function decodeRecords(
  { channels, orientation }: Pick<Preprocessing, "channels" | "orientation">,
  chooseRegion: ChooseRegion = (record) => record,
): Stage<StoredRecord, Example<Bytes>> {
  return stageOf({
    name: "decode",
    each: (record: UnreadableRecord, index) => {
      if ("problem" in record && record.problem !== undefined) {
        throw new ImageError(record.problem, {
          source: "path" in record ? record.path : undefined,
        });
      }
      const chosen = chooseRegion(record, index);
      if (!("bytes" in chosen)) return convert(chosen, channels);
      const { bytes, label, path: source, region } = chosen;
      return decodeImageBytes(bytes, { channels, orientation, source, region })
        .then((image) => ({ image, label }));
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
  const { seed, epoch } = augment;
  const check = (example: Partial<Example<Bytes>> | null | undefined): Example<Bytes> => {
    if (!example?.image) throw new TypeError("the stage gave no { image, label }");
    const { height, width, channels: found } = example.image;
    if (height === side && width === side && found === channels) return example as Example<Bytes>;
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
    const place = augment.region ? 1 : 0;
    const work = findPerItem(stage, { seed, epoch, place: () => place }, 0)?.begin();
    if (!work) {
      throw new TypeError(
        `the stage of ${augment.module} makes not one image of each by itself: make it with stageOf({ name, each })`,
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
      if (!run) return augmentOne(loading ??= load(), example, index);
      const output = run(example, index);
      return output instanceof Promise
        ? augmentOne(() => output, example, index)
        : check(output as Example<Bytes>);
    },
  });
}

async function loadAugmentation(
  { module, options = {}, seed, epoch }: Augmentation,
  { side, channels }: Pick<Preprocessing, "side" | "channels">,
): Promise<ImageStage> {
  // A page that prepares pictures has no need of it.
  const { importModule } = await import("../../_files/import_module.ts");
  const { default: make } = await importModule(module);
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

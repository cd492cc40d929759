import {
  type Batch,
  batch,
  centerCrop,
  chooseStage,
  colorJitter,
  cutMix,
  encodePng,
  type Example,
  flipHorizontal,
  gather,
  grayscale,
  type ImageData,
  map,
  mapImage,
  mixup,
  normalize,
  oneHot,
  pcaLighting,
  randAugment,
  randomAffine,
  randomAutoContrast,
  randomBlur,
  randomCrop,
  randomEqualize,
  randomErasing,
  randomInvert,
  type RandomOptions,
  randomPerspective,
  randomPosterize,
  randomRegion,
  randomResizedCrop,
  randomRotation,
  randomSharpness,
  randomSolarize,
  recycle,
  resize,
  type Stage,
  toFloat,
  toRgb,
  trivialAugment,
  unbatch,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { range } from "../_helpers.ts";
import {
  type Choice,
  countNeeded,
  digest,
  hide,
  type Kind,
  type Link,
  type LinkMaker,
  restOf,
  show,
} from "./_link.ts";
import type { World } from "./_world.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const same = (given: number): number => given;
const random = ({ carried, b }: Choice): RandomOptions => carried ? {} : { seed: b, epoch: b % 3 };
const seed = (choice: Choice): string => choice.carried ? "" : `{ seed: ${choice.b} }`;
/** What is known of a random stage. */
const drawing: Pick<Link, "rest" | "refuses"> = { rest: same, refuses: Number.isNaN };
const addPlace: Link["carries"] = (carried) => carried && { ...carried, place: carried.place + 1 };

/** An image of three channels, another one for each number. */
function makeExample(item: unknown): Example<Bytes> {
  const number = digest(item);
  const data = Uint8Array.from(range(4 * 5 * 3), (i) => (i * 37 + number * 11 + 3) % 251);
  return { image: { data, height: 4, width: 5, channels: 3 }, label: number % 10 };
}

/** A copy, as an example in a batch's memory goes with the batch. */
const sizeBatch = (size: number, kind: "image" | "float"): LinkMaker["make"] => ({ b }) => ({
  text: `resize(3, 3), batch(${size})`,
  rest: restOf(size),
  to: "batch",
  make: () =>
    hide((source: AsyncIterable<Example>) =>
      batch(size, { dropRemainder: b % 4 === 1 && kind === "image" })(
        resize({ height: 3, width: 3 })(source),
      )
    ),
  pulls: (given) => size * given,
});

/** Items of a kind, and a source of them, to combine a stream with. */
export function makeOther(
  kind: Kind,
  length: number,
): { items: readonly unknown[]; source: (world: World) => AsyncIterable<unknown> } {
  const numbers = range(length).map((n) => n + 40);
  const examples = numbers.map(makeExample);
  const floats = (): Example[] =>
    examples.map(({ image, label }) => ({
      image: { ...image, data: Float32Array.from(image.data) },
      label,
    }));
  const batches = (): Batch[] =>
    examples.map(({ image, label }) => ({
      images: { data: image.data.slice(0, 27), shape: [1, 3, 3, 3] },
      labels: Int32Array.of(label),
      size: 1,
    }));
  const items: readonly unknown[] = kind === "image"
    ? examples
    : kind === "float"
    ? floats()
    : kind === "batch"
    ? batches()
    : numbers;
  return { items, source: (world) => world.source(items, { name: "other", turns: length % 3 }) };
}

/** Makes a link of a random stage that keeps bytes bytes. */
const augment = (
  name: string,
  make: (
    random: RandomOptions,
    a: number,
  ) => (source: AsyncIterable<Example<Bytes>>) => AsyncIterable<Example>,
): LinkMaker => ({
  from: "image",
  make: (choice) => ({
    text: `${name}(${seed(choice)})`,
    ...drawing,
    make: () => hide(make(random(choice), choice.a)),
    pulls: same,
    carries: addPlace,
  }),
});

const perItem = (
  from: Kind,
  to: Kind,
  text: string,
  make: (a: number) => (source: AsyncIterable<never>) => AsyncIterable<unknown>,
): LinkMaker => ({
  from,
  make: ({ a }) => ({
    text,
    to,
    make: () => make(a) as Stage<unknown, unknown>,
    pulls: same,
    rest: same,
  }),
});

/** The stages of images and batches. */
export const imageLinks: readonly LinkMaker[] = [
  perItem("any", "image", "map(makeExample)", () => map(makeExample) as never),
  perItem("image", "image", "resize()", (a) => resize({ height: 3 + a % 3, width: 4 })),
  perItem("image", "image", "centerCrop()", (a) => centerCrop({ height: 2 + a % 3, width: 3 })),
  perItem("image", "image", "grayscale({ channels: 3 })", () => grayscale({ channels: 3 })),
  perItem("image", "image", "toRgb()", () => toRgb()),
  perItem("image", "image", "mapImage()", () => mapImage((image) => image)),
  perItem("image", "float", "toFloat()", () => toFloat()),
  perItem("image", "float", "normalize()", () => normalize({ mean: 0.5, std: 0.5 })),
  perItem(
    "image",
    "any",
    "map(encodePng)",
    () =>
      map(async ({ image, label }: Example<Bytes>) => ({ bytes: await encodePng(image), label })),
  ),
  {
    from: "image",
    make: () => ({
      text: "map(encodePng), decodeImage()",
      rest: same,
      make: () =>
        hide((source: AsyncIterable<Example<Bytes>>) =>
          decodeImage()(
            map(async ({ image, label }: Example<Bytes>) => ({
              bytes: await encodePng(image),
              label,
            }))(source),
          )
        ),
      list: (items) => items,
      pulls: same,
    }),
  },
  augment("flipHorizontal", flipHorizontal),
  augment(
    "randomCrop",
    (random, a) => randomCrop({ height: 3, width: 3, padding: a % 3 + 1, ...random }),
  ),
  augment("randomRegion", (random) => randomRegion(random)<Example<Bytes>>),
  augment("randomResizedCrop", (random) => randomResizedCrop({ height: 4, width: 4, ...random })),
  augment("colorJitter", (random) => colorJitter({ brightness: 0.4, hue: 0.1, ...random })),
  augment("randomErasing", (random) => randomErasing({ value: "random", ...random })),
  augment("randomRotation", (random) => randomRotation({ degrees: 30, ...random })),
  augment("randomAffine", (random) => randomAffine({ degrees: 9, shear: 5, ...random })),
  augment("randomPerspective", randomPerspective),
  augment("randomBlur", (random) => randomBlur({ kernelSize: 3, ...random })),
  augment("randomAutoContrast", randomAutoContrast),
  augment("randomEqualize", randomEqualize),
  augment("randomInvert", randomInvert),
  augment("randomPosterize", (random) => randomPosterize({ bits: 3, ...random })),
  augment("randomSolarize", (random) => randomSolarize({ threshold: 90, ...random })),
  augment("randomSharpness", (random) => randomSharpness({ factor: 2, ...random })),
  augment("randAugment", randAugment),
  augment("trivialAugment", trivialAugment),
  {
    from: "float",
    make: (choice) => ({
      text: `pcaLighting(${seed(choice)})`,
      ...drawing,
      make: () => hide(pcaLighting(random(choice))),
      pulls: same,
      carries: addPlace,
    }),
  },
  {
    from: "image",
    make: (choice) => ({
      text: `chooseStage([flipHorizontal(), randomInvert()], ${seed(choice)})`,
      ...drawing,
      make: () =>
        hide(chooseStage<Example<Bytes>, Example<ImageData>>([
          flipHorizontal(random(choice)) as Stage<Example<Bytes>, Example<ImageData>>,
          randomInvert(random(choice)),
        ], random(choice))),
      pulls: same,
      carries: (carried) => carried && { ...carried, place: carried.place + 3 },
    }),
  },
  { from: "image", make: (choice) => sizeBatch(1 + choice.a % 4, "image")(choice) },
  { from: "float", make: (choice) => sizeBatch(1 + choice.a % 4, "float")(choice) },
  {
    from: "image",
    make: ({ a }) => ({
      text: `resize(2, 2), gather(${1 + a % 3})`,
      rest: restOf(1 + a % 3),
      to: "any",
      make: () =>
        hide((source: AsyncIterable<Example>) =>
          gather(1 + a % 3, { integers: ["label"] })(resize({ height: 2, width: 2 })(source))
        ),
      pulls: (given) => (1 + a % 3) * given,
    }),
  },
  {
    from: "batch",
    grows: true,
    make: () => ({
      text: "unbatch(), toFloat()",
      to: "float",
      make: () => hide((source: AsyncIterable<Batch>) => toFloat()(unbatch()(source))),
      pulls: (given, items) => countNeeded((items as Batch[]).map(({ size }) => size), given),
    }),
  },
  {
    from: "batch",
    make: (choice) => ({
      text: `mixup({ alpha: 0.4 }, ${seed(choice)}), oneHot()`,
      ...drawing,
      to: "any",
      make: () =>
        hide((source: AsyncIterable<Batch>) =>
          oneHot({ classes: 10 })(mixup({ alpha: 0.4, ...random(choice) })(source))
        ),
      pulls: same,
      carries: addPlace,
    }),
  },
  {
    from: "batch",
    make: (choice) => ({
      text: `cutMix(${seed(choice)})`,
      ...drawing,
      to: "any",
      make: () => hide(cutMix(random(choice))),
      pulls: same,
      carries: addPlace,
    }),
  },
  perItem("batch", "any", "oneHot()", () => oneHot({ classes: 10, smoothing: 0.1 })),
];

/** Recycles batches as a training step does: their memory comes again in later ones. */
export const recyclingLink: LinkMaker = {
  from: "image",
  make: ({ a }) => ({
    text: `resize(3, 3), batch(${1 + a % 3}), map(show, recycle)`,
    rest: restOf(1 + a % 3),
    to: "any",
    make: () =>
      hide((source: AsyncIterable<Example>) =>
        map((batch: Batch) => {
          const shown = show(batch);
          recycle(batch);
          return shown;
        })(batch(1 + a % 3)(resize({ height: 3, width: 3 })(source)))
      ),
    pulls: (given) => (1 + a % 3) * given,
  }),
};

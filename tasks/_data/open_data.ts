import type * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, UsageError } from "../_cli/errors.ts";
import { describeData } from "./describe_data.ts";
import { type DataSet, listSplits } from "./sets/data_set.ts";
import { countLabels, splitOff, takeSplit, takeStratified } from "./sets/splits.ts";
import { openFashionMnist } from "./sources/fashion_mnist_data.ts";
import { createDataError, type SourceOptions } from "./sources/source_options.ts";
import { type Kind, parseSpec } from "./sources/spec.ts";

export type { DataSet, ReadOrder, Split, SplitName, StoredRecord } from "./sets/data_set.ts";
export { listSplits } from "./sets/data_set.ts";
export {
  balanceSplit,
  computeClassWeights,
  countLabels,
  selectSplit,
  takeSplit,
} from "./sets/splits.ts";

/** Options for {@linkcode openData}. */
export interface OpenDataOptions extends SourceOptions {
  /**
   * The share of the training records to keep for validation, from 0 to below 1: the classes in proportion. With 0, the default,
   * there is a validation split only where the data has one.
   */
  readonly validation?: number | undefined;
  /**
   * Whether something is to be learned from it: then it needs two classes, and each that is tested on must be trained on, too.
   * True by default.
   */
  readonly isForTraining?: boolean | undefined;
  /** Whether a validation split of the data's own takes the place of that share; otherwise it is an error. */
  readonly unlessOwn?: boolean | undefined;
  /** The seed of that choice, and of the part that `images` takes of pictures; 0 by default. */
  readonly seed?: number | undefined;
}

type Open = (place: string, options: SourceOptions) => Promise<DataSet>;

/** Opens the data of each kind. What one needs is loaded when it is opened: it costs the others nothing. */
const OPENERS: Readonly<Record<Kind, Open>> = {
  "fashion-mnist": (_, options) => openFashionMnist(options),
  folder: async (...given) => (await import("./sources/folder_data.ts")).openFolder(...given),
  shards: async (...given) => (await import("./sources/shards_data.ts")).openShards(...given),
  csv: async (...given) => (await import("./sources/csv_data.ts")).openCsv(...given),
  idx: async (...given) => (await import("./sources/idx_data.ts")).openIdxFolder(...given),
  cifar10: openCifar("cifar10"),
  cifar100: openCifar("cifar100"),
  "cifar100-coarse": openCifar("cifar100-coarse"),
};

function openCifar(kind: Extract<Kind, `cifar${string}`>): Open {
  return async (...given) => (await import("./sources/cifar_data.ts")).openCifar(kind)(...given);
}

/**
 * Opens the data that a spec names: finds its classes, splits and labels, and reads no picture.
 *
 * `images` and `testImages` take the first records of Fashion-MNIST, IDX, CIFAR and of streams; of folders and tables, which
 * are sorted by class as a rule, a part with the classes in proportion, of the seed. They are taken of what is left for training.
 *
 * @param spec What `--data` names, such as `folder:photos`.
 */
export const openData = (spec: string, options: OpenDataOptions): TE.TaskEither<Error, DataSet> =>
  attempt(async () => {
    const { kind, place } = parseSpec(spec);
    const { seed = 0, images = Infinity, testImages = Infinity, unlessOwn = false } = options;
    const { isForTraining = true, validation: share = 0 } = options;
    const isSorted = kind === "folder" || kind === "csv";
    // A part is held out of all that there is, so that it is the same whatever number of the others is used.
    const first = share === 0 ? options : { ...options, images: undefined };
    const data = await OPENERS[kind](place, first);
    const isHeldOut = share > 0 && !(unlessOwn && data.validation);
    checkClasses(data, isForTraining && (images === Infinity || isSorted));
    const take = (flag: string, split: DataSet["train"], count: number) => {
      if (count !== Infinity && count > split.length) {
        throw new UsageError(
          `Cannot use --${flag} ${count} as ${data.title} has ${split.length} such images`,
        );
      }
      return isSorted ? takeStratified(split, count, seed) : takeSplit(split, count);
    };
    const divided = isHeldOut ? holdOut(data, share, seed) : data;
    const train = take("images", divided.train, images);
    const test = data.test && take("test-images", data.test, testImages);
    const opened = { ...divided, train, ...test && { test } };
    // Fashion-MNIST is told of where it is found, with its place.
    if (kind !== "fashion-mnist") options.log(describeData(opened));
    return opened;
  });

/**
 * Holds out a part of the training records for validation, the classes in proportion.
 *
 * @param fraction The share of them, above 0 and below 1.
 * @throws {UsageError} If the data has a validation split of its own, or too few records.
 */
export function holdOut(data: DataSet, fraction: number, seed: number): DataSet {
  const refuse = (reason: string) =>
    new UsageError(`Cannot use --validation ${fraction} as ${reason}`);
  if (data.validation) throw refuse(`${data.spec} has a validation split of its own`);
  const { rest, part } = splitOff(data.train, { fraction, seed });
  if (part.length === 0 || rest.length === 0) {
    throw refuse(`${data.train.length} records are too few to divide`);
  }
  return { ...data, train: rest, validation: part, heldOut: fraction };
}

/**
 * Checks that there is something to learn and that all that is asked later was learned.
 *
 * @param isWhole Whether the training split has all of its records, and is to be learned from.
 */
function checkClasses(data: DataSet, isWhole: boolean): void {
  if (data.train.length === 0) throw createDataError(data.spec, "it has no records to train on");
  const [problem] = isWhole ? listClassProblems(data) : [];
  if (problem !== undefined) throw createDataError(data.spec, problem);
}

/** Lists what is wrong with the classes of a data set that is to be learned from, in words that follow "as". */
export function listClassProblems(data: DataSet): string[] {
  const { classes, train } = data;
  const counts = countLabels(train.labels, classes.length);
  const problems: string[] = [];
  for (const [name, split] of listSplits(data)) {
    for (const [label, count] of countLabels(split.labels, classes.length).entries()) {
      if (count === 0 || counts[label]! > 0) continue;
      problems.push(
        `its class ${
          classes[label]
        } is in the ${name} split only: there is nothing to learn it from`,
      );
    }
  }
  const present = counts.flatMap((count, label) => count > 0 ? [label] : []);
  if (present.length < 2) {
    const name = classes[present[0] ?? 0];
    problems.push(`it has one class only, ${name}: a classifier needs at least two`);
  }
  return problems;
}

import type * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { DataSet } from "./sets/data_set.ts";
import { splitOff, takeSplit, takeStratified } from "./sets/splits.ts";
import { openFashionMnist } from "./sources/fashion_mnist_data.ts";
import { openFolder } from "./sources/folder_data.ts";
import type { SourceOptions } from "./sources/source_options.ts";
import { type Kind, parseSpec } from "./sources/spec.ts";

export type { DataSet, ReadOrder, Split, SplitName, StoredRecord } from "./sets/data_set.ts";
export { listSplits } from "./sets/data_set.ts";
export { balanceSplit, computeClassWeights, countLabels, selectSplit } from "./sets/splits.ts";

/** Options for {@linkcode openData}. */
export interface OpenDataOptions extends SourceOptions {
  /**
   * The share of the training records to keep for validation, above 0 and below 1: the classes in proportion. Without it there
   * is a validation split only where the data has one.
   */
  readonly validation?: number | undefined;
  /** The seed of that choice, and of the part that `images` takes of pictures; 0 by default. */
  readonly seed?: number | undefined;
}

/** Opens the data of each kind. */
const OPENERS: Readonly<
  Partial<Record<Kind, (place: string, options: SourceOptions) => Promise<DataSet>>>
> = {
  "fashion-mnist": (_, options) => openFashionMnist(options),
  folder: openFolder,
};

/**
 * Opens the data that a spec names: finds its classes, splits and labels, and reads no picture.
 *
 * `images` and `testImages` take the first records of Fashion-MNIST, IDX, CIFAR and of streams; of folders and tables, which
 * are sorted by class as a rule, a part with the classes in proportion, of the seed.
 *
 * @param spec What `--data` names, such as `folder:photos`.
 */
export const openData = (spec: string, options: OpenDataOptions): TE.TaskEither<Error, DataSet> =>
  attempt(async () => {
    const { kind, place } = parseSpec(spec);
    const open = OPENERS[kind];
    if (!open) throw new UsageError(`Cannot use --data ${spec}: its kind cannot be read yet`);
    const { seed = 0, images = Infinity, testImages = Infinity, validation } = options;
    const data = await open(place, options);
    const take = kind === "folder" || kind === "csv"
      ? (split: DataSet["train"], count: number) => takeStratified(split, count, seed)
      : takeSplit;
    const train = take(data.train, images);
    const test = data.test && take(data.test, testImages);
    const splits = { ...data, train, ...test && { test } };
    if (validation === undefined) return splits;
    if (data.validation) {
      throw new UsageError(
        `Cannot use --validation ${validation} as ${spec} has a validation split of its own`,
      );
    }
    const { rest, part } = splitOff(train, { fraction: validation, seed });
    if (part.length === 0 || rest.length === 0) {
      throw new UsageError(
        `Cannot use --validation ${validation} as ${train.length} records are too few to divide`,
      );
    }
    return { ...splits, train: rest, validation: part };
  });

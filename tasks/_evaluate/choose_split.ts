import * as E from "fp-ts/lib/Either.js";
import type * as TE from "fp-ts/lib/TaskEither.js";
import { getOrThrow } from "../../models/mod.ts";
import { map } from "../../pipelines/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { toOpenOptions } from "../_data/data_flags.ts";
import { type DataSet, openData, type Split, type SplitName } from "../_data/open_data.ts";
import { takeStratified } from "../_data/sets/splits.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { chapter } from "../_train/settings/train_settings.ts";
import type { evaluateFlags } from "./evaluate_flags.ts";
import { divideAsRun, type OwnRun, readOwnRun } from "./own_run.ts";

/** The images to evaluate on. */
export interface ChosenSplit {
  readonly data: DataSet;
  readonly name: SplitName;
  /** Its records, with the model's labels. */
  readonly split: Split;
  /** The names of the model's classes. */
  readonly classes: readonly string[];
}

type Flags = FlagValues<typeof evaluateFlags>;

/** Opens the data that the flags name, else the run's own, and chooses one of its splits: test, else validation, else all of it. */
export function chooseSplit(
  { model, metadata, path }: {
    readonly model: ModelConfig;
    readonly metadata: Readonly<Record<string, string>>;
    readonly path: string;
  },
  flags: Flags,
  note: (line: string) => void,
): TE.TaskEither<Error, ChosenSplit> {
  return attempt(async () => {
    const own = readOwnRun(metadata);
    const spec = flags.data ?? own?.settings.data ?? chapter.data;
    const isOwn = own !== undefined && spec === own.settings.data;
    const data = await openSplits(spec, isOwn ? own : undefined, flags, note);
    const { name, split } = getOrThrow(pickSplit(data, flags.split, spec));
    const { names, labels } = getOrThrow(matchClasses(model, data.classes, path, spec));
    if (flags.split === undefined && name !== "test") {
      note(
        `data: ${spec} has no test images${
          name === "train"
            ? " and none for validation: evaluated on all that there are"
            : ": evaluated on those for validation"
        }`,
      );
    }
    const { testImages } = flags;
    const taken = testImages === undefined || name === "test"
      ? split
      : takeStratified(split, testImages, 0);
    return { data, name, split: relabel(taken, labels), classes: names };
  });
}

/** Opens the data: a run's own divided as the run did, so that what it has learned from is left out. */
async function openSplits(
  spec: string,
  own: OwnRun | undefined,
  flags: Flags,
  note: (line: string) => void,
): Promise<DataSet> {
  const options = { ...toOpenOptions(flags, note), isForTraining: false };
  const data = getOrThrow(await openData(spec, options)());
  const isTest = data.test !== undefined && (flags.split ?? "test") === "test";
  if (!own || isTest || flags.validation !== undefined) return data;
  return await divideAsRun(data, own, options, note);
}

/** Picks the split that was asked for, else test, validation or all, the first that is there. */
export function pickSplit(
  { train, validation, test }: DataSet,
  asked: SplitName | undefined,
  spec: string,
): E.Either<UsageError, { readonly name: SplitName; readonly split: Split }> {
  if (asked === undefined) {
    if (test) return E.right({ name: "test", split: test });
    return E.right(
      validation ? { name: "validation", split: validation } : { name: "train", split: train },
    );
  }
  const split = { train, validation, test }[asked];
  if (split) return E.right({ name: asked, split });
  return E.left(
    new UsageError(
      `Cannot use --split ${asked} as ${spec} has no such images` +
        (asked === "validation" ? ": hold out some with --validation" : ""),
    ),
  );
}

/** The classes of some data as a model has them. */
interface MatchedClasses {
  /** The names of the model's classes. */
  readonly names: readonly string[];
  /** The model's label of each of the data's; undefined where they are the same. */
  readonly labels: readonly number[] | undefined;
}

/** Finds the classes of the data among the model's by their names; fails if the model doesn't know one. */
export function matchClasses(
  { classNames, classes }: Pick<ModelConfig, "classNames" | "classes">,
  data: readonly string[],
  path: string,
  spec: string,
): E.Either<UsageError, MatchedClasses> {
  const refuse = (reason: string) =>
    E.left(new UsageError(`Cannot evaluate ${path} on ${spec} as ${reason}`));
  if (classNames === undefined) {
    return data.length === classes ? E.right({ names: data, labels: undefined }) : refuse(
      `it tells ${classes} classes apart, and the data has ${data.length}: name them with --classes`,
    );
  }
  const labels = data.map((name) => classNames.indexOf(name));
  const unknown = labels.indexOf(-1);
  if (unknown >= 0) {
    const shown = classNames.slice(0, 12).join(", ");
    return refuse(
      `the model doesn't know the class ${data[unknown]}: it knows ${shown}` +
        (classNames.length > 12 ? ` and ${classNames.length - 12} more` : ""),
    );
  }
  const isSame = labels.every((label, i) => label === i);
  return E.right({ names: classNames, labels: isSame ? undefined : labels });
}

/** Gives the records of a split other labels. */
function relabel(split: Split, labels: readonly number[] | undefined): Split {
  if (!labels) return split;
  const relabelOne = map(<R extends { readonly label: number }>(record: R): R => ({
    ...record,
    label: labels[record.label]!,
  }));
  return {
    ...split,
    labels: Int32Array.from(split.labels, (label) => labels[label]!),
    read: (order) => relabelOne(split.read(order)) as ReturnType<Split["read"]>,
  };
}

import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { TrainingPosition } from "../../../models/mod.ts";
import { UsageError } from "../../_cli/errors.ts";
import { toFlagName } from "../../_cli/parse_flags.ts";
import { buildForSide, createUnknownModelError } from "../../_model/model_config.ts";
import { findNetwork, isCodeFile } from "../../_model/networks.ts";
import { explainUnused } from "../../_model/used_settings.ts";
import { countSteps, countUpdates } from "./plan_optimizer.ts";
import { chooseEpochs, type PresetName, presets } from "./presets.ts";
import { chapter, type PresetSettings, type TrainSettings } from "./train_settings.ts";

/** Settings that were given, some of them. Mean and standard deviation may be left to the images. */
export type Given = {
  readonly [K in keyof TrainSettings]?:
    | TrainSettings[K]
    | (K extends "mean" | "std" ? "auto" : never)
    | undefined;
};

/** What is known of the data when settings are chosen. */
export interface DataFacts {
  readonly channels: 1 | 3;
  /** The number of training images that there are, or that are used. */
  readonly images: number;
  /** The number of test images. */
  readonly testImages: number;
  /** The share of the training images that was held out; 0 by default. */
  readonly heldOut?: number | undefined;
  /** The size of all images, where they have one. */
  readonly size?: { readonly height: number; readonly width: number } | undefined;
}

/** The settings before what is computed from the images is known. */
export type ChosenSettings = Omit<TrainSettings, "mean" | "std"> & {
  readonly mean: TrainSettings["mean"] | "auto";
  readonly std: TrainSettings["std"] | "auto";
};

/** The learning rate of the last layers alone, where the others are frozen. */
const HEAD_RATE = 0.01;

/** Side of the pictures where nothing says another. */
const USUAL_SIDE = 64;

/**
 * Puts the given settings in the preset's place, and fills in what the preset leaves to the data; fails if settings don't go
 * together, or the warm-up is longer than the run.
 */
export function chooseSettings(
  name: PresetName,
  given: Given,
  facts: DataFacts,
): E.Either<UsageError, ChosenSettings> {
  const preset = adapt(presets[name], name, given, facts);
  const settings: ChosenSettings = { ...preset, ...pickSettings(given, preset) };
  const limited = {
    ...settings,
    images: facts.images,
    testImages: facts.testImages,
    validation: facts.heldOut ?? 0,
  };
  if (given.warmup !== undefined) return checkWarmup(limited);
  // A preset's warm-up makes room for a run that was made short. Of 80 steps, 80 of warm-up give a test accuracy of 0.63,
  // 40 give 0.73, and 20 or 10 give 0.74.
  const most = Math.floor(countUpdates(limited) * 2 / 5);
  return E.right({ ...limited, warmup: Math.min(preset.warmup, most) });
}

/** Makes a preset whole: for the data that there are, and the network that was named. */
function adapt(
  preset: PresetSettings,
  name: PresetName,
  given: Given,
  { channels, images, testImages, size }: DataFacts,
): TrainSettings {
  const model = given.model ?? preset.model;
  const known = findNetwork(model);
  const { dropout, activation = preset.activation } = known?.choices ?? {};
  const own = model === preset.model;
  const small = size && Math.max(size.height, size.width);
  const usual = isCodeFile(model) ? small ?? USUAL_SIDE : known?.smallSide ?? USUAL_SIDE;
  return {
    ...preset,
    images,
    testImages,
    channels: preset.channels === undefined || name !== "chapter" ? channels : preset.channels,
    epochs: preset.epochs ?? chooseEpochs(name, images),
    side: own && preset.side !== undefined ? preset.side : usual,
    ...!own && { dropout: dropout ?? 0, activation },
    ...given.augment === "alexnet" && { views: "ten-crop" as const },
    // What is left to learn is little, and not near where it should be.
    ...name === "fine-tune" && given.freeze !== undefined && { learningRate: HEAD_RATE },
  };
}

/** Checks that flags go together that are no settings, which none of them can tell alone. */
export function checkFlags<
  F extends {
    readonly resume?: string | undefined;
    readonly weights?: string | undefined;
    readonly config?: string | undefined;
    readonly preset?: string | undefined;
    readonly sha256?: string | undefined;
    readonly backend?: string | undefined;
    readonly kernels?: string | undefined;
    readonly precision?: string | undefined;
    readonly side?: number | undefined;
    readonly model?: string | undefined;
    readonly data?: string | undefined;
  },
>(flags: F): E.Either<UsageError, F> {
  const { backend, config, kernels, precision, preset, resume, sha256, weights } = flags;
  const isNew = resume === undefined;
  const clashes: readonly (readonly [boolean, string, string, string])[] = [
    [
      weights !== undefined && !isNew,
      "weights",
      "--resume",
      "a run goes on with its own parameters",
    ],
    [config !== undefined && !isNew, "config", "--resume", "a run goes on with its own settings"],
    [preset !== undefined && !isNew, "preset", "--resume", "a run goes on with its own settings"],
    [sha256 !== undefined && weights === undefined, "sha256", "no --weights", "it is theirs"],
    [
      precision === "mixed" && kernels === "stock",
      "precision mixed",
      "--kernels stock",
      "tfjs's kernels compute in float32 only",
    ],
    [
      precision === "mixed" && backend === "wasm",
      "precision mixed",
      "--backend wasm",
      "it computes in float32 only",
    ],
  ];
  const clash = clashes.find(([clashes]) => clashes);
  if (!clash) return pipe(checkSide(flags), E.map(() => flags));
  const [, flag, other, reason] = clash;
  return E.left(new UsageError(`Cannot use --${flag} with ${other}: ${reason}`));
}

/** Checks a side on the command line, before anything is opened or read, where the network is known already. */
function checkSide(
  { side, model = chapter.model, config, weights, data, preset }: {
    readonly side?: number | undefined;
    readonly model?: string | undefined;
  } & Readonly<Partial<Record<"config" | "weights" | "data" | "preset", string | undefined>>>,
): E.Either<UsageError, unknown> {
  const known = findNetwork(model);
  const isOpen = [config, weights, data, preset].some((given) => given !== undefined);
  if (side === undefined || !known || isOpen) return E.right(side);
  const { channels, classes } = known;
  return buildForSide({ name: model, side, channels, classes });
}

/** Checks that the network is known and that settings go together, as far as they can tell by themselves. */
export function checkSettings(
  given: Given,
  { model, optimizer, mixup, cutmix, loss }: Pick<
    TrainSettings,
    "model" | "optimizer" | "mixup" | "cutmix" | "loss"
  >,
): E.Either<UsageError, void> {
  if (!findNetwork(model) && !isCodeFile(model)) return E.left(createUnknownModelError(model));
  const refuse = (key: keyof Given, reason: string) =>
    E.left(new UsageError(`Cannot use --${toFlagName(key)} with ${reason}`));
  const isGiven = (key: keyof Given) => given[key] !== undefined && given[key] !== false;
  for (const key of listSettings(given).filter(isGiven)) {
    const reason = explainUnused(key, { model, optimizer });
    if (reason) return refuse(key, reason);
  }
  const clashes: readonly (readonly [keyof Given, boolean, string])[] = [
    ["cutmix", mixup > 0 && cutmix > 0, "--mixup: a batch is mixed in one way"],
    ["pipeline", given.augment !== undefined, "--augment: one takes the other's place"],
  ];
  const clash = clashes.find(([key, clashes]) => isGiven(key) && clashes);
  if (clash) return refuse(clash[0], clash[2]);
  const isMixed = mixup > 0 || cutmix > 0;
  return given.classWeights && isMixed && loss !== "cross-entropy"
    ? E.left(new UsageError(`Cannot use --class-weights with mixed images and --loss ${loss}`))
    : E.right(undefined);
}

function checkWarmup(settings: ChosenSettings): E.Either<UsageError, ChosenSettings> {
  const steps = countUpdates(settings);
  if (settings.warmup <= steps) return E.right(settings);
  const count = steps === 1 ? "1 step" : `${steps} steps`;
  return E.left(
    new UsageError(`Cannot use --warmup ${settings.warmup}: the run has ${count} in all`),
  );
}

/**
 * Takes the settings of a saved run, with the given ones that may change when it goes on; fails if another value is given
 * for a setting on which what was done depends.
 *
 * @param done How far the run is.
 */
export function resumeSettings(
  saved: TrainSettings,
  given: Given,
  { epoch, index }: Pick<TrainingPosition, "epoch" | "index">,
): E.Either<UsageError, TrainSettings> {
  const chosen = pickSettings(given, saved);
  const clash = listSettings(chosen).find((key) =>
    !FREE.includes(key) && String(chosen[key]) !== String(saved[key])
  );
  const refuse = (key: keyof TrainSettings, reason: string) =>
    E.left(
      new UsageError(
        `Cannot use ${formatFlag(key, chosen[key])} with --resume: the run ${reason}`,
      ),
    );
  if (clash !== undefined) {
    const result = clash === "testImages"
      ? "its best test accuracy depends"
      : "the steps made depend";
    return refuse(clash, `was made with ${formatFlag(clash, saved[clash])}, and ${result} on it`);
  }
  const settings = { ...saved, ...chosen } as TrainSettings;
  if (settings.epochs < epoch || (settings.epochs === epoch && index > 0)) {
    const how = index > 0 ? `is in epoch ${epoch + 1}` : `has made ${epoch} epochs`;
    return refuse("epochs", `${how} already`);
  }
  if (settings.warmup > countSteps(settings)) {
    return refuse("epochs", `was made with --warmup ${settings.warmup}, which is more steps`);
  }
  return E.right(settings);
}

/** What may change when a run goes on: its length, how long it is patient, and the place of its data and code, which are checked. */
const FREE: readonly (keyof TrainSettings)[] = [
  "epochs",
  "patience",
  "data",
  "model",
  "pipeline",
  "onBadRecord",
];

/** Formats the flags that turn one set of settings into another: of those that have a part in the other. */
export function formatChangedFlags(
  from: Partial<ChosenSettings>,
  to: Partial<ChosenSettings>,
): string {
  return listSettings(to)
    .filter((key) => String(from[key]) !== String(to[key]) && to[key] !== "")
    .filter((key) => explainUnused(key, to) === undefined)
    .map((key) => formatFlag(key, to[key]))
    .join(" ");
}

const formatFlag = (key: string, value: unknown): string =>
  typeof value === "boolean"
    ? `--${value ? "" : "no-"}${toFlagName(key)}`
    : `--${toFlagName(key)} ${value}`;

/** Picks the settings that were given. */
const pickSettings = (given: Given, like: TrainSettings): Partial<ChosenSettings> =>
  Object.fromEntries(
    listSettings(like)
      .map((key) => [key, given[key]])
      .filter(([, value]) => value !== undefined),
  );

const listSettings = (settings: object) => Object.keys(settings) as (keyof TrainSettings)[];

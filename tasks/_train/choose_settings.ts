import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { UsageError } from "../_cli/errors.ts";
import { toFlagName } from "../_cli/parse_flags.ts";
import { checkSide } from "../_model/model_config.ts";
import type { RunCounters } from "./run_counters.ts";
import { chapter, countSteps, type SavedSettings, type TrainSettings } from "./train_settings.ts";

type Given = { readonly [K in keyof TrainSettings]?: TrainSettings[K] | undefined };

/** Checks that flags go together, which none of them can tell alone. */
export function checkFlags<
  F extends Given & {
    readonly resume?: string | undefined;
    readonly weights?: string | undefined;
    readonly backend?: string | undefined;
    readonly kernels?: string | undefined;
    readonly precision?: string | undefined;
  },
>(flags: F): E.Either<UsageError, F> {
  const { backend, kernels, optimizer, momentum, precision, resume, side, weights } = flags;
  const clash = (flag: string, other: string, reason: string) =>
    E.left(new UsageError(`Cannot use --${flag} with ${other}: ${reason}`));
  if (weights !== undefined && resume !== undefined) {
    return clash("weights", "--resume", "a run goes on with its own parameters");
  }
  if (resume === undefined && momentum !== undefined && optimizer !== "sgd") {
    return clash("momentum", "Adam", "it is SGD's; add --optimizer sgd");
  }
  if (precision === "mixed" && kernels === "stock") {
    return clash("precision mixed", "--kernels stock", "tfjs's kernels compute in float32 only");
  }
  if (precision === "mixed" && backend === "wasm") {
    return clash("precision mixed", "--backend wasm", "it computes in float32 only");
  }
  return pipe(checkSide(side), E.map(() => flags));
}

/** Puts the given settings in the preset's place; fails if the warm-up is longer than the run. */
export function chooseSettings(
  preset: TrainSettings,
  given: Given,
): E.Either<UsageError, TrainSettings> {
  const settings = { ...preset, ...pickSettings(given, preset) };
  if (given.warmup !== undefined) return checkWarmup(settings);
  // A preset's warm-up makes room for a run that was made short. Of 80 steps, 80 of warm-up give a test accuracy of 0.63,
  // 40 give 0.73, and 20 or 10 give 0.74.
  const most = Math.floor(countSteps(settings) * 2 / 5);
  return E.right({ ...settings, warmup: Math.min(preset.warmup, most) });
}

function checkWarmup(settings: TrainSettings): E.Either<UsageError, TrainSettings> {
  const steps = countSteps(settings);
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
  saved: SavedSettings,
  given: Given,
  { epoch, index }: Pick<RunCounters, "epoch" | "index">,
): E.Either<UsageError, TrainSettings> {
  const { testImages = given.testImages ?? chapter.testImages } = saved;
  const before: TrainSettings = { ...saved, testImages };
  const chosen = pickSettings(given, before);
  const clash = listSettings(chosen).find((key) => key !== "epochs" && chosen[key] !== before[key]);
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
    return refuse(clash, `was made with ${formatFlag(clash, before[clash])}, and ${result} on it`);
  }
  const settings = { ...before, ...chosen };
  if (settings.epochs < epoch || (settings.epochs === epoch && index > 0)) {
    const how = index > 0 ? `is in epoch ${epoch + 1}` : `has made ${epoch} epochs`;
    return refuse("epochs", `${how} already`);
  }
  if (settings.warmup > countSteps(settings)) {
    return refuse("epochs", `was made with --warmup ${settings.warmup}, which is more steps`);
  }
  return E.right(settings);
}

/** Formats the flags that turn one set of settings into another. */
export function formatChangedFlags(from: TrainSettings, to: TrainSettings): string {
  return listSettings(to)
    .filter((key) => from[key] !== to[key])
    .map((key) => formatFlag(key, to[key]))
    .join(" ");
}

const formatFlag = (key: string, value: unknown): string =>
  typeof value === "boolean"
    ? `--${value ? "" : "no-"}${toFlagName(key)}`
    : `--${toFlagName(key)} ${value}`;

const pickSettings = (given: Given, like: TrainSettings): Partial<TrainSettings> =>
  Object.fromEntries(
    listSettings(like)
      .map((key) => [key, given[key]])
      .filter(([, value]) => value !== undefined),
  );

const listSettings = (settings: Partial<TrainSettings>) =>
  Object.keys(settings) as (keyof TrainSettings)[];

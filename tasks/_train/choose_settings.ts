import * as E from "fp-ts/lib/Either.js";
import { UsageError } from "../_cli/errors.ts";
import { toFlagName } from "../_cli/parse_flags.ts";
import { countSteps, type TrainSettings } from "./train_settings.ts";

type Given = { readonly [K in keyof TrainSettings]?: TrainSettings[K] | undefined };

/** Checks that flags go together, which none of them can tell alone. */
export function checkFlags<
  F extends Given & {
    readonly resume?: string | undefined;
    readonly weights?: string | undefined;
  },
>(flags: F): E.Either<UsageError, F> {
  const { optimizer, momentum, resume, weights } = flags;
  const clash = (flag: string, other: string, reason: string) =>
    E.left(new UsageError(`Cannot use --${flag} with ${other}: ${reason}`));
  if (weights !== undefined && resume !== undefined) {
    return clash("weights", "--resume", "a run goes on with its own parameters");
  }
  if (resume === undefined && momentum !== undefined && optimizer !== "sgd") {
    return clash("momentum", "Adam", "it is SGD's; add --optimizer sgd");
  }
  return E.right(flags);
}

/** Puts the given settings in the preset's place; fails if the warm-up is longer than the run. */
export function chooseSettings(
  preset: TrainSettings,
  given: Given,
): E.Either<UsageError, TrainSettings> {
  const settings = { ...preset, ...pickSettings(given, preset) };
  const steps = countSteps(settings);
  if (settings.warmup <= steps) return E.right(settings);
  // A preset's warm-up makes room for a run that was made short.
  if (given.warmup === undefined) return E.right({ ...settings, warmup: Math.floor(steps / 8) });
  return E.left(
    new UsageError(`Cannot use --warmup ${settings.warmup}: the run has ${steps} steps in all`),
  );
}

/**
 * Takes the settings of a saved run, with the given ones that may change when it goes on; fails if another value is given
 * for a setting on which the steps already made depend.
 */
export function resumeSettings(
  saved: TrainSettings,
  given: Given,
): E.Either<UsageError, TrainSettings> {
  const chosen = pickSettings(given, saved);
  const clash = listSettings(chosen).find((key) => {
    const free = key === "epochs" && saved.decay === "none";
    return !free && chosen[key] !== saved[key];
  });
  if (clash === undefined) return E.right({ ...saved, ...chosen });
  return E.left(
    new UsageError(
      `Cannot use --${toFlagName(clash)} ${chosen[clash]} with --resume: the run was made with ${
        saved[clash]
      }, and the steps made depend on it`,
    ),
  );
}

/** Formats the flags that turn one set of settings into another. */
export function formatChangedFlags(from: TrainSettings, to: TrainSettings): string {
  return listSettings(to)
    .filter((key) => from[key] !== to[key])
    .map((key) =>
      typeof to[key] === "boolean"
        ? `--${to[key] ? "" : "no-"}${toFlagName(key)}`
        : `--${toFlagName(key)} ${to[key]}`
    )
    .join(" ");
}

const pickSettings = (given: Given, like: TrainSettings): Partial<TrainSettings> =>
  Object.fromEntries(
    listSettings(like)
      .map((key) => [key, given[key]])
      .filter(([, value]) => value !== undefined),
  );

const listSettings = (settings: Partial<TrainSettings>) =>
  Object.keys(settings) as (keyof TrainSettings)[];

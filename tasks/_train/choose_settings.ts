import { toFlagName } from "../_cli/parse_flags.ts";
import { UsageError } from "../_cli/errors.ts";
import { totalSteps, type TrainSettings } from "./train_settings.ts";

type Given = { readonly [K in keyof TrainSettings]?: TrainSettings[K] };

/**
 * Checks what no single flag can.
 *
 * @throws {UsageError} When two flags don't go together.
 */
export function checkFlags(
  { optimizer, momentum, resume, weights }: Given & { resume?: string; weights?: string },
): void {
  const clash = (flag: string, other: string, reason: string): never => {
    throw new UsageError(`Cannot use --${flag} with ${other}: ${reason}`);
  };
  if (weights !== undefined && resume !== undefined) {
    clash("weights", "--resume", "a run goes on with its own parameters");
  }
  if (resume === undefined && momentum !== undefined && optimizer !== "sgd") {
    clash("momentum", "Adam", "it is SGD's; add --optimizer sgd");
  }
}

/**
 * The preset, with what was given on the command line in its place.
 *
 * @throws {UsageError} When the warm-up is longer than the run.
 */
export function chooseSettings(preset: TrainSettings, given: Given): TrainSettings {
  const settings = { ...preset, ...pick(given, preset) };
  const steps = totalSteps(settings);
  if (settings.warmup <= steps) return settings;
  // A preset's warm-up makes room for a run that was made short.
  if (given.warmup === undefined) return { ...settings, warmup: Math.floor(steps / 8) };
  throw new UsageError(
    `Cannot use --warmup ${settings.warmup}: the run has ${steps} steps in all`,
  );
}

/**
 * The settings of a saved run, with what may change when it goes on.
 *
 * @throws {UsageError} When another value is given for a setting on which the steps already made depend.
 */
export function resumeSettings(saved: TrainSettings, given: Given): TrainSettings {
  const chosen = pick(given, saved);
  for (const key of Object.keys(chosen) as (keyof TrainSettings)[]) {
    const free = key === "epochs" && saved.decay === "none";
    if (free || chosen[key] === saved[key]) continue;
    throw new UsageError(
      `Cannot use --${toFlagName(key)} ${chosen[key]} with --resume: the run was made with ${
        saved[key]
      }, and the steps made depend on it`,
    );
  }
  return { ...saved, ...chosen };
}

/** The flags that turn one set of settings into another. */
export function formatChangedFlags(from: TrainSettings, to: TrainSettings): string {
  return (Object.keys(to) as (keyof TrainSettings)[])
    .filter((key) => from[key] !== to[key])
    .map((key) =>
      typeof to[key] === "boolean"
        ? `--${to[key] ? "" : "no-"}${toFlagName(key)}`
        : `--${toFlagName(key)} ${to[key]}`
    )
    .join(" ");
}

function pick(given: Given, like: TrainSettings): Partial<TrainSettings> {
  return Object.fromEntries(
    Object.keys(like)
      .map((key) => [key, given[key as keyof TrainSettings]])
      .filter(([, value]) => value !== undefined),
  );
}

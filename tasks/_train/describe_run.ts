import type { Backend, TrainingPosition } from "../../models/mod.ts";
import { quotePath } from "../_cli/errors.ts";
import { getTitle } from "../_model/model_config.ts";
import { explainUnused } from "../_model/used_settings.ts";
import { type ChosenSettings, formatChangedFlags } from "./settings/choose_settings.ts";
import { planLearningRate } from "./settings/plan_optimizer.ts";
import { type PresetName, presetReasons } from "./settings/presets.ts";
import type { SavedRun } from "./parse_run.ts";
import { chapter, type TrainSettings } from "./settings/train_settings.ts";
import type { RunRequest } from "./run_request.ts";
import { formatTrainCommand } from "./ranks.ts";

/** What is known of a run when it is described. */
export interface RunDescription {
  /** The preset of a new run, whether it was named, and what of it would be there without flags. */
  readonly preset?: {
    readonly name: PresetName;
    readonly isNamed: boolean;
    readonly settings: ChosenSettings;
  } | undefined;
  /** The settings on the command line. */
  readonly given?: { readonly warmup?: number | undefined };
  readonly ranks?: RunRequest["ranks"];
}

/** Describes a run in words: its settings, and what they began with. */
export function describeRun(
  backend: Backend,
  settings: ChosenSettings,
  saved: Pick<SavedRun, "settings" | "position"> | undefined,
  { given = {}, preset, ranks }: RunDescription = {},
): string[] {
  return [
    `settings: ${describeSettings(settings)}`,
    ...saved
      ? describeResumed(settings, saved)
      : preset && !(preset.name === "chapter" && backend.hardware)
      ? [describePreset(settings, preset, given, ranks)]
      : [],
  ];
}

function describePreset(
  settings: ChosenSettings,
  { name, isNamed, settings: plain }: NonNullable<RunDescription["preset"]>,
  given: { readonly warmup?: number | undefined },
  ranks: RunRequest["ranks"],
): string {
  const { warmup } = given.warmup === undefined ? plain : settings;
  const changed = formatChangedFlags(plain, { ...settings, warmup });
  const shorter = settings.warmup === warmup
    ? ""
    : `; its warm-up is ${
      settings.warmup === 0 ? "left out" : `shortened to ${formatCount(settings.warmup, "step")}`
    } for so short a run`;
  const why = isNamed ? "asked for by name" : presetReasons[name];
  const line = `preset: ${name}, ${why}${changed && `, with ${changed}`}${shorter}`;
  if (name !== "quick") return line;
  // From the preset on, which holds for the next command line too.
  const undo = formatChangedFlags(plain, chapter);
  return `${line}. ` +
    (formatChangedFlags(settings, chapter)
      ? `The chapter's run is: ${formatTrainCommand(undo, ranks)}`
      : "This is the chapter's run");
}

function describeResumed(
  settings: ChosenSettings,
  { settings: before, position: { step, index, epoch } }: Pick<SavedRun, "settings" | "position">,
): string[] {
  const lines = [
    `resumed: after step ${step}, ` +
    (index === 0 ? `with epoch ${epoch + 1} to come` : `image ${index} of epoch ${epoch + 1}`),
  ];
  const { epochs, schedule } = settings;
  if (schedule !== "constant" && epochs !== before.epochs) {
    const [old = 0, next = 0] = [before, settings].map((settings) =>
      planLearningRate(settings)(Math.floor(step / settings.accumulate) + 1)
    );
    lines.push(
      `schedule: the learning rate now falls to 0 over ${formatCount(epochs, "epoch")}, ` +
        "as if the run had begun with so many: " +
        `${formatRate(next)} at the next step, in place of ${formatRate(old)}`,
    );
  }
  return lines;
}

/**
 * Describes why nothing of a saved run is left to do, and what goes on; `undefined` if there is.
 *
 * @param options The folder of the run, the step to end after, if it was given, and who shares it.
 */
export function describeFinished(
  settings: TrainSettings,
  { epoch, step, index }: Pick<TrainingPosition, "epoch" | "step" | "index">,
  { resume, steps, ranks }: {
    readonly resume: string;
    readonly steps?: number | undefined;
    readonly ranks?: RunRequest["ranks"];
  },
): string | undefined {
  const { epochs } = settings;
  const go = (flag: string) =>
    `go on with: ${formatTrainCommand(`--resume ${quotePath(resume)} ${flag}`, ranks)}`;
  if (epoch >= epochs) {
    const made = `${formatCount(epochs, "epoch")} (${formatCount(step, "step")})`;
    return `finished: nothing is left of the run's ${made}; ${go(`--epochs ${epochs + 1}`)}`;
  }
  // Of an epoch whose steps are all made the evaluation is left.
  if (steps === undefined || step < steps || index >= settings.images) return undefined;
  return `finished: the run has made ${
    formatCount(step, "step")
  } already, and --steps ${steps} asks for no more; ` +
    go(`--steps ${step + 1}`);
}

const formatRate = (rate: number): string => String(Number(rate.toPrecision(3)));

const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** Describes settings in words: those that every run has, and of the others those that do something. */
function describeSettings(settings: ChosenSettings): string {
  const { side, images, epochs, batchSize, optimizer, momentum, mean, std, testImages } = settings;
  const { model, freeze, augment, pipeline, validation, clip, ema, patience } = settings;
  const has = (name: keyof TrainSettings) => explainUnused(name, settings) === undefined;
  const when = (holds: boolean, text: string) => holds ? [text] : [];
  const usesMomentum = has("momentum") && momentum > 0;
  return [
    `${getTitle(model)} at ${side} x ${side}${settings.channels === 3 ? " in colour" : ""}`,
    `${formatCount(epochs, "epoch")} of ${formatCount(images, "image")}` +
    // Which those are is known once all were read.
    (settings.onBadRecord === "skip" ? " less the broken ones" : "") +
    (settings.shuffle ? "" : " in their own order"),
    `batches of ${batchSize}` +
    (settings.accumulate > 1 ? `, ${settings.accumulate} to an update` : ""),
    `${optimizer} at ${settings.learningRate}` +
    (usesMomentum
      ? `, ${settings.nesterov && has("nesterov") ? "Nesterov's " : ""}momentum ${momentum}`
      : ""),
    ...when(settings.warmup > 0, `${formatCount(settings.warmup, "step")} of warm-up`),
    ...when(settings.schedule !== "constant", SCHEDULES[settings.schedule]),
    ...when(settings.weightDecay > 0, `weight decay ${settings.weightDecay}`),
    ...when(clip > 0, `gradients up to ${clip}`),
    ...when(ema > 0, `parameters averaged by ${ema}`),
    ...when(settings.loss !== "cross-entropy", settings.loss),
    ...when(settings.labelSmoothing > 0, `labels smoothed by ${settings.labelSmoothing}`),
    ...when(settings.classWeights, "rare classes weighted"),
    ...when(settings.balance, "classes drawn alike"),
    ...when(pipeline !== "", `images changed by ${pipeline}`),
    ...when(pipeline === "" && augment !== "none", `${augment} augmentation`),
    ...when(settings.mixup > 0, `mixup ${settings.mixup}`),
    ...when(settings.cutmix > 0, `cutmix ${settings.cutmix}`),
    ...when(has("dropout"), `dropout ${settings.dropout}`),
    ...when(has("activation") && settings.activation !== "relu", settings.activation),
    `${settings.init} init`,
    ...when(freeze !== "", `frozen ${freeze}`),
    `seed ${settings.seed}`,
    ...when(
      String(mean) !== "0" || String(std) !== "1",
      `mean ${formatNumbers(mean)}, std ${formatNumbers(std)}`,
    ),
    ...when(settings.views !== "one", VIEWS[settings.views]),
    ...when(validation > 0, `${Math.round(validation * 100)} % held out`),
    ...when(patience > 0, `patience of ${formatCount(patience, "epoch")}`),
    ...when(
      testImages > 0 && testImages !== chapter.testImages,
      `tested on ${formatCount(testImages, "image")}`,
    ),
  ].join(", ");
}

const SCHEDULES = {
  constant: "",
  linear: "linear decay",
  cosine: "cosine decay",
  "one-cycle": "one cycle",
} as const;

const VIEWS = {
  one: "",
  flip: "evaluated with mirror images",
  "ten-crop": "evaluated on ten crops",
} as const;

const formatNumbers = (numbers: number | readonly number[] | "auto"): string =>
  typeof numbers === "string"
    ? "of the images"
    : [numbers].flat().map((number) => String(Number(number.toPrecision(4)))).join(" ");

import type { Backend, OpenBackendOptions } from "../../models/mod.ts";
import { quotePath } from "../_cli/errors.ts";
import { STOCK_LINE } from "../_model/backend_flags.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { formatChangedFlags } from "./choose_settings.ts";
import type { SavedRun } from "./read_run.ts";
import type { RunCounters } from "./run_counters.ts";
import { chapter, cpuPreset, planLearningRate, type TrainSettings } from "./train_settings.ts";

/** Describes a run in its first lines: the backend and the reason for it, and the settings. */
export function describeRun(
  backend: Backend,
  settings: TrainSettings,
  saved: Pick<SavedRun, "settings" | "counters"> | undefined,
  { kernels = "rill", threads = 1, given = {} }: {
    readonly kernels?: OpenBackendOptions["kernels"] | undefined;
    readonly threads?: number;
    /** The settings on the command line. */
    readonly given?: { readonly warmup?: number | undefined };
  } = {},
): string[] {
  return [
    ...describeBackend(backend, threads),
    ...kernels === "stock" ? [STOCK_LINE] : [],
    `settings: ${describeSettings(settings)}`,
    ...saved
      ? describeResumed(settings, saved)
      : backend.hardware
      ? []
      : [describePreset(settings, given)],
  ];
}

function describePreset(
  settings: TrainSettings,
  given: { readonly warmup?: number | undefined },
): string {
  const { warmup } = given.warmup === undefined ? cpuPreset : settings;
  const changed = formatChangedFlags(cpuPreset, { ...settings, warmup });
  const shorter = settings.warmup === warmup
    ? ""
    : `; its warm-up is ${
      settings.warmup === 0 ? "left out" : `shortened to ${formatCount(settings.warmup, "step")}`
    } for so short a run`;
  // From the preset on, which holds for the next command line too.
  const undo = formatChangedFlags(cpuPreset, chapter);
  return `preset: for a machine without a GPU${changed && `, with ${changed}`}${shorter}. ` +
    (formatChangedFlags(settings, chapter)
      ? `The chapter's run is: deno task train ${undo}`
      : "This is the chapter's run");
}

function describeResumed(
  settings: TrainSettings,
  { settings: before, counters: { step, index, epoch } }: Pick<SavedRun, "settings" | "counters">,
): string[] {
  const lines = [
    `resumed: after step ${step}, ` +
    (index === 0 ? `with epoch ${epoch + 1} to come` : `image ${index} of epoch ${epoch + 1}`),
  ];
  const { epochs, decay } = settings;
  if (decay === "linear" && epochs !== before.epochs) {
    const [old = 0, next = 0] = [before, settings].map((settings) =>
      planLearningRate(settings)(step + 1)
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
 * @param flags The folder of the run, and the step to end after, if it was given.
 */
export function describeFinished(
  settings: TrainSettings,
  { epoch, step }: Pick<RunCounters, "epoch" | "step">,
  { resume, steps }: { readonly resume: string; readonly steps?: number | undefined },
): string | undefined {
  const { epochs } = settings;
  const go = (flag: string) => `go on with: deno task train --resume ${quotePath(resume)} ${flag}`;
  if (epoch >= epochs) {
    const made = `${formatCount(epochs, "epoch")} (${formatCount(step, "step")})`;
    return `finished: nothing is left of the run's ${made}; ${go(`--epochs ${epochs + 1}`)}`;
  }
  if (steps === undefined || step < steps) return undefined;
  return `finished: the run has made ${
    formatCount(step, "step")
  } already, and --steps ${steps} asks for no more; ` +
    go(`--steps ${step + 1}`);
}

const formatRate = (rate: number): string => String(Number(rate.toPrecision(3)));

const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

function describeSettings(settings: TrainSettings): string {
  const { side, images, epochs, batchSize, optimizer, momentum, mean, std, testImages } = settings;
  return [
    `AlexNet at ${side} x ${side}`,
    `${formatCount(epochs, "epoch")} of ${formatCount(images, "image")}` +
    (settings.shuffle ? "" : " in their own order"),
    `batches of ${batchSize}`,
    `${optimizer} at ${settings.learningRate}` +
    (optimizer === "sgd" ? `, momentum ${momentum}` : ""),
    ...(settings.warmup > 0 ? [`${formatCount(settings.warmup, "step")} of warm-up`] : []),
    ...(settings.decay === "linear" ? ["linear decay"] : []),
    `dropout ${settings.dropout}`,
    `${settings.init} init`,
    `seed ${settings.seed}`,
    ...(mean !== 0 || std !== 1 ? [`mean ${mean}, std ${std}`] : []),
    ...(testImages !== chapter.testImages ? [`tested on ${formatCount(testImages, "image")}`] : []),
  ].join(", ");
}

import type { Backend, OpenBackendOptions } from "../../models/mod.ts";
import { STOCK_LINE } from "../_model/backend_flags.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { formatChangedFlags } from "./choose_settings.ts";
import type { RunCounters } from "./run_counters.ts";
import { chapter, cpuPreset, type TrainSettings } from "./train_settings.ts";

/** Describes a run in its first lines: the backend and the reason for it, and the settings. */
export function describeRun(
  backend: Backend,
  settings: TrainSettings,
  saved: RunCounters | undefined,
  { kernels = "rill", threads = 1 }: {
    readonly kernels?: OpenBackendOptions["kernels"] | undefined;
    readonly threads?: number;
  } = {},
): string[] {
  const lines = [
    ...describeBackend(backend, threads),
    ...kernels === "stock" ? [STOCK_LINE] : [],
    `settings: ${describeSettings(settings)}`,
  ];
  if (saved) {
    lines.push(
      `resumed: after step ${saved.step}, image ${saved.index} of epoch ${saved.epoch + 1}`,
    );
  } else if (!backend.hardware) {
    const changed = formatChangedFlags(cpuPreset, settings);
    const undo = formatChangedFlags(settings, chapter);
    lines.push(
      `preset: for a machine without a GPU${changed && `, with ${changed}`}. ` +
        (undo ? `The chapter's run is: deno task train ${undo}` : "This is the chapter's run"),
    );
  }
  return lines;
}

function describeSettings(settings: TrainSettings): string {
  const { side, images, epochs, batchSize, optimizer, momentum, mean, std } = settings;
  return [
    `AlexNet at ${side} x ${side}`,
    `${epochs} ${epochs === 1 ? "epoch" : "epochs"} of ${images.toLocaleString("en-US")} images` +
    (settings.shuffle ? "" : " in their own order"),
    `batches of ${batchSize}`,
    `${optimizer} at ${settings.learningRate}` +
    (optimizer === "sgd" ? `, momentum ${momentum}` : ""),
    ...(settings.warmup > 0 ? [`${settings.warmup} steps of warm-up`] : []),
    ...(settings.decay === "linear" ? ["linear decay"] : []),
    `dropout ${settings.dropout}`,
    `${settings.init} init`,
    `seed ${settings.seed}`,
    ...(mean !== 0 || std !== 1 ? [`mean ${mean}, std ${std}`] : []),
  ].join(", ");
}

import {
  accuracy,
  binaryCrossEntropy,
  type ClassLabels,
  crossEntropy,
  type Loss,
  meanSquaredError,
  type Targets,
} from "../../../models/mod.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The settings of a loss. */
export interface LossSettings extends Pick<TrainSettings, "loss" | "labelSmoothing"> {
  /** How much each class counts; all alike by default. */
  readonly weights?: readonly number[] | undefined;
}

/** Describes the loss that the settings name, which reports the accuracy beside it. */
export function planLoss(
  { loss, labelSmoothing, weights }: LossSettings,
): Loss<ClassLabels, "accuracy"> {
  if (loss === "cross-entropy") {
    return crossEntropy({ labelSmoothing, ...weights && { classWeights: weights } });
  }
  const measure = loss === "mse" ? meanSquaredError() : binaryCrossEntropy();
  const measureAccuracy = accuracy();
  return (output, batch) => {
    const { shape: [size = 0, classes = 0] } = output;
    const targets = toTargets(batch, size, classes, { labelSmoothing, weights });
    return {
      ...measure(output, { size, ...targets }),
      metrics: { accuracy: measureAccuracy(output, batch) },
    };
  };
}

/** Writes classes as the numbers that the outputs are to be: 1 for an example's class, 0 for the others. */
function toTargets(
  batch: ClassLabels,
  size: number,
  classes: number,
  { labelSmoothing: smoothing, weights }: Omit<LossSettings, "loss">,
): Pick<Targets, "targets" | "weights"> {
  const data = new Float32Array(size * classes).fill(smoothing / classes);
  const counts = new Float32Array(size);
  const add = (example: number, label: number, share: number) => {
    data[example * classes + label]! += share * (1 - smoothing);
    counts[example]! += share * (weights?.[label] ?? 1);
  };
  if ("mixedLabels" in batch) {
    const [, parts = 0] = batch.mixedLabels.shape;
    for (let i = 0; i < size * parts; i++) {
      add(Math.floor(i / parts), batch.mixedLabels.data[i]!, batch.shares.data[i]!);
    }
  } else if ("shape" in batch.labels) {
    throw new RangeError("Cannot take labels with a shape for classes: one is an integer");
  } else {
    for (let i = 0; i < size; i++) add(i, batch.labels[i]!, 1);
  }
  return {
    targets: { data, shape: [size, classes] },
    ...weights && { weights: counts },
  };
}

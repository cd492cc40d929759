import { pipe } from "fp-ts/lib/function.js";
import {
  accumulate,
  adadelta,
  adagrad,
  adam,
  adamw,
  averaged,
  clipByGlobalNorm,
  cosineDecay,
  frozen,
  oneCycle,
  type Optimizer,
  rmsprop,
  type Schedule,
  sgd,
  warmupDecay,
} from "../../../models/mod.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The settings that say how long a run is. */
export type LengthSettings = Pick<
  TrainSettings,
  "images" | "batchSize" | "epochs" | "accumulate"
>;

/** Counts the steps of all epochs: a step is a batch. */
export const countSteps = (
  { images, batchSize, epochs }: Omit<LengthSettings, "accumulate">,
): number => Math.ceil(images / batchSize) * epochs;

/** Counts the updates of all epochs: one of `accumulate` batches. */
export const countUpdates = (settings: LengthSettings): number =>
  Math.floor(countSteps(settings) / settings.accumulate);

/** The settings of a learning rate. */
export type RateSettings =
  & LengthSettings
  & Pick<TrainSettings, "learningRate" | "warmup" | "schedule">;

/** Plans the learning rate of each update. It ends with the last epoch, whenever the number of epochs was set. */
export function planLearningRate(settings: RateSettings): Schedule {
  const { learningRate: peak, warmup: warmupSteps, schedule } = settings;
  const steps = Math.max(1, countUpdates(settings));
  if (schedule === "one-cycle") return oneCycle({ peak, steps });
  if (schedule === "cosine") {
    const fall = cosineDecay({ peak, steps: Math.max(1, steps - warmupSteps) });
    return (step) => step <= warmupSteps ? peak * step / warmupSteps : fall(step - warmupSteps);
  }
  return warmupDecay({ peak, warmupSteps, ...(schedule === "linear" && { steps }) });
}

/** Plans the learning rate of each step, from 1: that of the last update, of which there may be one in several steps. */
export function planStepRate(settings: RateSettings): Schedule {
  const learningRate = planLearningRate(settings);
  return (step) => learningRate(Math.max(1, Math.floor(step / settings.accumulate)));
}

/**
 * Describes the optimizer that the settings name, with what is set around it.
 *
 * @param names The names of the network's parameters.
 */
export function planOptimizer(settings: TrainSettings, names: readonly string[]): Optimizer {
  const { clip, ema } = settings;
  // A name alone means the layer, as in PyTorch, where that is one.
  const patterns = listPatterns(settings.freeze).map((pattern) =>
    names.some((name) => name.startsWith(`${pattern}.`)) ? `${pattern}.*` : pattern
  );
  const unless = <T>(off: boolean, piece: () => (optimizer: T) => T) =>
    off ? (optimizer: T) => optimizer : piece();
  return pipe(
    describeRule(settings),
    unless(clip === 0, () => clipByGlobalNorm(clip)),
    unless(settings.accumulate === 1, () => accumulate(settings.accumulate)),
    unless(ema === 0, () => averaged(ema)),
    unless(patterns.length === 0, () => frozen(...patterns)),
  );
}

/** Splits the patterns of `--freeze`. */
export const listPatterns = (freeze: string): string[] =>
  freeze.split(",").map((pattern) => pattern.trim()).filter((pattern) => pattern !== "");

function describeRule(settings: TrainSettings): Optimizer {
  const { momentum, nesterov, dampening, beta1, beta2, amsgrad, alpha, centered, rho } = settings;
  const { learningRateDecay, initialSum, weightDecay, epsilon } = settings;
  const learningRate = planLearningRate(settings);
  const decay = weightDecay > 0 ? { weightDecay } : {};
  const common = { learningRate, ...decay, ...epsilon > 0 && { epsilon } };
  switch (settings.optimizer) {
    case "adam":
      return adam({ ...common, beta1, beta2, amsgrad });
    case "adamw":
      return adamw({ ...common, beta1, beta2, amsgrad, weightDecay });
    case "sgd":
      return sgd({ learningRate, ...decay, momentum, nesterov, dampening });
    case "rmsprop":
      return rmsprop({ ...common, momentum, alpha, centered });
    case "adagrad":
      return adagrad({ ...common, learningRateDecay, initialSum });
    case "adadelta":
      return adadelta({ ...common, rho });
  }
}

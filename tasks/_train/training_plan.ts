// The module by which every thread plans a run's training.
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  accuracy,
  crossEntropy,
  getOrThrow,
  imageInput,
  type Labels,
  type Metric,
  type Network,
  topKAccuracy,
  type TrainingPlan,
} from "../../models/mod.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { loadEvaluated, loadModel } from "../_model/load_model.ts";
import { planLoss } from "./settings/plan_loss.ts";
import { listPatterns, planOptimizer } from "./settings/plan_optimizer.ts";
import type { TrainSettings } from "./settings/train_settings.ts";

/** What a run's training is planned by: anything here can be posted to a thread. */
export interface RunPlanOptions {
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
  /** How much each class counts in the loss; all alike by default. */
  readonly classWeights?: readonly number[] | undefined;
  /** How much each class counts in the balanced accuracy, where that decides which parameters are best. */
  readonly judgedWeights?: readonly number[] | undefined;
  /** Whether batches are of bytes, which the network's input divides and normalizes. */
  readonly takesBytes?: boolean | undefined;
}

/** Plans the training of a run. */
export default async function planTraining(
  { model, settings, classWeights, judgedWeights, takesBytes = false }: RunPlanOptions,
): Promise<TrainingPlan> {
  const inUse = listPatterns(settings.freeze);
  const load = pipe(
    TE.Do,
    TE.bindW("network", () => loadModel(model, { inUse })),
    TE.bindW("evaluated", () => loadEvaluated(model)),
  );
  const { network, evaluated } = getOrThrow<Error, Evaluated>(await load());
  const { mean, std } = model;
  const input = takesBytes ? imageInput({ mean, std }) : undefined;
  return {
    network,
    optimizer: planOptimizer(settings, network.parameters.map(({ name }) => name)),
    initializer: settings.init,
    loss: planLoss({ ...settings, weights: classWeights }),
    input,
    // Smoothing and weights are for learning; what is learned is told in plain numbers.
    validation: {
      network: evaluated,
      loss: crossEntropy(),
      metrics: planMetrics(settings.best, judgedWeights),
      input,
    },
  };
}

/** Plans what is measured of the images that decide, beside the loss and the accuracy. */
function planMetrics(
  best: TrainSettings["best"],
  classWeights: readonly number[] | undefined,
): Readonly<Record<string, Metric<Labels>>> {
  switch (best) {
    case "balanced-accuracy":
      return { [best]: accuracy(classWeights && { classWeights }) };
    case "top-5-accuracy":
      return { [best]: topKAccuracy(5) };
    default:
      return {};
  }
}

interface Evaluated {
  readonly network: Network;
  readonly evaluated: Network;
}

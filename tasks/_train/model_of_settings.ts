import type { ModelConfig } from "../_model/model_config.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The model that a run trains: the chapter's, for Fashion-MNIST. */
export const modelOfSettings = (
  { side, dropout, mean, std }: TrainSettings,
): ModelConfig => ({ name: "alexnet", side, channels: 1, classes: 10, dropout, mean, std });

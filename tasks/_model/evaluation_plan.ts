// The module by which every thread plans an evaluation.
import {
  type EvaluateInThreadsOptions,
  type EvaluationPlan,
  getOrThrow,
  type InputOptions,
  type Network,
} from "../../models/mod.ts";
import type { Kernels } from "./backend_flags.ts";
import { loadEvaluated } from "./load_model.ts";
import type { ModelConfig } from "./model_config.ts";

/** Plans the evaluation of a model as it is used. On WASM, where there are threads, batches are the numbers that the network takes. */
export default async function planEvaluation(model: ModelConfig): Promise<EvaluationPlan> {
  return { network: getOrThrow(await loadEvaluated(model)()) };
}

/** A network as it is used, and how many threads compute with it. */
export interface SharedNetwork {
  readonly model: ModelConfig;
  readonly network: Network;
  /** The options of the step that takes the batches. */
  readonly stepOptions: InputOptions;
  readonly threads: number;
  readonly kernels: Kernels | undefined;
}

/** Names a network as threads take it: one alone as it is, several by this module. */
export const shareNetwork = (
  { model, network, stepOptions, threads, kernels }: SharedNetwork,
): Pick<EvaluateInThreadsOptions, "kernels" | "model" | "options" | "threads"> =>
  threads === 1
    ? { model: { network, ...stepOptions } }
    : { model: import.meta.url, options: model, threads, kernels };

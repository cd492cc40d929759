import type { Evaluation, OpenBackendOptions } from "../../models/mod.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { TrainSettings } from "./train_settings.ts";

/** What a thread of a run is sent first. */
export interface ThreadJob {
  /** The memory of the communicator, and the thread's place in it. */
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** Where the batches lie. */
  readonly images: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
  readonly kernels?: OpenBackendOptions["kernels"];
  /** The folder of the run that goes on. */
  readonly resume?: string;
  /** The file of the parameters to start from. */
  readonly weights?: string;
}

/** What it is sent then: a step on a batch of so many images, an evaluation of one, or a save. */
export type ThreadCommand =
  | { readonly kind: "step" | "evaluate"; readonly size: number }
  | { readonly kind: "save" };

/** What it answers: when it is ready, when it has evaluated its share, and when it can't go on. */
export type ThreadReply =
  | { readonly evaluation?: Evaluation }
  | { readonly failure: string };

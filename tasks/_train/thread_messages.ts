import type { Evaluation, OpenBackendOptions } from "../../models/mod.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import type { TrainSettings } from "./train_settings.ts";

/** The first message to a thread of a run. */
export interface ThreadJob {
  /** The memory of the communicator, and the thread's place in it. */
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** The memory of the batches. */
  readonly images: SharedArrayBuffer;
  readonly labels: SharedArrayBuffer;
  readonly model: ModelConfig;
  readonly settings: TrainSettings;
  readonly kernels?: OpenBackendOptions["kernels"] | undefined;
  /** The folder of the run that goes on. */
  readonly resume?: string | undefined;
  /** The file of the parameters to start from. */
  readonly weights?: string | undefined;
}

/** Each message after that: a step on a batch of so many images, an evaluation of one, or a save. */
export type ThreadCommand =
  | { readonly kind: "step" | "evaluate"; readonly size: number }
  | { readonly kind: "save" };

/** A thread's answer: when it is ready, when it has evaluated its share, and when it fails. */
export type ThreadReply =
  | { readonly evaluation?: Evaluation }
  | { readonly failure: string };

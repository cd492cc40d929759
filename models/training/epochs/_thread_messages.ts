import type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
import type { SavedStart } from "./_create_state.ts";
import type { Evaluation } from "../eval_step.ts";
import type { SizedBatch } from "../training_batch.ts";

/** The first message to a thread of a training. */
export interface ThreadJob {
  /** The memory of the communicator, and the thread's place in it. */
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** The address of the module that gives the plan, and its options. */
  readonly module: string;
  readonly options: unknown;
  readonly kernels: OpenBackendOptions["kernels"];
  readonly seed: number;
  /** Where the training goes on, its tensors in shared memory; at drawn parameters without it. */
  readonly start?: SavedStart | undefined;
}

/** Each message after that. */
export type ThreadCommand =
  /** Make a step on a batch, or evaluate its share of one. */
  | { readonly kind: "step" | "evaluate"; readonly batch: SizedBatch }
  /** Take part in gathering the optimizer's state; or the averages of parameters, to evaluate by them from now to the next step. */
  | { readonly kind: "gather" | "average" };

/** A thread's answer. */
export type ThreadReply =
  /** It has its state. */
  | { readonly kind: "ready"; readonly outline: readonly string[] }
  | { readonly kind: "evaluation"; readonly evaluation: Evaluation<string> }
  | { readonly kind: "failure"; readonly reason: string };

import type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
import type { Evaluation } from "../eval_step.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { StartFacts, StartTensor } from "./_shared_start.ts";

/** The first message to a thread of a training. */
export interface ThreadJob {
  /** The memory of the communicator, and the thread's place in it. */
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** The place of its process among those that train together. */
  readonly processes: { readonly rank: number; readonly size: number };
  /** The address of the module that gives the plan, unless the worker brings its own; and its options. */
  readonly module: string | undefined;
  readonly options: unknown;
  readonly kernels: OpenBackendOptions["kernels"];
  /** The address of the program that the first thread's backend was opened with. */
  readonly wasmUrl?: string | undefined;
  readonly seed: number;
  /** Whether it is told where to begin; otherwise it draws the parameters. */
  readonly starts: boolean;
}

/** Each message after that. */
export type ThreadCommand =
  /** Take a tensor of the start, and then begin there: the last one of the start. */
  | { readonly kind: "take"; readonly tensor: StartTensor }
  | { readonly kind: "begin"; readonly facts: StartFacts }
  /** Make a step on a batch, or evaluate its share of one. */
  | { readonly kind: "step" | "evaluate"; readonly batch: SizedBatch }
  /** Take part in gathering the optimizer's state; or the averages of parameters, to evaluate by them from now to the next step. */
  | { readonly kind: "gather" | "average" };

/** A thread's answer. */
export type ThreadReply =
  /** It has its plan, which the first thread's can be compared with, and is ready for what comes. */
  | { readonly kind: "ready"; readonly outline: readonly string[] }
  /** It has taken a tensor, or begun. */
  | { readonly kind: "taken" }
  | { readonly kind: "evaluation"; readonly evaluation: Evaluation<string> }
  | { readonly kind: "failure"; readonly reason: string };

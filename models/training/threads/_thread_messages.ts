import type { OpenBackendOptions } from "../../backend/open_backend_options.ts";
import type { Prediction } from "../predict_step.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { SharedTensor, StartFacts, StartTensor } from "./_shared_start.ts";

/** The first message to a thread of a training or an evaluation. */
export interface ThreadJob {
  /** The memory of the communicator, and the thread's place in it. */
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** The place of its process among those that work together. */
  readonly processes: { readonly rank: number; readonly size: number };
  /** The address of the module that gives the plan, unless the worker brings its own; and its options. */
  readonly module: string | undefined;
  readonly options: unknown;
  readonly kernels: OpenBackendOptions["kernels"];
  /** The address of the program that the first thread's backend was opened with. */
  readonly wasmUrl?: string | undefined;
  readonly task: ThreadTask;
}

/** What a thread is there for. */
export type ThreadTask =
  /** To train: with drawn parameters, or where it is told to begin. */
  | { readonly kind: "train"; readonly seed: number; readonly starts: boolean }
  /** To compute outputs. It is told by which variables. */
  | { readonly kind: "predict" };

/** Each message after that. */
export type ThreadCommand =
  /** Take a tensor of the start, and then begin there: the last one of the start. */
  | { readonly kind: "take"; readonly tensor: StartTensor }
  | { readonly kind: "begin"; readonly facts: StartFacts }
  /** Take the variables by which outputs are computed. */
  | { readonly kind: "variables"; readonly variables: readonly SharedTensor[] }
  /** Make a step on a batch, or compute the outputs for its share of one. */
  | { readonly kind: "step" | "predict"; readonly batch: SizedBatch }
  /**
   * Take part in gathering the optimizer's state; or the averages of parameters, to compute by them from now to the next step; or
   * what each has of the parameters.
   */
  | { readonly kind: "gather" | "average" | "complete" };

/** A thread's answer. */
export type ThreadReply =
  /** It has its plan, which the first thread's can be compared with, and is ready for what comes. */
  | { readonly kind: "ready"; readonly outline: readonly string[] }
  /** It has taken a tensor, or begun. */
  | { readonly kind: "taken" }
  | { readonly kind: "outputs"; readonly outputs: Prediction }
  | { readonly kind: "failure"; readonly reason: string };

/**
 * Threads of a training, in workers that a program brings itself, as bundled ones must.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { openOnce } from "../../kernels/_open_once.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { nestedCommunicator } from "../../parallel/nested_communicator.ts";
import { sharedCommunicator } from "../../parallel/shared_communicator.ts";
import { foldIn, randomKey } from "../../random/key.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import type { Params } from "../../types/tensor.ts";
import { giveState } from "../../weights/_stream_tensors.ts";
import { averagedParams } from "../averaged_params.ts";
import { evaluateShare } from "../_whole_evaluation.ts";
import { initTrainState, type TrainState } from "../train_state.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import { callPlan, loadPlan, outlinePlan } from "./_load_plan.ts";
import { planEvaluation, planStep } from "./_plan_steps.ts";
import { createStartTaker } from "./_shared_start.ts";
import { PlanError } from "./training_error.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./_thread_messages.ts";
import type { PlanTraining, TrainingPlan } from "./training_plan.ts";

export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type { PlannedMeasure, PlanTraining, TrainingPlan } from "./training_plan.ts";

/** The worker's side of the global scope. */
const scope = globalThis as unknown as {
  postMessage(reply: ThreadReply): void;
  onmessage: (event: MessageEvent) => void;
  close(): void;
  addEventListener(
    type: "error" | "unhandledrejection" | "unload",
    listener: (event: Event & { readonly error?: unknown; readonly reason?: unknown }) => void,
  ): void;
};

/**
 * Makes the worker that calls it a thread of a training, which `trainEpochs` has started by its option `createWorker`: it makes
 * the steps that it is told to.
 *
 * @example The module of a worker, which is bundled by itself
 * ```ts ignore
 * import { runTrainingThread } from "@rill/rill/models/run-training-thread";
 * import createPlan from "./plan.ts";
 *
 * runTrainingThread(createPlan);
 * ```
 *
 * @typeParam O The options of the plan.
 * @typeParam B The batches.
 * @param createPlan Gives the plan by the options that `trainEpochs` was given, the same plan as there; by default the function
 * of the module whose address `trainEpochs` was given.
 */
export function runTrainingThread<O = unknown, B extends SizedBatch = TrainingBatch>(
  createPlan?: PlanTraining<O, B>,
): void {
  scope.onmessage = ({ data }) => {
    work = startJob(data, createPlan as PlanTraining<unknown, SizedBatch> | undefined)
      .catch(() => {});
  };
}

/** Everything that the thread has been told to do, one after the other. */
let work: Promise<void>;

async function startJob(
  job: ThreadJob,
  createPlan: PlanTraining<unknown, SizedBatch> | undefined,
): Promise<void> {
  const communicator = nestedCommunicator(
    sharedCommunicator(job.memory, job.rank),
    job.processes,
  );
  reportEnd(communicator);
  const { run, outline } = await reportFailure(
    communicator,
    () => openThread(job, communicator, createPlan),
  );
  scope.onmessage = ({ data }) => {
    work = work.then(() => reportFailure(communicator, () => run(data))).catch(() => {});
  };
  scope.postMessage({ kind: "ready", outline });
}

/** Tells the other threads of an end that no step sees: the worker ended itself, or something failed beside its steps. */
function reportEnd(communicator: Communicator): void {
  const fail = (error: unknown) => {
    communicator.abort(error);
    scope.postMessage({ kind: "failure", reason: describeThrown(error) });
  };
  for (const type of ["error", "unhandledrejection"] as const) {
    scope.addEventListener(type, (event) => {
      event.preventDefault();
      fail(event.error ?? event.reason);
    });
  }
  // As for workers of stages: nobody else is told, and Deno has an event for one way to end only.
  scope.addEventListener("unload", () => fail("it ended itself"));
  const close = scope.close.bind(scope);
  scope.close = () => {
    fail("it ended itself");
    close();
  };
}

const describeThrown = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

async function reportFailure<T>(communicator: Communicator, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    // A thread that waits in a step sees the one, a thread that waits for a reply the other.
    communicator.abort(error);
    scope.postMessage({ kind: "failure", reason: describeThrown(error) });
    throw error;
  }
}

/** Opens backend and plan, and the state unless that is told. */
async function openThread(
  { kernels, module, options, seed, starts, wasmUrl }: ThreadJob,
  communicator: Communicator,
  createPlan: PlanTraining<unknown, SizedBatch> | undefined,
): Promise<{ run(command: ThreadCommand): Promise<void>; readonly outline: string[] }> {
  const backend = await openOnce("wasm", async () => {
    // As openBackend does: with this module alone a page on WebGPU has nothing of WASM to load.
    const { openWasm } = await import("../../kernels/_open_wasm.ts");
    return await openWasm("a thread of a training", { kernels, wasmUrl });
  });
  const plan = createPlan
    ? await callPlan(createPlan, options)
    : await loadPlan<SizedBatch>(module ?? refuse(), options);
  const { network, optimizer, initializer } = plan;
  const drawn = starts
    ? undefined
    : initTrainState(network, optimizer, randomKey(seed), { initializer, communicator });
  let runOn = drawn && createRunner(plan, drawn, communicator, backend);
  const { take, finish } = createStartTaker();
  const run = async (command: ThreadCommand) => {
    if (runOn) return await runOn(command);
    if (command.kind === "take") take(command.tensor);
    if (command.kind === "begin") {
      const { variables, optimizer: own, step } = finish(command.facts);
      const key = randomKey(seed);
      // Of the optimizer's state it was told its own parts.
      const state = own
        ? { ...variables, optimizer: own, step, key: foldIn(key, 1) }
        : initTrainState(network, optimizer, key, { variables, step, communicator });
      runOn = createRunner(plan, state, communicator, backend);
    }
    scope.postMessage({ kind: "taken" });
  };
  return { run, outline: outlinePlan(plan) };
}

function refuse(): never {
  throw new PlanError(
    undefined,
    "it is here only: give runTrainingThread the function that gives it, or trainEpochs its module",
  );
}

/** Makes the function that does what the thread is told. */
function createRunner(
  plan: TrainingPlan<SizedBatch>,
  state: TrainState,
  communicator: Communicator,
  backend: Pick<Backend, "check">,
): (command: ThreadCommand) => Promise<void> {
  const { network } = plan;
  const step = planStep(plan, communicator);
  const evaluate = planEvaluation(plan);
  let averages: Params | undefined;
  const forgetAverages = () => {
    if (averages) disposeTensors(averages);
    averages = undefined;
  };
  return async (command) => {
    switch (command.kind) {
      case "step":
        forgetAverages();
        [state] = step(state, command.batch);
        break;
      case "gather":
        giveState(network, state.optimizer, communicator);
        break;
      case "average":
        forgetAverages();
        averages = averagedParams(network, state, communicator);
        break;
      case "evaluate": {
        const { params, buffers } = state;
        const variables = { params: averages ?? params, buffers };
        const evaluation = await evaluateShare(evaluate, variables, command.batch, communicator);
        if (evaluation) scope.postMessage({ kind: "evaluation", evaluation });
      }
    }
    backend.check();
  };
}

/**
 * Threads of a training or an evaluation, in workers that a program brings itself, as bundled ones must.
 *
 * @module
 */

import type { Backend } from "../../backend/backend.ts";
import { openOnce } from "../../kernels/_open_once.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import { completeParams } from "../../parallel/_partial_params.ts";
import { nestedCommunicator } from "../../parallel/nested_communicator.ts";
import { sharedCommunicator } from "../../parallel/shared_communicator.ts";
import { foldIn, randomKey } from "../../random/key.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import type { Params, Variables } from "../../types/tensor.ts";
import { giveState } from "../../weights/_stream_tensors.ts";
import { averagedParams } from "../averaged_params.ts";
import { computeShareOf } from "../_whole_evaluation.ts";
import { initTrainState, type TrainState } from "../train_state.ts";
import type { SizedBatch, TrainingBatch } from "../training_batch.ts";
import { callPlan, loadEvaluationPlan, outlinePlan, requireOptimizer } from "./_load_plan.ts";
import { getEvaluated, planPrediction, planStep } from "./_plan_steps.ts";
import { createStartTaker, takeVariables } from "./_shared_start.ts";
import { PlanError } from "./training_error.ts";
import type { ThreadCommand, ThreadJob, ThreadReply, ThreadTask } from "./_thread_messages.ts";
import type { EvaluationPlan, PlanEvaluation, TrainingPlan } from "./training_plan.ts";

export type { SizedBatch, TrainingBatch } from "../training_batch.ts";
export type {
  EvaluationPlan,
  PlanEvaluation,
  PlannedMeasure,
  PlanTraining,
  TrainingPlan,
} from "./training_plan.ts";

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
 * Makes the worker that calls it a thread of a training, which `trainEpochs` has started by its option `createWorker`, or of an
 * evaluation, which `evaluateInThreads` or `predictInThreads` has: it computes what it is told to.
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
 * @param createPlan Gives the plan by the options that were given there, the same plan as there; by default the function
 * of the module whose address was given there.
 */
export function runTrainingThread<O = unknown, B extends SizedBatch = TrainingBatch>(
  createPlan?: PlanEvaluation<O, B>,
): void {
  scope.onmessage = ({ data: job }) => {
    const communicator = nestedCommunicator(
      sharedCommunicator(job.memory, job.rank),
      job.processes,
    );
    const opening = startJob(job, communicator, createPlan as PlanEvaluation<unknown, SizedBatch>);
    let work = opening.then(() => {}, () => {});
    scope.onmessage = ({ data }) => {
      // One after the other, also what comes before it is ready.
      work = work.then(async () => {
        const { run } = await opening;
        await reportFailure(communicator, () => run(data));
      }).catch(() => {});
    };
  };
}

async function startJob(
  job: ThreadJob,
  communicator: Communicator,
  createPlan: PlanEvaluation<unknown, SizedBatch> | undefined,
): Promise<OpenedThread> {
  reportEnd(communicator);
  const opened = await reportFailure(
    communicator,
    () => openThread(job, communicator, createPlan),
  );
  scope.postMessage({ kind: "ready", outline: opened.outline });
  return opened;
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

/** What a thread does, and the outline of its plan. */
interface OpenedThread {
  run(command: ThreadCommand): Promise<void>;
  readonly outline: string[];
}

/** Opens backend and plan, and the state of a training unless that is told. */
async function openThread(
  { kernels, module, options, processes, task, wasmUrl }: ThreadJob,
  communicator: Communicator,
  createPlan: PlanEvaluation<unknown, SizedBatch> | undefined,
): Promise<OpenedThread> {
  const backend = await openOnce("wasm", async () => {
    // As openBackend does: with this module alone a page on WebGPU has nothing of WASM to load.
    const { openWasm } = await import("../../kernels/_open_wasm.ts");
    return await openWasm("a thread of several", { kernels, wasmUrl });
  });
  const plan = createPlan
    ? await callPlan(createPlan, options)
    : await loadEvaluationPlan<SizedBatch>(module ?? refuse(), options);
  if (task.kind === "train") {
    const training = requireOptimizer(plan, module);
    return {
      run: startTraining(training, { ...task, processes: processes.size }, communicator, backend),
      outline: outlinePlan(training),
    };
  }
  const predict = createPredictor(plan, communicator);
  let variables: Variables = { params: {}, buffers: {} };
  return {
    async run(command) {
      if (command.kind === "variables") variables = takeVariables(command.variables);
      if (command.kind === "predict") await predict(variables, command.batch);
      backend.check();
    },
    outline: outlinePlan({ network: getEvaluated(plan) }),
  };
}

function refuse(): never {
  throw new PlanError(
    undefined,
    "it is here only: give runTrainingThread the function that gives it, or trainEpochs its module",
  );
}

/** Makes the function that does what a thread of a training is told: at first perhaps where to begin. */
function startTraining(
  plan: TrainingPlan<SizedBatch>,
  { seed, starts, processes }: Extract<ThreadTask, { kind: "train" }> & {
    readonly processes: number;
  },
  communicator: Communicator,
  backend: Pick<Backend, "check">,
): OpenedThread["run"] {
  const { network, optimizer, initializer } = plan;
  const drawn = starts
    ? undefined
    : initTrainState(network, optimizer, randomKey(seed), { initializer, communicator });
  const createRun = (state: TrainState) =>
    createRunner(plan, state, { communicator, processes, backend });
  let runOn = drawn && createRun(drawn);
  const { take, finish } = createStartTaker();
  return async (command) => {
    if (runOn) return await runOn(command);
    if (command.kind === "take") take(command.tensor);
    if (command.kind === "begin") {
      const { variables, optimizer: own, step } = finish(command.facts);
      const key = randomKey(seed);
      // Of the optimizer's state it was told its own parts.
      const state = own
        ? { ...variables, optimizer: own, step, key: foldIn(key, 1) }
        : initTrainState(network, optimizer, key, { variables, step, communicator });
      runOn = createRun(state);
    }
    scope.postMessage({ kind: "taken" });
  };
}

/** Makes the function that tells the outputs for the thread's share of a batch. */
function createPredictor(
  plan: EvaluationPlan<SizedBatch>,
  communicator: Communicator,
): (variables: Variables, batch: SizedBatch) => Promise<void> {
  const predict = planPrediction(plan);
  return async (variables, batch) => {
    const outputs = await computeShareOf(predict, variables, batch, communicator);
    if (outputs) scope.postMessage({ kind: "outputs", outputs });
  };
}

/** Makes the function that does what a thread of a training is told, once it has begun. */
function createRunner(
  plan: TrainingPlan<SizedBatch>,
  state: TrainState,
  { communicator, processes, backend }: {
    readonly communicator: Communicator;
    readonly processes: number;
    readonly backend: Pick<Backend, "check">;
  },
): OpenedThread["run"] {
  const { network } = plan;
  const step = planStep(plan, communicator, processes);
  const predict = createPredictor(plan, communicator);
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
      case "complete":
        completeParams(network, state.params, communicator);
        break;
      case "average":
        forgetAverages();
        averages = averagedParams(network, state, communicator);
        break;
      case "predict": {
        const { params, buffers } = state;
        await predict({ params: averages ?? params, buffers }, command.batch);
      }
    }
    backend.check();
  };
}

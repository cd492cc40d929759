// A thread of a training beside the first one: a worker with a state of its own that makes the steps it is told to.
import { openOnce } from "../../kernels/_open_once.ts";
import { openWasm } from "../../kernels/_open_wasm.ts";
import { registerKernels } from "../../kernels/_register_kernels.ts";
import { sharedCommunicator } from "../../parallel/shared_communicator.ts";
import { disposeTensors } from "../../types/_tensors.ts";
import type { Params } from "../../types/tensor.ts";
import { giveParts } from "../../weights/_stream_tensors.ts";
import { createState } from "./_create_state.ts";
import { loadPlan, outlinePlan } from "./_load_plan.ts";
import { planEvaluation, planStep } from "./_plan_steps.ts";
import { averagedParams } from "../averaged_params.ts";
import { shareBatch } from "../share_batch.ts";
import type { SizedBatch } from "../training_batch.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./_thread_messages.ts";

/** The worker's side of the global scope. */
const scope = globalThis as unknown as {
  postMessage(reply: ThreadReply): void;
  onmessage: (event: MessageEvent) => void;
};

const { promise: received, resolve: receive } = Promise.withResolvers<ThreadJob>();
let work: Promise<void> = received.then(runJob).catch(() => {});
scope.onmessage = ({ data }) => receive(data);

async function runJob(job: ThreadJob): Promise<void> {
  const communicator = sharedCommunicator(job.memory, job.rank);
  const reportFailure = async (body: () => Promise<void>) => {
    try {
      await body();
    } catch (error) {
      // A thread that waits in a step sees the one, a thread that waits for a reply the other.
      communicator.abort(error);
      const reason = error instanceof Error ? error.message || error.name : String(error);
      scope.postMessage({ kind: "failure", reason });
      throw error;
    }
  };
  await reportFailure(async () => {
    const { kernels, module, options, seed, start } = job;
    const backend = await openOnce("wasm", () => {
      registerKernels({ stock: kernels === "stock" });
      return openWasm("a thread of a training", kernels);
    });
    const plan = await loadPlan<SizedBatch>(module, options);
    const { network } = plan;
    let state = createState(plan, { seed, start, communicator });
    let averages: Params | undefined;
    const step = planStep(plan, communicator);
    const evaluate = planEvaluation(plan);
    const forgetAverages = () => {
      if (averages) disposeTensors(averages);
      averages = undefined;
    };
    const runCommand = async (command: ThreadCommand) => {
      switch (command.kind) {
        case "step":
          forgetAverages();
          [state] = step(state, command.batch);
          break;
        case "gather":
          giveParts(network, state.optimizer, communicator);
          break;
        case "average":
          forgetAverages();
          averages = averagedParams(network, state, communicator);
          break;
        case "evaluate": {
          const share = shareBatch(command.batch, communicator);
          if (share.size === 0) break;
          const { params, buffers } = state;
          const evaluation = await evaluate({ params: averages ?? params, buffers }, share);
          scope.postMessage({ kind: "evaluation", evaluation });
        }
      }
      backend.check();
    };
    scope.onmessage = ({ data }) => {
      work = work.then(() => reportFailure(() => runCommand(data))).catch(() => {});
    };
    scope.postMessage({ kind: "ready", outline: outlinePlan(plan) });
  });
}

import { formatError } from "../_cli/errors.ts";
import { buildModel } from "../_model/model_config.ts";
import {
  evalStep,
  exportOptimizerState,
  openBackend,
  shareBatch,
  sharedCommunicator,
  type TrainingBatch,
  trainStep,
} from "../../models/mod.ts";
import { readRun } from "./read_run.ts";
import { chooseOptimizer, createInitialState } from "./initial_state.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./thread_messages.ts";

// A thread of a run beside the first one: a worker that has a state of its own and makes the steps that it is told to.

/** The worker's side of the global scope. */
const scope = globalThis as unknown as {
  postMessage(reply: ThreadReply): void;
  onmessage: (event: MessageEvent) => void;
};

const { promise: received, resolve: receive } = Promise.withResolvers<ThreadJob>();
let work: Promise<void> = received.then(serve).catch(() => {});
scope.onmessage = ({ data }) => receive(data);

async function serve(job: ThreadJob): Promise<void> {
  const communicator = sharedCommunicator(job.memory, job.rank);
  const guarded = async (body: () => Promise<void>) => {
    try {
      await body();
    } catch (error) {
      // Whoever waits in a step sees the one, whoever waits for a reply the other.
      communicator.abort(error);
      scope.postMessage({ failure: formatError(error) });
      throw error;
    }
  };
  await guarded(async () => {
    const backend = await openBackend("wasm", { kernels: job.kernels });
    const network = buildModel(job.model);
    const optimizer = chooseOptimizer(job.settings);
    const saved = job.resume === undefined ? undefined : await readRun(job.resume);
    const { resume: savedDir, weights } = job;
    let state = await createInitialState(network, optimizer, job.settings, {
      saved,
      savedDir,
      weights,
      communicator,
    });
    const step = trainStep(network, optimizer, { communicator });
    const evaluate = evalStep(network);
    const images = new Float32Array(job.images);
    const labels = new Int32Array(job.labels);
    const batchOf = (size: number): TrainingBatch => {
      const shape = [size, ...network.inputShape];
      const data = images.subarray(0, shape.reduce((a, b) => a * b, 1));
      return { images: { data, shape }, labels: labels.subarray(0, size), size };
    };
    const runCommand = async (order: ThreadCommand) => {
      if (order.kind === "step") {
        const [next, { values }] = step(state, batchOf(order.size));
        state = next;
        values.dispose();
      } else if (order.kind === "save") {
        await exportOptimizerState(network, state.optimizer, communicator);
      } else {
        const share = shareBatch(batchOf(order.size), communicator);
        if (share.size > 0) scope.postMessage({ evaluation: await evaluate(state.params, share) });
      }
      backend.check();
    };
    scope.onmessage = ({ data }) => {
      work = work.then(() => guarded(() => runCommand(data))).catch(() => {});
    };
    scope.postMessage({});
  });
}

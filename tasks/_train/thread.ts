// A thread of a run beside the first one: a worker with a state of its own that makes the steps it is told to.
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  evalStep,
  getOrThrow,
  openBackend,
  shareBatch,
  sharedCommunicator,
  type TrainingBatch,
  trainStep,
} from "../../models/mod.ts";
import { giveParts } from "../../models/weights/_stream_tensors.ts";
import { formatError } from "../_cli/errors.ts";
import { omitUndefined } from "../_cli/flags.ts";
import { buildModel } from "../_model/model_config.ts";
import { chooseOptimizer, createInitialState } from "./initial_state.ts";
import { readRun, type SavedRun } from "./read_run.ts";
import type { ThreadCommand, ThreadJob, ThreadReply } from "./thread_messages.ts";

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
      scope.postMessage({ failure: formatError(error) });
      throw error;
    }
  };
  await reportFailure(async () => {
    const { kernels, resume, settings, weights } = job;
    const backend = await openBackend("wasm", omitUndefined({ kernels }));
    const network = getOrThrow(buildModel(job.model));
    const optimizer = chooseOptimizer(settings);
    const createState = pipe(
      resume === undefined ? TE.of(undefined) : readRun(resume),
      TE.chain((saved?: SavedRun) =>
        createInitialState(network, optimizer, settings, { saved, resume, weights, communicator })
      ),
    );
    let state = getOrThrow(await createState());
    const step = trainStep(network, optimizer, { communicator });
    const evaluate = evalStep(network);
    const images = new Float32Array(job.images);
    const labels = new Int32Array(job.labels);
    const viewBatch = (size: number): TrainingBatch => {
      const shape = [size, ...network.inputShape];
      const data = images.subarray(0, shape.reduce((a, b) => a * b, 1));
      return { images: { data, shape }, labels: labels.subarray(0, size), size };
    };
    const runCommand = async (command: ThreadCommand) => {
      if (command.kind === "step") {
        [state] = step(state, viewBatch(command.size));
      } else if (command.kind === "save") {
        giveParts(network, state.optimizer, communicator);
      } else {
        const share = shareBatch(viewBatch(command.size), communicator);
        if (share.size > 0) scope.postMessage({ evaluation: await evaluate(state, share) });
      }
      backend.check();
    };
    scope.onmessage = ({ data }) => {
      work = work.then(() => reportFailure(() => runCommand(data))).catch(() => {});
    };
    scope.postMessage({});
  });
}

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type Backend,
  evalStep,
  evaluateInThreads,
  type EvaluateInThreadsOptions,
  type Evaluation,
  PlanError,
  predictInThreads,
  type Prediction,
  randomKey,
  type TrainingBatch,
  type TrainingWorker,
  type Variables,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { randomBatch, withBackend } from "../../_helpers.ts";
import { threadsTest } from "../../_threads.ts";
import createPlan from "./_plan.ts";
import { createStreams, MODULE } from "./_trainings.ts";

/** Makes workers that tell when all are ready, and counts the shares that they are told to compute. */
function watchWorkers(count: number) {
  const seen = { shares: 0 };
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let left = count;
  const createWorker = (): TrainingWorker => {
    const address = new URL("../threads/_own_thread.ts", import.meta.url);
    const worker = new Worker(address, { type: "module" });
    const watched: TrainingWorker = {
      ...{ onmessage: null, onmessageerror: null, onerror: null },
      postMessage(message, transfer) {
        if (Object(message).kind === "predict") seen.shares++;
        worker.postMessage(message, transfer);
      },
      terminate: () => worker.terminate(),
    };
    worker.onmessage = (event) => {
      watched.onmessage?.(event);
      if (event.data.kind === "ready" && --left === 0) resolve();
    };
    return watched;
  };
  if (count === 0) resolve();
  return { seen, ready, createWorker };
}

/** Makes workers that answer to everything in one way, if at all. */
function pretendWorkers(answer?: object) {
  const seen = { started: 0, ended: 0 };
  const createWorker = (): TrainingWorker => {
    seen.started++;
    const worker: TrainingWorker = {
      ...{ onmessage: null, onmessageerror: null, onerror: null },
      postMessage() {
        if (answer) setTimeout(() => worker.onmessage?.({ data: answer }), 0);
      },
      terminate: () => void seen.ended++,
    };
    return worker;
  };
  return { seen, createWorker };
}

/** Gives batches, all but the first once others are ready: that is computed by one thread, or by all. */
async function* giveAfterFirst<B>(batches: readonly B[], ready: Promise<void>) {
  for (const [i, batch] of batches.entries()) {
    if (i > 0) await ready;
    yield batch;
  }
}

const createOptions = (
  backend: Backend,
): EvaluateInThreadsOptions & { readonly variables: Variables } => ({
  backend,
  model: createPlan(),
  variables: createPlan().network.init(randomKey(0)),
});

threadsTest(
  3,
  "any number of threads evaluates and predicts to the same bits",
  () =>
    withBackend("wasm", async (backend) => {
      const options = createOptions(backend);
      const before = ops.countTensors();
      // More examples and fewer than there are threads.
      const batches = [5, 4, 9, 1].map((size, i) => randomBatch(size, [9, 9, 1], 3, i));
      const evaluate = evalStep(createPlan().network);
      const expected: Evaluation[] = [];
      for (const batch of batches) expected.push(await evaluate(options.variables, batch));
      for (
        const [threads, predicts] of [[1, false], [3, false], [1, true], [2, true]] as const
      ) {
        const { seen, ready, createWorker } = watchWorkers(threads - 1);
        const read = () => giveAfterFirst(batches, ready);
        const variables = () => Promise.resolve(options.variables);
        const shared = { ...options, createWorker, threads, ...predicts && { variables } };
        const results = predicts
          ? predictInThreads(shared)(read())
          : evaluateInThreads(shared)(read());
        const found: (Evaluation | Prediction)[] = [];
        for await (const { result } of results) found.push(result);
        assertEquals<unknown>(found, predicts ? expected.map(({ outputs }) => outputs) : expected);
        // Of the last one a single thread has something.
        assert(seen.shares >= 2 * (threads - 1), `${seen.shares} shares`);
      }
      assertEquals(ops.countTensors(), before);
    }),
);

threadsTest(
  3,
  "threads end with an evaluation, however it ends",
  () =>
    withBackend("wasm", async (backend) => {
      const options = createOptions(backend);
      const before = ops.countTensors();
      const meter = { open: 0, held: 0 };
      const { validate, release } = createStreams(undefined, meter);
      const run = async (
        more: Partial<EvaluateInThreadsOptions> = {},
        change = (batch: TrainingBatch) => batch,
      ) => {
        const { seen, createWorker } = pretendWorkers();
        async function* read() {
          for await (const batch of validate()) yield change(batch);
        }
        const evaluate = evaluateInThreads({
          ...options,
          createWorker,
          threads: 2,
          release,
          ...more,
        });
        let left = 2;
        try {
          for await (const _ of evaluate(read())) if (--left === 0) break;
        } finally {
          assertEquals([seen.ended, meter], [seen.started, { open: 0, held: 0 }]);
        }
      };
      await run();
      const reason = new Error("no more");
      const error = await assertRejects(() => run({ signal: AbortSignal.abort(reason) }));
      assertStrictEquals(error, reason);
      const fail = (change: (batch: TrainingBatch) => TrainingBatch, message: string) =>
        assertRejects(() => run({}, change), RangeError, message);
      await fail(({ images: { data }, ...rest }) => ({
        ...rest,
        images: { data, shape: [rest.size, 81] },
      }), "Cannot");
      await fail((batch) => ({ ...batch, labels: batch.labels.map(() => 3) }), "Cannot");
      const variables = () => Promise.reject(new TypeError("no luck"));
      await assertRejects(() => run({ variables }), TypeError, "no luck");
      const model = { network: 1 } as never;
      await assertRejects(() => run({ model }), PlanError, "Cannot use the plan: its network must");
      assertEquals(ops.countTensors(), before);
    }),
);

threadsTest(
  3,
  "an evaluation ends in one clear error where another thread fails",
  () =>
    withBackend("wasm", async (backend) => {
      const options = { ...createOptions(backend), threads: 2 };
      async function* endless() {
        while (true) yield await Promise.resolve(randomBatch(4, [9, 9, 1], 3));
      }
      const fail = async (answer: object | undefined, message: string, threadTimeout?: number) => {
        const { seen, createWorker } = pretendWorkers(answer);
        const evaluate = evaluateInThreads({ ...options, createWorker, threadTimeout });
        await assertRejects(
          async () => {
            for await (const _ of evaluate(endless())) { /* On and on. */ }
          },
          Error,
          message,
        );
        assertEquals(seen, { started: 1, ended: 1 });
      };
      await fail(
        { kind: "failure", reason: "no luck" },
        "Cannot go on as thread 2 failed: no luck",
      );
      await fail(
        { kind: "ready", outline: ["inputs of [1]"] },
        "thread 2 has inputs of [1] in the place of inputs of [9,9,1]",
      );
      await fail(undefined, "Cannot go on as thread 2 failed: it hasn't answered for 0.05 s", 50);
    }),
);

threadsTest(
  3,
  "options for evaluations are checked where they are given",
  () =>
    withBackend("wasm", (backend) => {
      const options = createOptions(backend);
      const check = (more: Partial<EvaluateInThreadsOptions>, message: string) => {
        const given = { ...options, ...more };
        assertThrows(() => evaluateInThreads(given), RangeError, `Cannot evaluate ${message}`);
        assertThrows(() => predictInThreads(given), RangeError, `Cannot predict ${message}`);
      };
      check({ threads: 0 }, "with threads of 0: it must be an integer of at least 1");
      check({ threadTimeout: 0 }, "with a threadTimeout of 0");
      check({ model: "./model.ts" }, 'by the plan of "./model.ts": the module\'s address must be');
      check({ threads: 2 }, "in 2 threads by a plan that is here only");
      const lambda = { model: MODULE, options: () => {}, threads: 2 };
      check(lambda, "in 2 threads with these options: ");
      const gpu = { ...backend, name: "webgpu" as const, description: "a GPU" };
      check({ backend: gpu, model: MODULE, threads: 2 }, "in 2 threads on a GPU: they share");
    }),
);

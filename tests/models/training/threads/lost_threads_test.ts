// A thread of a training that fails, ends or hangs: the training ends with one clear line, and soon.
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  type Backend,
  CommunicatorError,
  sharedCommunicator,
  sharedMemory,
  ThreadError,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingWorker,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { withBackend } from "../../_helpers.ts";
import { threadsTest } from "../../_threads.ts";
import type { ThreadEnd } from "./_lost_thread_plan.ts";
import { createStreams, run } from "../epochs/_trainings.ts";

const PLAN = new URL("./_lost_thread_plan.ts", import.meta.url);

const options = (backend: Backend, end: ThreadEnd, threads = 2): TrainEpochsOptions => ({
  backend,
  model: PLAN,
  options: { end },
  threads,
  epochs: 2,
  ...createStreams(),
});

/** Trains until that fails, within so many seconds, and gives the error and the checkpoints that came before. */
async function lose(options: TrainEpochsOptions, seconds: number) {
  const before = ops.countTensors();
  const steps: number[] = [];
  let saved = 0;
  let began = 0;
  const error = await assertRejects(async () => {
    for await (const event of trainEpochs(options)) {
      began = performance.now();
      if (event.kind === "step") steps.push(event.metrics.step);
      if (event.kind === "checkpoint") saved++;
    }
  }, ThreadError);
  const took = (performance.now() - began) / 1000;
  assert(took < seconds, `it took ${took} s`);
  assertEquals(ops.countTensors(), before);
  return { error, saved };
}

threadsTest(2, "a training in threads that are well", () =>
  // It also has the worker's modules checked and compiled, which isn't to be waited for below.
  withBackend("wasm", async (backend) => {
    const { saved } = await run(trainEpochs(options(backend, "none")));
    assertEquals(saved.length, 2);
  }));

/** How long a thread is waited for: longer than one takes to start on a busy machine. */
const threadTimeout = 8000;

for (
  const [end, reason] of [
    ["throw", /^Cannot go on as thread 2 failed: no luck$/],
    ["close", /^Cannot go on as thread 2 failed: it ended itself$/],
    ["exit", /^Cannot go on as thread 2 failed: it (ended itself|hasn't answered for 8 s)$/],
    ["reject", /^Cannot go on as thread 2 failed: no luck beside$/],
    ["hang", /^Cannot go on as thread 2 failed: it hasn't answered for 8 s$/],
  ] as const
) {
  threadsTest(
    2,
    `a thread is lost in a step: ${end}`,
    () =>
      withBackend("wasm", async (backend) => {
        const { error, saved } = await lose(
          { ...options(backend, end), saveEvery: 1, threadTimeout },
          20,
        );
        assertMatch(error.message, reason);
        assertEquals(error.thread, 2);
        // What fails beside a step is seen after it.
        assertEquals(end === "reject" ? Math.min(saved, 2) : saved, 2, "the checkpoints before");
      }),
  );
}

threadsTest(
  2,
  "a thread is ended from outside: in a step, in validation, and before it is ready",
  () =>
    withBackend("wasm", async (backend) => {
      for (const kind of ["checkpoint", "validation", "start"]) {
        let worker: TrainingWorker | undefined;
        const createWorker = () => {
          const own = new Worker(
            new URL("../../../../models/training/threads/_thread.ts", import.meta.url),
            {
              type: "module",
            },
          );
          if (kind === "start") own.terminate();
          return worker = own;
        };
        const error = await assertRejects(async () => {
          for await (
            const event of trainEpochs({
              ...options(backend, "none"),
              saveEvery: 1,
              createWorker,
              threadTimeout: 1000,
            })
          ) {
            if (event.kind === kind) worker!.terminate();
          }
        }, ThreadError);
        assertEquals(error.message, "Cannot go on as thread 2 failed: it hasn't answered for 1 s");
      }
    }),
);

Deno.test("a training takes any time to wait but none", () =>
  withBackend("wasm", async (backend) => {
    await run(trainEpochs({ ...options(backend, "none", 1), threadTimeout: Infinity }));
    for (const threadTimeout of [0, -1, NaN]) {
      assertThrows(
        () => trainEpochs({ ...options(backend, "none", 1), threadTimeout }),
        RangeError,
        "it must be more than 0",
      );
    }
  }));

Deno.test("a communicator tells which rank it waits for in vain", () => {
  const one = () => [Float32Array.of(1)];
  const givesOne = () => [one(), [one(), one(), one()]] as const;
  const memory = sharedMemory(3);
  const communicator = sharedCommunicator(memory, 1, { timeout: 20 });
  const error = assertThrows(
    () => communicator.allGather(...givesOne()),
    CommunicatorError,
    "it hasn't answered for 0 s",
  );
  assertEquals(error.rank, 0);
  // For the others too.
  assertThrows(
    () => sharedCommunicator(memory, 2).allGather(...givesOne()),
    CommunicatorError,
  );
  assertThrows(() => sharedCommunicator(memory, 1, { timeout: 0 }), RangeError, "more than 0");
});

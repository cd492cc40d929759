import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  decodeCheckpoint,
  encodeCheckpoint,
  exportParams,
  getOrThrow,
  NotFiniteError,
  randomKey,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingBatch,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { randomBatch, withBackend } from "../../_helpers.ts";
import createPlan, { type PlanOptions } from "../epochs/_plan.ts";
import { createStreams, encode, MODULE, numbersOf, run, type Saved } from "../epochs/_trainings.ts";
import { threadsTest } from "../../_threads.ts";

const options = (
  backend: Backend,
  threads: number,
  planOptions: PlanOptions = {},
): TrainEpochsOptions => ({
  backend,
  model: MODULE,
  options: planOptions,
  threads,
  epochs: 2,
  // Batches of other sizes, and smaller ones than there are threads.
  ...createStreams([5, 4, 9, 1]),
});

/** The numbers of a training's validation, one after the other. */
const listValidation = ({ position }: Saved): number[] =>
  position!.history.flatMap(({ validation }) => Object.values(validation!));

for (const optimizer of ["averaged", "accumulate"] as const) {
  threadsTest(
    3,
    `any number of threads trains and validates to the same bits, with ${optimizer}`,
    () =>
      withBackend("wasm", async (backend) => {
        const before = ops.countTensors();
        const results: Saved[][] = [];
        for (const threads of [1, 2, 3]) {
          const training = { ...options(backend, threads, { optimizer }), saveEvery: 3 };
          results.push((await run(trainEpochs(training))).saved);
        }
        const [alone = [], ...shared] = results;
        for (const saved of shared) {
          assertEquals(saved.map(({ reason }) => reason), alone.map(({ reason }) => reason));
          for (const [i, expected] of alone.entries()) {
            assertEquals(saved[i]!.params, expected.params);
            assertEquals(saved[i]!.optimizer, expected.optimizer);
            assertEquals(listValidation(saved[i]!), listValidation(expected));
          }
        }
        assertEquals(ops.countTensors(), before);
      }),
  );
}

threadsTest(
  3,
  "a training in threads is the same in each run, and goes on with other numbers of them",
  () =>
    withBackend("wasm", async (backend) => {
      const whole = { ...options(backend, 2, { optimizer: "accumulate" }), saveEvery: 3 };
      const { saved } = await run(trainEpochs(whole));
      const again = await run(trainEpochs(whole));
      assertEquals(again.saved.map(numbersOf), saved.map(numbersOf));
      // In the middle of an accumulation.
      const [, from] = saved;
      const rest = await run(trainEpochs({ ...whole, from }));
      assertEquals(rest.saved.map(numbersOf), saved.slice(2).map(numbersOf));
      const other = await run(
        trainEpochs({ ...whole, threads: 3, from: () => structuredClone(from!) }),
      );
      assertEquals(numbersOf(other.saved.at(-1)!), numbersOf(saved.at(-1)!));
      const variables = createPlan().network.init(randomKey(7));
      const params = await exportParams(createPlan().network, variables);
      const started = await run(trainEpochs({ ...whole, from: { variables } }));
      const stored = await run(trainEpochs({ ...whole, from: { params } }));
      assertEquals(started.saved.map(numbersOf), stored.saved.map(numbersOf));
    }),
);

threadsTest(
  3,
  "threads may be workers of one's own, which bring their plan",
  () =>
    withBackend("wasm", async (backend) => {
      const createWorker = () =>
        new Worker(new URL("./_own_thread.ts", import.meta.url), { type: "module" });
      const shared = options(backend, 2, { optimizer: "averaged" });
      const usual = await run(trainEpochs(shared));
      const plan = createPlan({ optimizer: "averaged" });
      const own = await run(trainEpochs({ ...shared, model: plan, createWorker }));
      assertEquals(own.saved.map(numbersOf), usual.saved.map(numbersOf));
      const other = { ...shared, model: createPlan({ optimizer: "sgd" }), createWorker };
      const error = await assertRejects(() => run(trainEpochs(other)), Error);
      assertEquals(error.name, "PlanError");
      assert(
        error.message.startsWith(
          "Cannot use the plan: it must be the same in every thread, and thread 2 has",
        ),
        error.message,
      );
    }),
);

threadsTest(3, "threads take batches of any fields", () =>
  withBackend("wasm", async (backend) => {
    async function* train() {
      for (const size of [4, 3, 6]) {
        const { images } = randomBatch(size, [9, 9, 1], 3, size);
        const each = { length: size };
        yield await Promise.resolve({
          images,
          size,
          mixedLabels: {
            data: Int32Array.from({ length: 2 * size }, (_, i) => i % 3),
            shape: [size, 2],
          },
          shares: { data: new Float32Array(2 * size).fill(0.5), shape: [size, 2] },
          weights: Float32Array.from(each, (_, i) => i),
        });
      }
    }
    const losses = async (threads: number) => {
      const found: number[] = [];
      for await (
        const event of trainEpochs({ backend, model: MODULE, threads, epochs: 2, train })
      ) {
        if (event.kind === "step") found.push(event.metrics.loss);
      }
      return found;
    };
    const alone = await losses(1);
    assertEquals(alone.length, 6);
    for (const [i, loss] of (await losses(3)).entries()) assertAlmostEquals(loss, alone[i]!, 1e-5);
  }));

for (
  const [inThreads, name, message] of [
    [
      "throw",
      "ThreadError",
      /^Cannot go on as thread 2 failed: Cannot use the plan of .*_plan.ts: its function failed: no luck$/,
    ],
    [
      "other network",
      "PlanError",
      /_plan.ts: it must be the same in every thread, and thread 2 has 4.weight of \[6,64\] in the place of 4.weight of \[7,64\]$/,
    ],
    ["other optimizer", "PlanError", /thread 2 has the optimizer .*"sgd"/],
    ["failing input", "ThreadError", /^Cannot go on as thread 2 failed: no luck$/],
  ] as const
) {
  threadsTest(
    3,
    `a training ends in one clear error: ${inThreads}`,
    () =>
      withBackend("wasm", async (backend) => {
        const before = ops.countTensors();
        const found = await assertRejects(
          () => run(trainEpochs(options(backend, 2, { inThreads }))),
          Error,
        );
        assertEquals(found.name, name);
        assert(message.test(found.message), found.message);
        assertEquals(ops.countTensors(), before);
      }),
  );
}

threadsTest(
  3,
  "threads end with a training, however it ends",
  () =>
    withBackend("wasm", async (backend) => {
      const before = ops.countTensors();
      for (const kind of ["step", "validation", "checkpoint"]) {
        for await (const event of trainEpochs(options(backend, 2))) if (event.kind === kind) break;
      }
      // Wrong for every thread alike, and wrong for the first, which the others wait for.
      async function* wrong() {
        yield await Promise.resolve(randomBatch(4, [8, 8, 1], 3));
      }
      await assertRejects(
        () => run(trainEpochs({ ...options(backend, 2), train: wrong })),
        RangeError,
      );
      async function* failing(): AsyncGenerator<TrainingBatch> {
        yield await Promise.resolve(randomBatch(4, [9, 9, 1], 3));
        throw new TypeError("no luck");
      }
      await assertRejects(
        () => run(trainEpochs({ ...options(backend, 2), train: failing })),
        TypeError,
        "no luck",
      );
      const far = options(backend, 2, { optimizer: "sgd", learningRate: 1e38 });
      await assertRejects(() => run(trainEpochs(far)), NotFiniteError);
      assertEquals(ops.countTensors(), before);
    }),
);

threadsTest(
  3,
  "a file that nobody reads to its end doesn't stop the training",
  () =>
    withBackend("wasm", async (backend) => {
      const whole = await run(trainEpochs(options(backend, 2)));
      let last: Uint8Array<ArrayBuffer> | undefined;
      for await (const event of trainEpochs(options(backend, 2))) {
        if (event.kind !== "checkpoint") continue;
        let left = 3;
        for await (const _part of encodeCheckpoint(event, { contents: "optimizer" })) {
          if (--left === 0) break;
        }
        last = await encode(event);
      }
      const { params } = getOrThrow(await decodeCheckpoint(last!));
      assertEquals(params, whole.saved.at(-1)!.params);
    }),
);

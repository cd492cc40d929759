import { pipe } from "fp-ts/lib/function.js";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import {
  averagedParams,
  CheckpointError,
  crossEntropy,
  decodeCheckpoint,
  evalStep,
  evaluateBatches,
  exportParams,
  getOrThrow,
  initTrainState,
  randomKey,
  sumEvaluations,
  type Tensor,
  toTensor,
  trainEpochs,
  type TrainEpochsOptions,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { disposeTensors } from "../../../../models/types/_tensors.ts";
import { backendTest, withBackend } from "../../_helpers.ts";
import createPlan, { type PlanOptions } from "./_plan.ts";
import { createStreams, encode, MODULE, numbersOf, run, SIZES } from "./_trainings.ts";
import { threadsTest } from "../../_threads.ts";

/** The options of a small training, by the plan as it is. */
const options = (
  backend: TrainEpochsOptions["backend"],
  planOptions?: PlanOptions,
): TrainEpochsOptions => ({
  backend,
  model: createPlan(planOptions),
  epochs: 2,
  ...createStreams(),
});

backendTest(
  "a training tells of steps, validation, epochs, checkpoints and its end",
  async (backend) => {
    const { events, saved } = await run(trainEpochs(options(backend)));
    const epoch = [
      ...SIZES.map(() => "step"),
      "validation",
      "validation",
      "epoch",
      "checkpoint",
    ];
    assertEquals(events.map(({ kind }) => kind), [...epoch, ...epoch, "end"]);
    assertEquals(events.at(-1), { kind: "end", reason: "epochs" });
    assertEquals(saved.map(({ reason, position }) => [reason, position?.epoch, position?.step]), [
      ["epoch", 1, 4],
      ["epoch", 2, 8],
    ]);
    const steps = events.flatMap((event) => event.kind === "step" ? [event] : []);
    assertEquals(steps.map(({ epoch, index }) => [epoch, index]), [
      ...[5, 9, 12, 13].map((index) => [0, index]),
      ...[5, 9, 12, 13].map((index) => [1, index]),
    ]);
    assertEquals(steps.map(({ metrics }) => metrics.step), [1, 2, 3, 4, 5, 6, 7, 8]);
  },
);

backendTest(
  "it trains as steps one by one do, and its means are over examples",
  async (backend) => {
    const { events, saved } = await run(trainEpochs({ ...options(backend), epochs: 1 }));
    const { network, optimizer } = createPlan();
    const step = trainStep(network, optimizer);
    let state = initTrainState(network, optimizer, randomKey(0));
    for await (const batch of createStreams().train({ epoch: 0, index: 0 })) {
      [state] = step(state, batch);
    }
    assertEquals(saved[0]?.params, await exportParams(network, state));

    const steps = events.flatMap((event) => event.kind === "step" ? [event.metrics] : []);
    const epoch = events.find((event) => event.kind === "epoch");
    assert(epoch);
    const mean = steps.reduce((sum, { loss, size }) => sum + loss * size, 0) / 13;
    assert(Math.abs(epoch.training.loss - mean) < 1e-6);
    const { loss } = epoch.sums.metrics;
    assert(Math.abs(loss!.stepMeans - steps.reduce((sum, { loss }) => sum + loss, 0)) < 1e-6);
    assertEquals([epoch.sums.steps, epoch.sums.examples, loss!.weight], [4, 13, 13]);

    let right = 0;
    for await (const batch of createStreams().validate()) {
      const { means } = await evalStep(network)(state, batch);
      right += means.accuracy.sum;
    }
    assertEquals(epoch.validation?.accuracy, right / 6);
  },
);

for (const optimizer of ["adam", "averaged", "accumulate"] as const) {
  Deno.test(`a training with ${optimizer} goes on from each step to the same bits`, () =>
    withBackend("wasm", async (backend) => {
      const whole = { ...options(backend, { optimizer }), saveEvery: 1, seed: 3 };
      const { saved, events } = await run(trainEpochs(whole));
      const steps = saved.map(({ position }) => position?.step);
      assertEquals(steps, [1, 2, 3, 4, 4, 5, 6, 7, 8, 8]);
      for (const [i, from] of saved.entries()) {
        const rest = await run(trainEpochs({ ...whole, seed: undefined, from }));
        assertEquals(rest.saved.map(numbersOf), saved.slice(i + 1).map(numbersOf), `from ${i}`);
        const at = events.length - rest.events.length;
        const kinds = (all: typeof events) => all.map(({ kind }) => kind);
        assertEquals(kinds(rest.events), kinds(events.slice(at)));
      }
    }));
}

backendTest("averages of parameters are what is validated, and can be saved", async (backend) => {
  const plan = createPlan({ optimizer: "averaged" });
  let checked = 0;
  let means: unknown;
  for await (const event of trainEpochs({ ...options(backend), model: plan })) {
    if (event.kind === "epoch") means = event.validation;
    if (event.kind !== "checkpoint") continue;
    const { network, state, variables } = event;
    const params = averagedParams(network, state);
    const averages = { params, buffers: state.buffers };
    assertEquals(await exportParams(network, variables), await exportParams(network, averages));
    const { params: stored } = getOrThrow(
      await decodeCheckpoint(await encode(event, { contents: "params", averaged: true })),
    );
    assertEquals(stored, await exportParams(network, averages));
    assertNotEquals(stored, await exportParams(network, state));
    const sums = await pipe(
      createStreams().validate(),
      evaluateBatches(evalStep(network), averages),
      sumEvaluations,
    );
    assertEquals(sums.means, means);
    disposeTensors(params);
    checked++;
  }
  assertEquals(checked, 2);
});

Deno.test("validation can measure in another way, and less often", () =>
  withBackend("wasm", async (backend) => {
    const model = {
      ...createPlan(),
      loss: crossEntropy({ labelSmoothing: 0.5 }),
      validation: { loss: crossEntropy(), metrics: { ones } },
    };
    const { events } = await run(
      trainEpochs({ ...options(backend), model, epochs: 5, validateEvery: 2 }),
    );
    const epochs = events.flatMap((event) => event.kind === "epoch" ? [event] : []);
    assertEquals(
      epochs.map(({ validation }) => validation && Object.keys(validation)),
      [undefined, 1, undefined, 1, 1].map((is) => is && ["loss", "accuracy", "ones"]),
    );
    assertEquals(Object.keys(epochs[0]!.training), ["loss", "accuracy"]);
  }));

/** A metric that is 1. */
const ones = (_output: Tensor, { size }: { readonly size: number }) => ({
  sum: toTensor(Float32Array.of(size), []),
  weight: size,
});

Deno.test("checkpoints within epochs are checked by examples that are read once", () =>
  withBackend("wasm", async (backend) => {
    const { train, validate } = createStreams();
    let opened = 0;
    const { saved } = await run(trainEpochs({
      backend,
      model: createPlan(),
      epochs: 2,
      train,
      validate() {
        opened++;
        return validate();
      },
      // Whoever has the memory next writes something else there.
      release: ({ images }) => void (images.data as Float32Array).fill(NaN),
      saveEvery: 1,
    }));
    assertEquals(saved.filter(({ reason }) => reason === "interval").length, 8);
    // Once for that, and after each epoch.
    assertEquals(opened, 3);
  }));

Deno.test("a training gives a checkpoint after the step behind which one is wanted", () =>
  withBackend("wasm", async (backend) => {
    for (const saveEvery of [undefined, 3, { seconds: 1000 }]) {
      let asked = 0;
      const saveWanted = () => ++asked === 2;
      const { saved } = await run(
        trainEpochs({ ...options(backend), epochs: 1, saveEvery, saveWanted }),
      );
      const steps = saved.flatMap(({ reason, position }) =>
        reason === "interval" ? [position?.step] : []
      );
      assertEquals(steps, saveEvery === 3 ? [2, 3] : [2]);
    }
  }));

Deno.test("a training begins at parameters at rest, at variables, or at what a function gives", () =>
  withBackend("wasm", async (backend) => {
    const { network } = createPlan();
    const variables = network.init(randomKey(7));
    const params = await exportParams(network, variables);
    const losses = async (from: TrainEpochsOptions["from"]) => {
      const { events } = await run(trainEpochs({ ...options(backend), epochs: 1, from }));
      return events.flatMap((event) => event.kind === "step" ? [event.metrics.loss] : []);
    };
    const first = await losses({ params });
    assertEquals(await losses({ variables }), first);
    assertEquals(await losses(() => Promise.resolve({ params: structuredClone(params) })), first);
    assertNotEquals(await losses(undefined), first);
    // The arrays stay whoever's they are, unless a function gave them.
    assertEquals(params["4.bias"]?.data.length, 7);
    let given: typeof params | undefined;
    await losses(() => ({ params: given = structuredClone(params) }));
    assertEquals(given?.["4.bias"]?.data.length, 0);
  }));

Deno.test("a start that doesn't fit is refused", () =>
  withBackend("wasm", async (backend) => {
    const start = async (
      from: TrainEpochsOptions["from"],
      more: Partial<TrainEpochsOptions> = {},
    ) => await run(trainEpochs({ ...options(backend), from, ...more }));
    const [first] = (await run(trainEpochs({ ...options(backend), epochs: 1 }))).saved;
    assert(first);
    const before = ops.countTensors();
    await assertRejects(() => start({ params: {} }), CheckpointError, "missing 0.weight");
    await assertRejects(
      () => start({ ...first, optimizer: {} }),
      CheckpointError,
      "Cannot load the optimizer's state",
    );
    const bias = { shape: [7], data: Float32Array.of(1, NaN, 0, 0, 0, 0, 0) };
    await assertRejects(
      () => start({ params: { ...first.params, "4.bias": bias } }),
      CheckpointError,
      "Cannot train on from tensors with numbers that are NaN or infinite: 4.bias",
    );
    await assertRejects(
      () => start({ ...first, position: { ...first.position!, index: 3 } }),
      CheckpointError,
      "Cannot go on from a position that can't be one: its sums are of 0 examples, not of 3",
    );
    await assertRejects(
      () => start(first, { seed: 1 }),
      RangeError,
      "Cannot go on with a seed of 1: the training to go on with has 0",
    );
    assertEquals(ops.countTensors(), before);
  }));

Deno.test("options are checked where they are given", () =>
  withBackend("wasm", (backend) => {
    const check = (more: Partial<TrainEpochsOptions>, message: string) =>
      assertThrows(() => trainEpochs({ ...options(backend), ...more }), RangeError, message);
    check({ epochs: -1 }, "Cannot train with epochs of -1: it must be an integer of at least 0");
    check({ steps: 1.5 }, "Cannot train with steps of 1.5");
    check(
      { saveEvery: 0 },
      "Cannot train with saveEvery of 0: it must be an integer of at least 1",
    );
    for (const seconds of [0, -1, NaN, Infinity]) {
      check(
        { saveEvery: { seconds } },
        `Cannot train with saveEvery of ${seconds} seconds: it must be a number above 0`,
      );
    }
    check({ validateEvery: 0 }, "Cannot train with validateEvery of 0");
    check({ seed: NaN }, "Cannot train with a seed of NaN: it must be an integer");
    check({ threads: 0 }, "Cannot train with threads of 0");
    check({ model: "./model.ts" }, 'Cannot train by the plan of "./model.ts"');
  }));

threadsTest(
  2,
  "options for threads are checked where they are given",
  () =>
    withBackend("wasm", (backend) => {
      const check = (more: Partial<TrainEpochsOptions>, message: string) =>
        assertThrows(() => trainEpochs({ ...options(backend), ...more }), RangeError, message);
      check({ threads: 2 }, "Cannot train in 2 threads by a plan that is here only");
      check(
        { model: MODULE, options: () => {}, threads: 2 },
        "Cannot train in 2 threads with these options: ",
      );
      const gpu = { ...backend, name: "webgpu" as const, description: "a GPU" };
      check({ backend: gpu, threads: 2 }, "Cannot train in 2 threads on a GPU");
    }),
);

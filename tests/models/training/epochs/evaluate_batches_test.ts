import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  addEvaluation,
  addEvaluations,
  computeMeans,
  evalStep,
  evaluateBatches,
  predictStep,
  randomKey,
  sumEvaluations,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { backendTest, withBackend } from "../../_helpers.ts";
import createPlan from "./_plan.ts";
import { createStreams } from "./_trainings.ts";

backendTest("evaluations of batches are added up, each example alike", async (backend) => {
  const { network } = createPlan();
  const variables = network.init(randomKey(0));
  const meter = { open: 0, held: 0 };
  const { validate, release } = createStreams(undefined, meter);
  const before = ops.countTensors();
  const evaluated = evaluateBatches(evalStep(network), variables, { backend, release });
  const sums = await sumEvaluations(evaluated(validate()));
  assertEquals([meter.open, meter.held, ops.countTensors()], [0, 0, before]);
  const each = [];
  for await (const batch of createStreams().validate()) {
    each.push(await evalStep(network)(variables, batch));
  }
  const { size, means } = addEvaluations(each);
  assertEquals(sums, { size, means: computeMeans({ means }) });
});

backendTest("predictions come in order, with their batches", async (backend) => {
  const { network } = createPlan();
  const variables = network.init(randomKey(0));
  const predict = evaluateBatches(predictStep(network), variables, { backend });
  const shapes: unknown[] = [];
  for await (const { batch, result } of predict(createStreams().validate())) {
    shapes.push([batch.size, result.shape]);
  }
  assertEquals(shapes, [[4, [4, 3]], [2, [2, 3]]]);
});

Deno.test("evaluating closes its batches, at a break and at an error", () =>
  withBackend("wasm", async () => {
    const { network } = createPlan();
    const variables = network.init(randomKey(0));
    const meter = { open: 0, held: 0 };
    const { validate } = createStreams(undefined, meter);
    for await (const _ of evaluateBatches(evalStep(network), variables)(validate())) break;
    assertEquals(meter.open, 0);
    const failing = evaluateBatches(() => Promise.reject(new TypeError("no luck")), variables);
    await assertRejects(() => sumEvaluations(failing(validate())), TypeError, "no luck");
    assertEquals(meter.open, 0);
  }));

Deno.test("evaluating ends with a signal's reason, and closes and releases its batches", () =>
  withBackend("wasm", async () => {
    const { network } = createPlan();
    const variables = network.init(randomKey(0));
    const reason = new Error("no more");
    for (const early of [true, false]) {
      const meter = { open: 0, held: 0 };
      const { validate, release } = createStreams(undefined, meter);
      const controller = new AbortController();
      const { signal } = controller;
      if (early) controller.abort(reason);
      let given = 0;
      const evaluated = evaluateBatches(evalStep(network), variables, { release, signal });
      const error = await assertRejects(async () => {
        for await (const _ of evaluated(validate())) {
          given++;
          controller.abort(reason);
        }
      });
      assertStrictEquals(error, reason);
      assertEquals([given, meter.open, meter.held], [early ? 0 : 1, 0, 0]);
    }
  }));

Deno.test("evaluating releases the batch in hand however it ends", async () => {
  const variables = { params: {}, buffers: {} };
  for (const fails of [false, true]) {
    const released: object[] = [];
    const batches = [{ size: 1 }, { size: 2 }];
    const evaluate = evaluateBatches(
      () => fails ? Promise.reject(new Error("no")) : Promise.resolve(1),
      variables,
      { release: (batch) => void released.push(batch) },
    );
    const stop = async () => {
      for await (const _ of evaluate(ReadableStream.from(batches))) break;
    };
    await (fails ? assertRejects(stop, Error, "no") : stop());
    assertEquals(released, [{ size: 1 }]);
  }
});

Deno.test("evaluating leaves timers their turn", async () => {
  const start = performance.now();
  async function* endless() {
    for (;;) yield { size: 1 };
  }
  const evaluate = evaluateBatches(() => Promise.resolve(1), { params: {}, buffers: {} }, {
    signal: AbortSignal.timeout(20),
  });
  await assertRejects(async () => {
    for await (const _ of evaluate(endless())) { /* On and on. */ }
  });
  // It was half a second where messages came before timers.
  assert(performance.now() - start < 400, `${performance.now() - start} ms`);
});

Deno.test("evaluating doesn't wait for a stream that gives no batch any more", async () => {
  const reason = new Error("no more");
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 10);
  const stuck = new ReadableStream<{ size: number }>({ pull: () => new Promise(() => {}) });
  const evaluate = evaluateBatches(() => Promise.resolve(1), { params: {}, buffers: {} }, {
    signal: controller.signal,
  });
  const error = await assertRejects(() => evaluate(stuck).next());
  assertStrictEquals(error, reason);
});

Deno.test("no evaluations add up to nothing", async () => {
  assertEquals(await sumEvaluations(ReadableStream.from([])), { size: 0, means: {} } as never);
  const means = { loss: { sum: 1, weight: 2 } };
  assertEquals(addEvaluation({ size: 0, means: {} }, { size: 2, means }), { size: 2, means });
});

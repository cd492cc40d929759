import { assertEquals, assertRejects } from "@std/assert";
import {
  adam,
  build,
  initTrainState,
  linear,
  openBackend,
  randomKey,
  readMetrics,
  type StepMetrics,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { backendTest, getOrThrow, randomBatch, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";

const network = getOrThrow(build(linear(3), [4]));

/** Makes so many steps, and gives their metrics. */
function train(steps: number): StepMetrics[] {
  const optimizer = adam();
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(0));
  return Array.from({ length: steps }, (_, i) => {
    const [next, metrics] = step(state, randomBatch(2 + i % 3, [4], 3, i));
    state = next;
    return metrics;
  });
}

const READ = (step: number) =>
  `Cannot read the metrics of step ${step} as they were read before, and are released then`;
const CLOSED = "Cannot read the metrics of step 1 as their backend has been closed";

backendTest("metrics are read once, together or one by one, in any order", async () => {
  const before = ops.countTensors();
  const together = await readMetrics(train(4));
  assertEquals(together.map(({ step, size }) => [step, size]), [[1, 2], [2, 3], [3, 4], [4, 2]]);
  const steps = train(4);
  const reversed = [];
  for (const metrics of steps.toReversed()) reversed.push(...await readMetrics([metrics]));
  assertEquals(reversed.toReversed(), together);
  // Two trainings' states are left, of two parameters and two running values each, and a step counter.
  const state = 2 * 3;
  assertEquals(ops.countTensors() - before, 2 * state);
});

backendTest("metrics that are read a second time are refused", async () => {
  const [first, second, third] = train(3);
  await readMetrics([first!]);
  await assertRejects(() => readMetrics([first!]), RangeError, READ(1));
  // Those beside them can still be read.
  await assertRejects(() => readMetrics([second!, first!]), RangeError, READ(1));
  assertEquals((await readMetrics([second!]))[0]?.step, 2);
  await assertRejects(() => readMetrics([third!, third!]), RangeError, READ(3));
});

backendTest("two reads at once get them once", async () => {
  const [metrics] = train(1);
  const settled = await Promise.allSettled([readMetrics([metrics!]), readMetrics([metrics!])]);
  assertEquals(settled.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("metrics can't be read after WASM was closed, nor after it was opened again", async () => {
  const [metrics] = await withBackend("wasm", () => train(1));
  await assertRejects(() => readMetrics([metrics!]), RangeError, CLOSED);
  await withBackend("wasm", async () => {
    await assertRejects(() => readMetrics([metrics!]), RangeError, CLOSED);
    await readMetrics(train(1));
  });
});

webgpuTest("metrics can't be read after WebGPU was closed, nor on another backend", async () => {
  const [metrics] = await withBackend("webgpu", () => train(1));
  await assertRejects(() => readMetrics([metrics!]), RangeError, CLOSED);
  for (const name of ["wasm", "webgpu"] as const) {
    await withBackend(name, async () => {
      await assertRejects(() => readMetrics([metrics!]), RangeError, CLOSED);
    });
  }
});

Deno.test("metrics that are never read leave nothing behind on WASM", () =>
  withBackend("wasm", () => {
    const optimizer = adam();
    const step = trainStep(network, optimizer);
    let state = initTrainState(network, optimizer, randomKey(0));
    const before = ops.countTensors();
    for (let i = 0; i < 60; i++) {
      [state] = step(state, randomBatch(2, [4], 3, i));
      assertEquals(ops.countTensors(), before, `step ${i + 1}`);
    }
  }));

Deno.test("no metrics are read without a backend", async () => {
  assertEquals(await readMetrics([]), []);
  const backend = await openBackend("wasm");
  await backend.close();
  assertEquals(await readMetrics([]), []);
});

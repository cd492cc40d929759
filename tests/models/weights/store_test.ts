import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  adam,
  build,
  CheckpointError,
  conv2d,
  exportOptimizerState,
  exportParams,
  flatten,
  importOptimizerState,
  importParams,
  initTrainState,
  linear,
  randomKey,
  readMetrics,
  sequential,
  sgd,
  type TrainState,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { invert, permute, reorder } from "../../../models/weights/_permute.ts";
import { backendTest, getError, getOrThrow, numbers, randomBatch } from "../_helpers.ts";

const network = getOrThrow(build(
  sequential({
    conv: sequential([conv2d({ filters: 3, kernelSize: 2 })]),
    flatten: flatten(),
    fc: linear(4),
  }),
  [4, 5, 2],
));

backendTest("parameters come back as they were stored", async () => {
  const stored = Object.fromEntries(network.parameters.map(({ name, shape }, i) => {
    const data = numbers(shape.reduce((a, b) => a * b, 1), i);
    return [name, { shape: [...shape], data }];
  }));
  const copy = structuredClone(stored);
  const variables = getOrThrow(importParams(network, stored));
  const exported = await exportParams(network, variables);
  assertEquals(exported, copy);
  // Neither side shares memory with the backend.
  for (const { data } of [...Object.values(stored), ...Object.values(exported)]) data.fill(NaN);
  assertEquals(await exportParams(network, variables), copy);
});

for (const optimizer of [adam({ learningRate: 0.1 }), sgd({ learningRate: 0.1, momentum: 0.9 })]) {
  backendTest(`training with ${optimizer.rule.name} goes on from what was stored`, async () => {
    const step = trainStep(network, optimizer);
    const run = async (state: TrainState, from: number, to: number) => {
      const losses = [];
      for (let i = from; i < to; i++) {
        const [next, metrics] = step(state, randomBatch(3, network.inputShape, 4, i));
        state = next;
        losses.push(...await readMetrics([metrics]));
      }
      return { state, losses };
    };
    const whole = await run(initTrainState(network, optimizer, randomKey(1)), 0, 6);
    const half = await run(initTrainState(network, optimizer, randomKey(1)), 0, 3);
    const params = await exportParams(network, half.state);
    const slots = await exportOptimizerState(network, half.state.optimizer);
    const resumed = initTrainState(network, optimizer, randomKey(1), {
      variables: getOrThrow(importParams(network, params)),
      optimizer: getOrThrow(importOptimizerState(network, optimizer, slots, 3)),
      step: 3,
    });
    const rest = await run(resumed, 3, 6);
    assertEquals([...half.losses, ...rest.losses], whole.losses);
    assertEquals(
      await exportParams(network, rest.state),
      await exportParams(network, whole.state),
    );
  });
}

Deno.test("everything that doesn't fit is named in one error, and nothing is allocated", () => {
  const data = numbers(24);
  const stored = {
    "conv.0.weight": { shape: [2, 2, 2, 3], data },
    "conv.0.bias": { shape: [3], data: numbers(2) },
    "fc.bias": { shape: [4], data: numbers(4) },
    "fc.2.weight": { shape: [4, 36], data },
    "constructor": { shape: [24], data },
  };
  const before = ops.countTensors();
  const error = getError(importParams(network, stored));
  assertInstanceOf(error, CheckpointError);
  assertEquals(error.missing, ["fc.weight"]);
  assertEquals(error.extra, ["fc.2.weight", "constructor"]);
  assertEquals(error.misshaped, [
    { name: "conv.0.weight", expected: [3, 2, 2, 2], actual: [2, 2, 2, 3] },
    { name: "conv.0.bias", expected: [3], actual: [2] },
  ]);
  assertEquals(
    error.message,
    "Cannot load the parameters as the tensors don't fit the model: missing fc.weight; " +
      "not of this model fc.2.weight, constructor; of another shape conv.0.weight " +
      "(2 x 2 x 2 x 3 instead of 3 x 2 x 2 x 2), conv.0.bias (2 instead of 3)",
  );
  const state = getError(importOptimizerState(network, sgd({ momentum: 0.5 }), stored, 0));
  assertEquals(state.missing, network.parameters.map(({ name }) => `momentum/${name}`));
  assertEquals(state.extra, Object.keys(stored));
  assert(state.message.startsWith("Cannot load the optimizer's state as the tensors don't fit"));
  assertEquals(ops.countTensors(), before);
});

Deno.test("importOptimizerState says which running values another optimizer keeps", () => {
  const save = (...slots: string[]) =>
    Object.fromEntries(
      slots.flatMap((slot) =>
        network.parameters.map(({ name, shape }) => {
          const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
          return [`${slot}/${name}`, { shape: [...shape], data }];
        })
      ),
    );
  const found = "Cannot load the optimizer's state as it is another optimizer's: that keeps";
  for (
    const [optimizer, stored, message] of [
      [sgd({ momentum: 0.5 }), save("m", "v"), "m, v for each parameter, and sgd keeps momentum"],
      [adam(), save("m"), "m for each parameter, and adam keeps m, v"],
      [adam(), {}, "nothing for each parameter, and adam keeps m, v"],
      [sgd(), save("m", "v"), "m, v for each parameter, and sgd keeps nothing"],
    ] as const
  ) {
    const error = getError(importOptimizerState(network, optimizer, stored, 0));
    assertInstanceOf(error, CheckpointError);
    assertEquals(error.message, `${found} ${message}`);
  }
  // Of one that is the same the tensors are named.
  const { "m/fc.bias": _, ...rest } = save("m", "v");
  const { message, missing } = getError(importOptimizerState(network, adam(), rest, 0));
  assertEquals(missing, ["m/fc.bias"]);
  assert(message.includes("don't fit the model: missing m/fc.bias"), message);
});

Deno.test("importOptimizerState refuses a number of updates that is not an integer of at least 0", () => {
  for (const step of [-1, 0.5, NaN]) {
    assertThrows(() => importOptimizerState(network, sgd(), {}, step), RangeError);
  }
});

Deno.test("permute() takes each element to its place, and back by the inverted order", () => {
  const shape = [2, 3, 4, 5];
  const data = numbers(120);
  const order = [2, 3, 1, 0];
  const permuted = permute(data, shape, order);
  // Element [i, j, k, l] of OIHW is [k, l, j, i] of HWIO.
  assertEquals(permuted[((3 * 5 + 2) * 3 + 1) * 2 + 1], data[((1 * 3 + 1) * 4 + 3) * 5 + 2]);
  assertEquals(permute(permuted, reorder(shape, order), invert(order)), data);
  // Of any number of dimensions.
  const five = permute(data, [2, 3, 2, 2, 5], [4, 0, 3, 1, 2]);
  assertEquals(
    five[(((3 * 2 + 1) * 2 + 0) * 3 + 2) * 2 + 1],
    data[(((1 * 3 + 2) * 2 + 1) * 2 + 0) * 5 + 3],
  );
  assertEquals(permute(five, [5, 2, 2, 3, 2], invert([4, 0, 3, 1, 2])), data);
  assertEquals(permute(data.slice(0, 1), [], []), data.slice(0, 1));
  const same = permute(data, shape, [0, 1, 2, 3]);
  assertEquals(same, data);
  assert(same.buffer !== data.buffer);
});

// A step takes its state: whatever is done with it afterwards is an error that says so.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  adam,
  build,
  constant,
  evalStep,
  exportOptimizerState,
  exportParams,
  initTrainState,
  layer,
  linear,
  predictStep,
  randomKey,
  readMetrics,
  sequential,
  sgd,
  type Tensor,
  toTensor,
  type TrainState,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { backendTest, getOrThrow, randomBatch } from "../_helpers.ts";
import { compute, counter } from "../_own_parts.ts";

const network = getOrThrow(build(sequential([linear(4), counter(), linear(3)]), [4]));
const batch = randomBatch(2, [4], 3);

const wrong = (action: string, step: number) =>
  `Cannot ${action} with a state that was consumed: step ${step} has taken it, use the state that it gave`;

for (const optimizer of [adam(), sgd(), sgd({ momentum: 0.9 })]) {
  const { name, settings: { momentum = 0 } } = optimizer.rule;
  backendTest(`a consumed state is refused everywhere, with ${name} ${momentum}`, async () => {
    const step = trainStep(network, optimizer);
    const [evaluate, predict] = [evalStep(network), predictStep(network)];
    const x = toTensor(batch.images.data as Float32Array, [2, 4]);
    const refuse = async (state: TrainState, taken: number) => {
      const { params, buffers } = state;
      // Its records are no less consumed than the state.
      for (const given of [state, { ...state }, { ...state, params: { ...params } }]) {
        assertThrows(() => step(given, batch), RangeError, wrong("train", taken));
      }
      for (const given of [state, { params, buffers }]) {
        await assertRejects(() => evaluate(given, batch), RangeError, wrong("evaluate", taken));
        await assertRejects(() => predict(given, batch), RangeError, wrong("predict", taken));
        await assertRejects(
          () => exportParams(network, given),
          RangeError,
          wrong("export", taken),
        );
        assertThrows(
          () => network.apply(given, x),
          RangeError,
          wrong("apply the network", taken),
        );
        assertThrows(
          () => initTrainState(network, optimizer, randomKey(0), { variables: given }),
          RangeError,
          wrong("begin", taken),
        );
      }
      await assertRejects(
        () => exportOptimizerState(network, state.optimizer),
        RangeError,
        wrong("export", taken),
      );
    };
    const first = initTrainState(network, optimizer, randomKey(0));
    const [second] = step(first, batch);
    await refuse(first, 1);
    // What was refused has changed nothing.
    const [third, metrics] = step(second, batch);
    await refuse(first, 1);
    await refuse(second, 2);
    assertEquals((await readMetrics([metrics]))[0]?.step, 2);
    assertEquals((await predict(third, batch)).shape, [2, 3]);
    assertEquals((await evaluate(third, batch)).size, 2);
    assertEquals((await exportParams(network, third))["1.passes"]?.data[0], 2);
    await exportOptimizerState(network, third.optimizer);
  });
}

backendTest("a state whose step was refused is not consumed", () => {
  const optimizer = adam();
  const step = trainStep(network, optimizer);
  const state = initTrainState(network, optimizer, randomKey(0));
  assertThrows(() => step(state, { ...batch, labels: Int32Array.of(0, 3) }), RangeError);
  assertEquals(step(state, batch)[0].step, 1);
});

backendTest("states that share a record without tensors are taken one by one", () => {
  const plain = getOrThrow(build(linear(3), [4]));
  const optimizer = sgd();
  const buffers = {};
  const [first, second] = [1, 2].map((seed) =>
    initTrainState(plain, optimizer, randomKey(0), {
      variables: { params: plain.init(randomKey(seed)).params, buffers },
    })
  );
  const step = trainStep(plain, optimizer);
  step(first!, batch);
  assertEquals(step(second!, batch)[0].step, 1);
});

backendTest("buffers that a step has replaced are released, and the others go on", async () => {
  const optimizer = adam();
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(0));
  const before = ops.countTensors();
  for (let i = 0; i < 5; i++) {
    const [next, metrics] = step(state, batch);
    state = next;
    await readMetrics([metrics]);
    assertEquals(ops.countTensors(), before, `step ${i + 1}`);
  }
  assertEquals([...await state.buffers["1.passes"]!.data()], [5]);
  // The optimizer has never seen them.
  for (const slot of Object.values(state.optimizer.slots)) {
    assertEquals(Object.keys(slot), network.parameters.map(({ name }) => name));
  }
});

/** Describes a layer with the weight of the step before, twice, and the one before that. */
const remembering = layer<"weight", "last" | "same" | "older">("Remembering()", (input) => ({
  outputShape: input,
  params: { weight: { shape: input, initializer: constant(1) } },
  buffers: { last: { shape: input }, same: { shape: input }, older: { shape: input } },
  apply: (x, { weight, last }) => ({
    output: compute(tf.mul, x, weight),
    buffers: { last: weight, same: weight, older: last },
  }),
}));

backendTest("buffers that a layer takes from elsewhere are its own from then on", async () => {
  const network = getOrThrow(build(sequential([remembering, linear(3)]), [4]));
  const optimizer = adam({ learningRate: 0.1 });
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(0));
  const before = ops.countTensors();
  const read = async (tensor?: Tensor) => [...await tensor!.data()];
  const weights = [[0, 0, 0, 0]];
  for (let i = 0; i < 3; i++) {
    weights.push(await read(state.params["0.weight"]));
    const [next, metrics] = step(state, randomBatch(4, [4], 3, i));
    state = next;
    await readMetrics([metrics]);
    assertEquals(ops.countTensors(), before);
    assertEquals(
      await Promise.all(["last", "same", "older"].map((name) => read(state.buffers[`0.${name}`]))),
      [weights.at(-1), weights.at(-1), weights.at(-2)],
    );
  }
});

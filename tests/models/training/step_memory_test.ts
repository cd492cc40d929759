// How much memory a step takes at most, as a multiple of what the results of one layer take.
import {
  batchNorm2d,
  build,
  conv2d,
  globalAvgPool2d,
  identity,
  initTrainState,
  lambda,
  type Layer,
  linear,
  maxPool2d,
  parallel,
  predictStep,
  randomKey,
  relu,
  relu6,
  residual,
  sequential,
  sgd,
  type Tensor,
  toTensor,
  trainStep,
} from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { assert, assertEquals } from "@std/assert";
import { measureHeap } from "../_heap.ts";
import { getOrThrow, numbers, withBackend } from "../_helpers.ts";

const SIDE = 16;
const CHANNELS = 16;
const IMAGES = 4;
const BLOCKS = 10;
/** The bytes of what a layer gives for the batch. */
const RESULTS = 4 * IMAGES * SIDE * SIDE * CHANNELS;
/** The bytes of the gradients of a convolution, which are kept to the end. */
const GRADIENTS = 4 * (CHANNELS * CHANNELS * 9 + 3 * CHANNELS);

const convolve = () => conv2d({ filters: CHANNELS, kernelSize: 3, padding: 1, bias: false });

/** Makes blocks and what is behind them. */
function prepare(block: () => Layer) {
  const layers = Array.from({ length: BLOCKS }, block);
  const head = [maxPool2d({ poolSize: 2 }), globalAvgPool2d(), linear(3)];
  const network = getOrThrow(
    build(sequential([...layers, ...head]), [SIDE, SIDE, CHANNELS]),
  );
  const images = {
    data: numbers(IMAGES * SIDE * SIDE * CHANNELS, 1),
    shape: [IMAGES, SIDE, SIDE, CHANNELS],
  };
  return { network, batch: { images, labels: Int32Array.of(0, 1, 2, 0), size: IMAGES } };
}

/** Measures the bytes of a training step, without those of the gradients of parameters. */
function measureStep(block: () => Layer, convolutions: number): number {
  const { network, batch } = prepare(block);
  const optimizer = sgd({ learningRate: 0.1 });
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(1));
  const run = () => {
    const [next, metrics] = step(state, batch);
    state = next;
    void metrics;
  };
  // The first makes room to work in, which stays.
  run();
  return measureHeap(run) - BLOCKS * convolutions * GRADIENTS;
}

const block = (rectifier: () => Layer) => () =>
  sequential([convolve(), batchNorm2d(), rectifier()]);

// Each keeps for the backward pass what PyTorch keeps.
const CASES: Readonly<
  Record<string, { block: () => Layer; convolutions: number; kept: number }>
> = {
  // What the convolution takes, and what the normalization takes.
  "convolution, normalization and relu": { block: block(relu), convolutions: 1, kept: 2 },
  "convolution, normalization and relu6": { block: block(relu6), convolutions: 1, kept: 2 },
  // What the next convolution takes, from which the rectifier's gradient is told.
  "convolution with a bias and relu": {
    block: () => sequential([conv2d({ filters: CHANNELS, kernelSize: 3, padding: 1 }), relu()]),
    convolutions: 1,
    kept: 1,
  },
  // Nothing is kept for the sum.
  "a residual block": {
    block: () => sequential([residual(sequential([convolve(), batchNorm2d()])), relu()]),
    convolutions: 1,
    kept: 2,
  },
  // What is put together is kept, as the normalization takes it, and its parts are not.
  "a dense block": {
    block: () =>
      sequential([
        parallel({
          input: identity(),
          "": sequential([batchNorm2d(), relu(), convolve()]),
        }),
        conv2d({ filters: CHANNELS, kernelSize: 1, bias: false }),
      ]),
    convolutions: 1.3,
    // Before and after the rectifier, and twice as many channels before the second convolution.
    kept: 4,
  },
};

for (const [name, { block, convolutions, kept }] of Object.entries(CASES)) {
  Deno.test(`a step keeps of ${name} what its gradient needs, and no gradient for long`, () =>
    withBackend("wasm", () => {
      const results = measureStep(block, convolutions) / RESULTS;
      // At the turn there are a few more: a result, its gradient, and what is computed with them.
      assert(results < kept * BLOCKS + 5, `${results.toFixed(1)} results of ${BLOCKS} blocks`);
      assert(results > kept * BLOCKS - 2, `${results.toFixed(1)} results of ${BLOCKS} blocks`);
      return Promise.resolve();
    }));
}

Deno.test("a network in use keeps nothing of the layers that have run", () =>
  withBackend("wasm", async () => {
    const { network, batch } = prepare(() => sequential([convolve(), relu6()]));
    const variables = network.init(randomKey(1));
    const predict = predictStep(network);
    await predict(variables, batch);
    let result: unknown;
    const results = measureHeap(() => result = predict(variables, batch)) / RESULTS;
    assert(results < 5, `${results.toFixed(1)} results of ${BLOCKS} blocks`);
    await result;
    for (const tensor of Object.values(variables.params)) tensor.dispose();
  }));

Deno.test("what a function among the layers has seen can be used by one behind it", () =>
  withBackend("wasm", () => {
    const seen: Tensor[] = [];
    const see = lambda((x) => {
      seen.push(x);
      return x;
    });
    const use = lambda((x) => seen.splice(0).reduce((sum, x) => ops.add(sum, x), x));
    const body = sequential([
      convolve(),
      relu(),
      see,
      convolve(),
      sequential([relu(), see]),
      convolve(),
      relu(),
      use,
    ]);
    const network = getOrThrow(build(body, [SIDE, SIDE, CHANNELS]));
    const { params, buffers } = network.init(randomKey(1));
    const x = toTensor(numbers(RESULTS / 4, 1), [IMAGES, SIDE, SIDE, CHANNELS]);
    const { value, gradients } = ops.valueAndGrad(params, (own) => {
      const { output } = network.apply({ params: own, buffers }, x, { training: true });
      return ops.sum(output);
    });
    assertEquals(Object.keys(gradients), ["0.weight", "3.weight", "5.weight"]);
    for (const tensor of [x, value, ...Object.values(params), ...Object.values(gradients)]) {
      tensor.dispose();
    }
    return Promise.resolve();
  }));

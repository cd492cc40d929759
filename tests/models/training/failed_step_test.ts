// A step that fails leaves nothing behind but what is left of the state that it was given.
import * as tf from "@tensorflow/tfjs-core";
import {
  accumulate,
  adam,
  averaged,
  batchNorm2d,
  build,
  clipByGlobalNorm,
  type Communicator,
  conv2d,
  flatten,
  initTrainState,
  linear,
  type Optimizer,
  optimizerOf,
  randomKey,
  relu,
  sequential,
  sgd,
  type TrainState,
  trainStep,
} from "@rill/rill/models";
import { add, subtract } from "@rill/rill/models/ops";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import * as ops from "../../../models/ops/_ops.ts";
import { disposeState } from "../../../models/training/epochs/_create_state.ts";
import { getOrThrow, randomBatch, withBackend } from "../_helpers.ts";

const network = getOrThrow(build(
  sequential([
    conv2d({ filters: 4, kernelSize: 3 }),
    batchNorm2d(),
    relu(),
    flatten(),
    linear(3),
  ]),
  [5, 5, 1],
));

/** Counts what is alive: tensors, and the buffers under them. */
const countAlive = () => {
  const backend = tf.engine().backend as unknown as { numDataIds(): number };
  return [ops.countTensors(), backend.numDataIds()];
};

const batch = randomBatch(4, network.inputShape, 3);

/** The first of two ranks, whose exchange fails once it was made so many times. The other one gives nothing. */
function createFailing(left: number): Communicator {
  const exchange = () => {
    if (left-- === 0) throw new Error("the other one is gone");
  };
  return { rank: 0, size: 2, allGather: exchange, exchange, abort() {} };
}

const optimizers: Readonly<Record<string, Optimizer>> = {
  "Adam": adam(),
  "clipped gradients": pipe(adam(), clipByGlobalNorm(1e-3)),
  "accumulated gradients, clipped and averaged": pipe(
    sgd({ momentum: 0.9 }),
    accumulate(2),
    clipByGlobalNorm(1e-3),
    averaged(0.9),
  ),
};

for (const [name, optimizer] of Object.entries(optimizers)) {
  Deno.test(`a step of which an exchange between ranks fails leaves nothing behind, with ${name}`, () =>
    withBackend("wasm", () => {
      const before = countAlive();
      /** Makes two steps, whose exchange fails at some call. Tells whether it did. */
      const run = (calls: number): boolean => {
        const communicator = createFailing(calls);
        const step = trainStep(network, optimizer, { communicator });
        let state: TrainState = initTrainState(network, optimizer, randomKey(0), { communicator });
        // A tensor that others hold, too, is copied before it is written to.
        const held = ops.share(state.params["0.weight"]!);
        try {
          for (let i = 0; i < 2; i++) [state] = step(state, batch);
          return false;
        } catch (error) {
          assert(error instanceof Error && error.message === "the other one is gone", `${error}`);
          return true;
        } finally {
          held.dispose();
          disposeState(state);
        }
      };
      let calls = 0;
      while (run(calls)) {
        assertEquals(countAlive(), before, `call ${calls}`);
        calls++;
      }
      assert(calls > 4, `${calls} calls`);
      return Promise.resolve();
    }));
}

Deno.test("a step whose rule fails leaves nothing behind", () =>
  withBackend("wasm", () => {
    const before = countAlive();
    for (const pieces of [(optimizer: Optimizer) => optimizer, accumulate(1), averaged(0.9)]) {
      let left = 2;
      const optimizer = pieces(optimizerOf({
        name: "own",
        settings: {},
        slots: { sum: 0 },
        update({ parameter, gradient, sum }) {
          if (left-- === 0) throw new RangeError("no more");
          return { parameter: subtract(parameter, gradient), sum: add(sum, gradient) };
        },
      }, 1));
      const state = initTrainState(network, optimizer, randomKey(0));
      assertThrows(() => trainStep(network, optimizer)(state, batch), RangeError, "no more");
      disposeState(state);
      assertEquals(countAlive(), before);
    }
    return Promise.resolve();
  }));

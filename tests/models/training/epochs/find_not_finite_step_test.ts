import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  type Backend,
  build,
  findNotFiniteStep,
  getOrThrow,
  lambda,
  linear,
  NotFiniteError,
  sequential,
  sgd,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingBatch,
} from "@rill/rill/models";
import * as publicOps from "@rill/rill/models/ops";
import * as ops from "../../../../models/ops/_ops.ts";
import { backendTest, withBackend } from "../../_helpers.ts";
import { threadsTest } from "../../_threads.ts";
import createPlan from "./_plan.ts";
import { createStreams, MODULE, run } from "./_trainings.ts";

/** Trains until it fails, and gives the error, and where that arose. */
const fail = async (options: TrainEpochsOptions) => {
  const before = ops.countTensors();
  const error = await assertRejects(() => run(trainEpochs(options)), NotFiniteError);
  const place = await findNotFiniteStep({ ...options, steps: error.step });
  assertEquals(ops.countTensors(), before);
  return { error, place };
};

const small = (backend: Backend, learningRate: number, threads = 1): TrainEpochsOptions => ({
  backend,
  // Where it is bundled there is no such module, but threads aren't there either.
  model: threads > 1 ? MODULE : createPlan({ optimizer: "sgd", learningRate }),
  options: { optimizer: "sgd", learningRate },
  threads,
  epochs: 2,
  ...createStreams(),
  release: undefined,
});

/** Streams whose third batch has a NaN. */
const createBadStreams = () => {
  const { train } = createStreams();
  return {
    async *train(at: { readonly epoch: number; readonly index: number }) {
      let place = at.index;
      for await (const batch of train(at)) {
        if (place === 9) (batch.images.data as Float32Array)[80] = NaN;
        place += batch.size;
        yield batch as TrainingBatch;
      }
    },
  };
};

for (const threads of [1, 2]) {
  threadsTest(
    threads,
    `a learning rate too high is found in ${threads} threads, with its step and layer`,
    () =>
      withBackend("wasm", async (backend) => {
        const { error, place } = await fail(small(backend, 1e30, threads));
        assert(place && place.step! <= error.step, JSON.stringify(place));
        assertEquals([place.where, place.layer], ["forward", "4"]);
        assertMatch(
          error.withPlace(place).message,
          /^Cannot go on as the loss after step \d is not finite, but NaN: it arose in step \d in the output of 4, Linear\(64, 7\): try a lower learning rate$/,
        );
        assertEquals(error.withPlace(place).layer, "4");
      }),
  );

  threadsTest(
    threads,
    `a NaN in the data is found in ${threads} threads`,
    () =>
      withBackend("wasm", async (backend) => {
        const options = { ...small(backend, 0.01, threads), ...createBadStreams() };
        const { error, place } = await fail(options);
        assertEquals(error.step, 3);
        assertEquals(place, { where: "input", step: 3, subject: "the network's input" });
        assertMatch(
          error.withPlace(place).message,
          /in step 3 in the network's input: look at the/,
        );
      }),
  );
}

backendTest(
  "an update that overflows is found, and a layer that does in validation only",
  async (backend) => {
    const images = (value: number) => ({
      images: { data: Float32Array.of(value), shape: [1, 1] },
      labels: Int32Array.of(0),
      size: 1,
    });
    const stream = (...values: number[]) => () => ReadableStream.from(values.map(images));
    const exp = lambda(publicOps.exp, { description: "Exp()" });
    const network = getOrThrow(build(sequential({ fc: linear(2), power: exp }), [1]));
    const plan = { network, optimizer: sgd({ learningRate: 0 }) };
    const options = { backend, epochs: 1, train: stream(0.1, 0.2) };
    const { place } = await fail({
      ...options,
      model: { ...plan, optimizer: sgd({ learningRate: 1e30 }) },
      train: stream(1, -3),
    });
    assertEquals([place?.step, place?.where, place?.layer], [2, "forward", "power"]);
    const inUpdate = await fail({
      ...options,
      model: {
        network: getOrThrow(build(linear(2), [1])),
        optimizer: sgd({ learningRate: 3e38 }),
      },
      // Both classes are as likely, so that the gradient is half the input.
      from: {
        params: {
          weight: { shape: [2, 1], data: new Float32Array(2) },
          bias: { shape: [2], data: new Float32Array(2) },
        },
      },
      train: stream(3),
    });
    assertEquals(inUpdate.place, {
      where: "update",
      step: 1,
      subject: "the update of weight",
      parameter: "weight",
    });
    const error = await assertRejects(
      () => run(trainEpochs({ ...options, model: plan, validate: stream(-1e6, 1e6) })),
      NotFiniteError,
    );
    assertEquals([error.place?.where, error.layer], ["forward", "power"]);
    assertMatch(
      error.message,
      /^Cannot go on as the loss of validation after step 2 is not finite, but \S+: it arose in the output of power, Exp\(\): try/,
    );
  },
);

Deno.test("findNotFiniteStep() finds nothing in a training that is well, or is aborted", () =>
  withBackend("wasm", async (backend) => {
    const options = { ...small(backend, 0.01), validate: undefined };
    assertEquals(await findNotFiniteStep(options), undefined);
    const bad = { ...options, ...createBadStreams(), signal: AbortSignal.abort() };
    assertEquals(await findNotFiniteStep(bad), undefined);
  }));

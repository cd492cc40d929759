// A device that is lost in the middle of the work: one clear error, of the backend and not of the engine.
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  adam,
  type Backend,
  BackendError,
  build,
  evalStep,
  evaluateBatches,
  flatten,
  getOrThrow,
  initTrainState,
  linear,
  openBackend,
  predictStep,
  randomKey,
  readMetrics,
  saveEach,
  sequential,
  toTensor,
  trainEpochs,
  trainStep,
} from "@rill/rill/models";
import { randomBatch, withBackend } from "./_helpers.ts";
import { copy } from "./training/epochs/_trainings.ts";
import { webgpuTest } from "./_webgpu.ts";

const network = getOrThrow(build(sequential([flatten(), linear(3)]), [4, 4, 1]));
const batch = randomBatch(2, [4, 4, 1], 3, 0);
const stream = ({ index = 0 } = {}) =>
  ReadableStream.from([batch, batch, batch].slice(index / batch.size));

/** Runs a body with a backend and what takes its device away: at once, or so that it has been told of. */
async function withDevice(body: (backend: Backend, lose: () => Promise<void>) => Promise<void>) {
  for (const isTold of [false, true]) {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const backend = await openBackend("webgpu", { device });
    try {
      await body(backend, async () => {
        device.destroy();
        if (isTold) await device.lost;
      });
    } finally {
      await backend.close();
    }
  }
}

/** Asserts that an error is that of a lost device. */
function assertLost(error: unknown): void {
  assert(error instanceof BackendError, String(error));
  assertEquals(error.code, "device-lost");
  assertMatch(error.message, /^Cannot go on as the WebGPU device was lost/);
}

webgpuTest("a training step after the loss of the device", () =>
  withDevice(async (_, lose) => {
    const step = trainStep(network, adam());
    const [state, metrics] = step(initTrainState(network, adam(), randomKey(0)), batch);
    await readMetrics([metrics]);
    await lose();
    assertLost(assertThrows(() => step(state, batch)));
  }));

webgpuTest(
  "metrics that are read after the loss of the device",
  () =>
    withDevice(async (_, lose) => {
      const step = trainStep(network, adam());
      const [, metrics] = step(initTrainState(network, adam(), randomKey(0)), batch);
      await lose();
      assertLost(await assertRejects(() => readMetrics([metrics])));
    }),
);

webgpuTest(
  "evaluation, prediction and reading after the loss of the device",
  () =>
    withDevice(async (backend, lose) => {
      const variables = network.init(randomKey(0));
      const { data, shape } = batch.images;
      const { output } = network.apply(variables, toTensor(Float32Array.from(data), shape));
      await lose();
      assertLost(await assertRejects(() => evalStep(network)(variables, batch)));
      assertLost(await assertRejects(() => predictStep(network)(variables, batch)));
      assertLost(await assertRejects(async () => await output.data()));
      assertLost(await assertRejects(() => backend.sync()));
      assertLost(assertThrows(() => backend.check()));
    }),
);

webgpuTest(
  "a stream of predictions ends with the loss of the device",
  () =>
    withDevice(async (backend, lose) => {
      const predict = evaluateBatches(predictStep(network), network.init(randomKey(0)), {
        backend,
      });
      let count = 0;
      assertLost(
        await assertRejects(async () => {
          for await (const _ of predict(stream())) {
            count++;
            await lose();
          }
        }),
      );
      assertEquals(count, 1);
    }),
);

webgpuTest(
  "a training ends with the loss of the device, and goes on from its last checkpoint",
  async () => {
    const options = {
      model: { network, optimizer: adam() },
      epochs: 2,
      train: stream,
      saveEvery: 1,
    };
    const train = (backend: Backend, from?: Awaited<ReturnType<typeof copy>>) => {
      let last: Awaited<ReturnType<typeof copy>> | undefined;
      const events = saveEach(async (checkpoint) => {
        last = await copy(checkpoint);
      })(trainEpochs({ ...options, backend, from }));
      return { events, getLast: () => last };
    };
    const whole = await withBackend("webgpu", async (backend) => {
      const { events, getLast } = train(backend);
      for await (const _event of events);
      return getLast()!.params;
    });
    await withDevice(async (backend, lose) => {
      const { events, getLast } = train(backend);
      assertLost(
        await assertRejects(async () => {
          for await (const { kind } of events) {
            if (kind === "checkpoint" && getLast()!.position!.step === 4) await lose();
          }
        }),
      );
      const saved = getLast()!;
      assertEquals(saved.position?.step, 4);
      await backend.close();
      await withBackend("webgpu", async (backend) => {
        const { events, getLast } = train(backend, saved);
        for await (const _event of events);
        assertEquals(getLast()!.params, whole);
      });
    });
  },
);

import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BackendError,
  CommunicatorError,
  initTrainState,
  randomKey,
  sgd,
  sharedCommunicator,
  sharedMemory,
  type StoredTensor,
  type Tensor,
  toTensor,
  trainStep,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { registerWasmKernels } from "../../../models/kernels/_register_wasm.ts";
import { assertClose, randomBatch, withBackend } from "../_helpers.ts";
import { type Job, network, type Outcome, trainRank } from "./_parallel.ts";
import { runRanks } from "./_run_ranks.ts";
import { webgpuTest, withSharedMemory } from "../_webgpu.ts";
import { threadsTest } from "../_threads.ts";

/** Trains with so many ranks, and gives each one's outcome. */
function train(size: number, job: Job): Promise<Outcome[]> {
  const worker = new URL("_parallel_worker.ts", import.meta.url);
  return withBackend("wasm", () => runRanks(size, worker, trainRank, job));
}

async function trainAlone(job: Job): Promise<Outcome> {
  const [alone] = await train(1, job);
  assert(alone);
  return alone;
}

function assertSame(
  actual: Readonly<Record<string, StoredTensor>>,
  expected: Readonly<Record<string, StoredTensor>>,
): void {
  assertEquals(Object.keys(actual), Object.keys(expected));
  for (const [name, { shape, data }] of Object.entries(expected)) {
    assertEquals(actual[name]!.shape, shape);
    assertClose(actual[name]!.data, data, 1e-5, name);
  }
}

const BATCHES = [8, 7, 1, 5, 2, 9];

for (const optimizer of ["adam", "sgd", "momentum"] as const) {
  for (const size of [2, 3]) {
    threadsTest(size, `${size} ranks train as one does, with ${optimizer}`, async () => {
      const job = { optimizer, batches: BATCHES };
      const alone = await trainAlone(job);
      const ranks = await train(size, job);
      for (const { params, optimizer, metrics, left } of ranks) {
        assertSame(params, alone.params);
        assertSame(optimizer, alone.optimizer);
        assertEquals(params, ranks[0]!.params);
        assertEquals(metrics, ranks[0]!.metrics);
        assertClose(
          metrics.flatMap((metrics) => Object.values<number>(metrics)),
          alone.metrics.flatMap((metrics) => Object.values<number>(metrics)),
          1e-6,
        );
        assertEquals(left, 0);
      }
      // The running values are shared out, about evenly.
      assertEquals(ranks.reduce((sum, { kept }) => sum + kept, 0), alone.kept);
      const slots = { adam: 2, sgd: 0, momentum: 1 }[optimizer];
      // By some rows of each parameter.
      const rows = network.parameters.reduce((sum, { shape }) => sum + 4 * (shape[0] ?? 1), 0);
      for (const { kept } of ranks) assert(kept <= Math.ceil(alone.kept / size) + slots * rows);
    });
  }
}

for (const size of [2, 3]) {
  threadsTest(
    size,
    `${size} ranks train as one does, with all pieces, and go on from the middle of an update`,
    async () => {
      const job = { optimizer: "pieces", batches: [8, 7, 1, 5, 2, 9] } as const;
      const alone = await trainAlone(job);
      assertEquals([alone.step, alone.updates], [6, 1]);
      const ranks = await train(size, job);
      for (const { params, optimizer, averages, updates, left } of ranks) {
        assertSame(params, alone.params);
        assertSame(optimizer, alone.optimizer);
        assertSame(averages, alone.averages);
        assertEquals([updates, left], [1, 0]);
      }
      const names = network.parameters.map(({ name }) => name);
      const kept = names.filter((name) => !name.startsWith("0."));
      assertEquals(
        Object.keys(alone.optimizer),
        [
          ...["m", "v", "average", "accumulated"].flatMap((slot) =>
            kept.map((name) => `${slot}/${name}`)
          ),
          "accumulation",
        ],
      );
      assertEquals(Object.keys(alone.averages), names);
      assertEquals([...alone.optimizer.accumulation!.data], [2, 11]);
      const rest = { optimizer: "pieces", batches: [3, 8] } as const;
      const whole = await trainAlone({ ...job, batches: [...job.batches, ...rest.batches] });
      assertEquals(whole.updates, 2);
      for (const one of await train(size, { ...rest, from: ranks[0]! })) {
        assertEquals(one.updates, 2);
        assertSame(one.params, whole.params);
        assertSame(one.optimizer, whole.optimizer);
        assertSame(one.averages, whole.averages);
      }
    },
  );

  threadsTest(size, `statistics of the batch are the whole one's with ${size} ranks`, async () => {
    // The first layer's input is the same, and so are its statistics, to the bit.
    const first = { optimizer: "sgd", batches: [7], normalized: true } as const;
    const one = await trainAlone(first);
    for (const { params } of await train(size, first)) {
      for (const name of ["1.mean", "1.variance"]) assertEquals(params[name], one.params[name]);
    }
    // Also where there are fewer examples than ranks.
    const job = { ...first, batches: [7, 2, 5, 2, 9, 4] };
    const alone = await trainAlone(job);
    const ranks = await train(size, job);
    for (const { params, metrics, left } of ranks) {
      assertSame(params, alone.params);
      assertEquals(params, ranks[0]!.params);
      assertEquals(left, 0);
      assertEquals(metrics, ranks[0]!.metrics);
      assertClose(metrics.map(({ loss }) => loss), alone.metrics.map(({ loss }) => loss), 1e-5);
    }
  });

  threadsTest(size, `weighted losses and metrics are divided once over ${size} ranks`, async () => {
    const job = { optimizer: "adam", batches: BATCHES, weighted: true } as const;
    const alone = await trainAlone(job);
    const ranks = await train(size, job);
    for (const { params, metrics, left } of ranks) {
      assertSame(params, alone.params);
      assertEquals(params, ranks[0]!.params);
      assertEquals(metrics, ranks[0]!.metrics);
      assertEquals(Object.keys(metrics[0]!), ["step", "size", "loss", "hits", "largest"]);
      assertClose(
        metrics.flatMap((metrics) => Object.values<number>(metrics)),
        alone.metrics.flatMap((metrics) => Object.values<number>(metrics)),
        1e-6,
      );
      assertEquals(left, 0);
    }
  });
}

threadsTest(
  2,
  "ranks train as one does with tfjs's own kernels, which keep packed copies of weights",
  async () => {
    const job = { optimizer: "adam", batches: BATCHES, stock: true } as const;
    try {
      const alone = await trainAlone(job);
      for (const { params } of await train(2, job)) assertSame(params, alone.params);
    } finally {
      registerWasmKernels({ stock: false });
    }
  },
);

Deno.test("a part of a tensor has its numbers, and leaves them when it is released", () =>
  withBackend("wasm", async () => {
    const buffers = () => (tf.engine().backend as unknown as { numDataIds(): number }).numDataIds();
    const before = [buffers(), ops.countTensors()];
    const x = toTensor(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3]);
    for (const start of [0, 2]) {
      const part = ops.viewPart(x, start, 3);
      const again = ops.viewPart(x, start, 2);
      ops.viewNumbers(part)[1]! += 10;
      assertEquals([part.shape, ...ops.viewNumbers(again)], [[3], start, start + 11]);
      again.dispose();
      part.dispose();
    }
    // Memory that had been released would be taken for this one.
    const other = toTensor(Float32Array.of(7, 7, 7, 7, 7, 7), [6]);
    assertEquals([...await x.data()], [0, 11, 2, 13, 4, 5]);
    assertEquals(ops.makeWritable(x), x);
    other.dispose();
    x.dispose();
    assertEquals([buffers(), ops.countTensors()], before);
  }));

Deno.test("a tensor whose numbers another has is copied before it is written to", () =>
  withBackend("wasm", async () => {
    const x = toTensor(Float32Array.of(1, 2), [2]);
    const same = tf.clone(x as unknown as tf.Tensor) as unknown as Tensor;
    const own = ops.makeWritable(x);
    ops.viewNumbers(own)[0] = 5;
    assertEquals([...await own.data(), ...await same.data()], [5, 2, 1, 2]);
    own.dispose();
    same.dispose();
  }));

threadsTest(2, "a training goes on with another number of ranks", async () => {
  const job = { optimizer: "adam", batches: BATCHES } as const;
  const straight = await trainAlone(job);
  const [first] = await train(3, { ...job, batches: BATCHES.slice(0, 2) });
  assert(first);
  const second = await trainAlone({ ...job, batches: BATCHES.slice(2, 4), from: first });
  const [last] = await train(2, { ...job, batches: BATCHES.slice(4), from: second });
  assert(last);
  assertSame(last.params, straight.params);
  assertSame(last.optimizer, straight.optimizer);
  assertEquals(last.step, 6);
});

threadsTest(2, "a rank that fails ends the others' step with its reason", async () => {
  for (const failing of [0, 1]) {
    const job = { optimizer: "adam", batches: BATCHES, failing } as const;
    await assertRejects(() => train(2, job), Error, "no luck");
  }
  const error = await assertRejects(
    () => train(2, { optimizer: "adam", batches: BATCHES, failing: 1 }),
    CommunicatorError,
  );
  assertEquals([error.message, error.rank], ["Cannot go on as rank 1 failed: no luck", 1]);
});

threadsTest(
  2,
  "a batch that doesn't fit is refused by every rank alike, whoever's share it is",
  () =>
    withBackend("wasm", () => {
      const memory = sharedMemory(2);
      const batch = randomBatch(4, network.inputShape, 3);
      const labels = Int32Array.of(0, 1, 2, 3);
      for (const rank of [0, 1]) {
        const communicator = sharedCommunicator(memory, rank);
        const state = initTrainState(network, sgd(), randomKey(0), { communicator });
        assertThrows(
          () => trainStep(network, sgd(), { communicator })(state, { ...batch, labels }),
          RangeError,
          "Cannot take label 3 of example 3",
        );
      }
    }),
);

webgpuTest(
  "a parallel training is refused on WebGPU, where tensors are not in main memory",
  () =>
    withBackend("webgpu", () => {
      const communicator = sharedCommunicator(sharedMemory(2), 0);
      assertThrows(
        () => initTrainState(network, sgd(), randomKey(0), { communicator }),
        BackendError,
        "Cannot train in parallel on the webgpu backend",
      );
    }),
  withSharedMemory,
);

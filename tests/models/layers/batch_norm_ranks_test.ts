import { initTrainState, randomKey, sgd, toTensor, trainStep } from "@rill/rill/models";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { assertClose, randomBatch, withBackend } from "../_helpers.ts";
import { runRanks } from "../parallel/_run_ranks.ts";
import { buildNormalized, type NormalizedJob, trainNormalized } from "./_normalized.ts";
import { threadsTest } from "../_threads.ts";

const WORKER = new URL("_normalized_worker.ts", import.meta.url);

const train = (size: number, job: NormalizedJob) =>
  withBackend("wasm", () => runRanks(size, WORKER, trainNormalized, job));

threadsTest(
  2,
  "batch normalization is the whole batch's with fewer examples than ranks, too",
  async () => {
    const job = { side: 3, batches: [5, 1, 4, 2, 1, 3] };
    const [alone] = await train(1, job);
    for (const size of [2, 3]) {
      const ranks = await train(size, job);
      for (const { variables, losses } of ranks) {
        assertEquals(losses, ranks[0]!.losses);
        assertEquals(variables, ranks[0]!.variables);
        assertClose(losses, alone!.losses, 1e-5, "losses");
        assertEquals(Object.keys(variables), Object.keys(alone!.variables));
        for (const [name, { data }] of Object.entries(alone!.variables)) {
          assertClose(variables[name]!.data, data, 1e-5, name);
        }
        assertEquals([...variables["block.body.bn.num_batches_tracked"]!.data], [6]);
      }
    }
  },
);

const REFUSAL = "Cannot train BatchNorm2d with a batch of 1 x 1 x 1 x 4: a variance takes";

threadsTest(
  2,
  "one example of one pixel is refused in training, by every rank, and none waits",
  async () => {
    const job = { side: 1, batches: [1] };
    for (const size of [1, 2, 3]) await assertRejects(() => train(size, job), Error, REFUSAL);
  },
);

Deno.test("a step that is refused leaves its state, and one example can be used", () =>
  withBackend("wasm", () => {
    const network = buildNormalized(1);
    const optimizer = sgd();
    const state = initTrainState(network, optimizer, randomKey(0));
    const step = trainStep(network, optimizer);
    assertThrows(() => step(state, randomBatch(1, [1, 1, 2], 3)), RangeError, REFUSAL);
    const x = toTensor(Float32Array.of(1, 2), [1, 1, 1, 2]);
    assertEquals(network.apply(state, x).output.shape, [1, 3]);
    step(state, randomBatch(2, [1, 1, 2], 3));
  }));

import { assert, assertEquals } from "@std/assert";
import { type Evaluation, getOrThrow, openBackend, randomKey } from "../../models/mod.ts";
import type { Batch } from "../../pipelines/mod.ts";
import { evaluateSplit } from "../../tasks/_model/evaluate_split.ts";
import { loadEvaluated } from "../../tasks/_model/load_model.ts";
import type { ModelConfig } from "../../tasks/_model/model_config.ts";

const model: ModelConfig = {
  ...{ name: "lenet", side: 28, channels: 1, classes: 10, mean: 0, std: 1 },
  ...{ resize: "stretch", orientation: "apply", views: "flip" },
};

/** Creates a batch, always the same: its memory is used again. */
const createBatch = (): Batch => ({
  images: {
    data: new Float32Array(9 * 28 * 28).map((_, i) => i % 7),
    shape: [9, 28, 28, 1],
  },
  labels: new Int32Array(9).fill(3),
  size: 9,
});

/** Gives two batches, the second once the other threads are ready. */
async function* createBatches(ready: Promise<void>) {
  yield createBatch();
  await ready;
  yield createBatch();
}

Deno.test("evaluateSplit() shares batches between threads, to the same bits, and ends them", async () => {
  await using backend = await openBackend("wasm");
  const network = getOrThrow(await loadEvaluated(model)());
  const variables = network.init(randomKey(0));
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  let [answers, ended] = [0, 0];
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      this.addEventListener("message", ({ data: { kind } }) => {
        if (kind === "ready") resolve();
        if (kind === "outputs") answers++;
      });
    }
    override terminate() {
      ended++;
      super.terminate();
    }
  };
  try {
    const evaluations: Evaluation[] = [];
    for (const threads of [1, 2]) {
      const tally = await evaluateSplit({
        ...{ backend, model, network, variables, threads, kernels: "rill", stepOptions: {} },
        batches: createBatches(threads > 1 ? ready : Promise.resolve()),
        classes: 10,
        take: (evaluation) => evaluations.push(evaluation),
      });
      assertEquals(tally.examples, 18);
    }
    const [first, ...others] = evaluations;
    for (const other of others) assertEquals(other, first);
    assert(first!.means.loss.sum > 0);
    assertEquals([answers >= 1, ended], [true, 1]);
  } finally {
    globalThis.Worker = Worker;
  }
});

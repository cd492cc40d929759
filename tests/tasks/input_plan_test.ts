import { assert, assertEquals } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  adam,
  type Backend,
  getOrThrow,
  initTrainState,
  randomKey,
  trainStep,
} from "../../models/mod.ts";
import { collect, type Example, type IndexedSource, readIndexed } from "../../pipelines/mod.ts";
import { withBackend } from "../models/_helpers.ts";
import { webgpuTest } from "../models/_webgpu.ts";
import { planInput } from "../../tasks/_model/input_plan.ts";
import { buildModel } from "../../tasks/_model/model_config.ts";
import { runTestPass } from "../../tasks/_model/test_pass.ts";
import { trainBatches } from "../../tasks/_train/train_batches.ts";

const model = {
  name: "alexnet",
  side: 67,
  channels: 1,
  classes: 10,
  dropout: 0.5,
  mean: 0.286,
  std: 0.353,
} as const;
const network = getOrThrow(buildModel(model));

/** Seven images of noise, so that the last batch of three is smaller. */
const examples: IndexedSource<Example<Uint8Array<ArrayBuffer>>> = {
  length: 7,
  get: (index) => ({
    image: {
      data: Uint8Array.from({ length: 28 * 28 }, (_, i) => (i * 97 + i * i * (index + 3)) >> 2),
      height: 28,
      width: 28,
      channels: 1,
    },
    label: index,
  }),
};

/** An epoch and its test pass on a backend, with the images' way that suits the one of a name. */
async function run(backend: Backend, name: Backend["name"]) {
  const { batches, stepOptions } = planInput({ name }, model);
  const optimizer = adam();
  const outcomes = await collect(pipe(
    examples,
    readIndexed({ seed: 1, epoch: 0, shuffle: true }),
    batches(3),
    trainBatches(
      trainStep(network, optimizer, stepOptions),
      initTrainState(network, optimizer, randomKey(1)),
      backend,
      () => false,
    ),
  ));
  const variables = outcomes.at(-1)!.state;
  const pass = await collect(
    runTestPass({
      backend: { ...backend, name },
      network,
      model,
      variables,
      examples,
      batchSize: 3,
    }),
  );
  return {
    losses: outcomes.flatMap(({ metrics }) => metrics.map(({ loss }) => loss)),
    logits: pass.map(({ outputs }) => outputs.data),
    labels: pass.map(({ labels }) => labels),
  };
}

webgpuTest(
  "WebGPU trains and tests on bytes exactly as on what the stages make of them",
  () =>
    withBackend("webgpu", async (backend) => {
      const onDevice = await run(backend, "webgpu");
      assertEquals(onDevice, await run(backend, "wasm"));
      const { losses, logits } = onDevice;
      assertEquals([losses.length, logits.length], [3, 3]);
      assert(losses.every((loss) => loss > 0.1 && loss < 10), `${losses}`);
      assert(new Set(logits[0]).size > 10, `${logits[0]}`);
    }),
);

for (const name of ["webgpu", "wasm"] as const) {
  Deno.test(`what travels on ${name} is ${name === "wasm" ? "floats" : "bytes"}`, async () => {
    const { batches, stepOptions } = planInput({ name }, model);
    const all = await collect(pipe(examples, readIndexed(), batches(3)));
    const [side, type] = name === "wasm" ? [67, Float32Array] : [28, Uint8Array];
    assertEquals(
      all.map(({ images }) => images.shape.join()),
      [3, 3, 1].map((size) => `${size},${side},${side},1`),
    );
    assert(all.every(({ images: { data } }) => data instanceof type));
    assertEquals(stepOptions.input === undefined, name === "wasm");
  });
}

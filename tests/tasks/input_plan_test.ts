import { assert, assertEquals } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import { adam, type Backend, getOrThrow, trainEpochs } from "../../models/mod.ts";
import { collect, type Example, type IndexedSource, readIndexed } from "../../pipelines/mod.ts";
import { withBackend } from "../models/_helpers.ts";
import { webgpuTest } from "../models/_webgpu.ts";
import { planInput } from "../../tasks/_model/input_plan.ts";
import { buildModel } from "../../tasks/_model/model_config.ts";

const model = {
  name: "lenet",
  side: 36,
  channels: 1,
  classes: 10,
  dropout: 0.5,
  mean: 0.286,
  std: 0.353,
  resize: "stretch",
  orientation: "apply",
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

const stored = { size: { height: 28, width: 28 }, channels: 1 };

/** An epoch and its evaluation on a backend, with the images' way that suits the one of a name. */
async function run(backend: Backend, name: Backend["name"]) {
  const { batches, stepOptions } = planInput({ name }, model, stored);
  const read = (order: { seed: number; epoch: number; shuffle: boolean }) =>
    pipe(examples, readIndexed(order), batches(3));
  const losses: number[] = [];
  const logits: Float32Array[] = [];
  const events = trainEpochs({
    backend,
    model: { network, optimizer: adam(), ...stepOptions },
    epochs: 1,
    seed: 1,
    train: ({ epoch }) => read({ seed: 1, epoch, shuffle: true }),
    validate: () => read({ seed: 0, epoch: 0, shuffle: false }),
  });
  for await (const event of events) {
    if (event.kind === "step") losses.push(event.metrics.loss);
    if (event.kind === "validation") logits.push(event.evaluation.outputs.data);
  }
  return { losses, logits };
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
    const { batches, stepOptions } = planInput({ name }, model, stored);
    const all = await collect(pipe(examples, readIndexed(), batches(3)));
    const [side, type] = name === "wasm" ? [36, Float32Array] : [28, Uint8Array];
    assertEquals(
      all.map(({ images }) => images.shape.join()),
      [3, 3, 1].map((size) => `${size},${side},${side},1`),
    );
    assert(all.every(({ images: { data } }) => data instanceof type));
    assertEquals(stepOptions.input === undefined, name === "wasm");
  });
}

/**
 * A residual network of one's own, with a layer of one's own: channels are weighed by what is in all of the image
 * (squeeze-and-excitation, Hu et al., 2018). It learns to tell stripes that lie from stripes that stand, in seconds on WASM.
 *
 * Run it with: deno run --allow-read examples/own_network.ts
 *
 * (Reading is for the WebAssembly program of the tensor library, in Deno's cache.)
 *
 * @module
 */
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { batch, collect, type Example, readEpochs, scan } from "@rill/rill/pipelines";

/** Weighs each channel by a number from 0 to 1 that two linear layers make of all channels' means. */
const squeezeAndExcite = (reduction: number): models.Layer =>
  models.layer(`SqueezeAndExcite(${reduction})`, (input, sub) => {
    const [, , channels] = input;
    if (input.length !== 3 || channels === undefined) return "an image: height x width x channels";
    // A child's variables are named by it: fc.0.weight, fc.0.bias, fc.2.weight, fc.2.bias.
    const few = Math.ceil(channels / reduction);
    const fc = [models.linear(few), models.relu(), models.linear(channels), models.sigmoid()];
    const weigh = sub("fc", models.sequential(fc), [channels]);
    return {
      outputShape: input,
      apply: (x, _, pass) => {
        const weights = weigh(ops.mean(x, { axis: [1, 2] }), pass);
        return ops.multiply(x, ops.reshape(weights, [-1, 1, 1, channels]));
      },
    };
  });

/** Two convolutions and the layer above; what went in is added to what comes out. */
const block = (filters: number): models.Layer => {
  const conv = models.conv2d({ filters, kernelSize: 3, padding: 1, bias: false });
  const body = models.sequential({
    conv1: conv,
    bn1: models.batchNorm2d(),
    relu: models.relu(),
    conv2: conv,
    bn2: models.batchNorm2d(),
    se: squeezeAndExcite(4),
  });
  const shortcut = models.conv2d({ filters, kernelSize: 1 });
  return models.sequential([models.residual(body, { shortcut }), models.relu()]);
};

const model = models.sequential({
  blocks: models.sequential([block(8), models.maxPool2d({ poolSize: 2 }), block(16)]),
  pool: models.globalAvgPool2d(),
  fc: models.linear(2),
});

// Stripes of four widths, beginning anywhere, in noise. The images are the same every time.
const stripes = (index: number): Example<Float32Array<ArrayBuffer>> => {
  const [label, width, shift] = [index % 2, 1 + (index >> 1) % 4, (index * 7) % 12];
  const data = Float32Array.from({ length: 144 }, (_, i) => {
    const across = label === 0 ? Math.floor(i / 12) : i % 12;
    return Math.floor((across + shift) / width) % 2 + Math.sin(i * i + index * index) / 2;
  });
  return { image: { data, height: 12, width: 12, channels: 1 }, label };
};

await using _backend = await models.openBackend("wasm");
const network = models.getOrThrow(models.build(model, [12, 12, 1]));
const optimizer = models.adam({ learningRate: 0.01 });
const state = models.initTrainState(network, optimizer, models.randomKey(0));
const steps = pipe(
  { length: 512, get: stripes },
  readEpochs({ seed: 0, epochs: 1 }),
  batch(32),
  scan(models.trainStep(network, optimizer), state),
);
const metrics = await models.readMetrics(await collect(steps));
console.log(`accuracy of the last batch ${metrics.at(-1)?.accuracy.toFixed(2)}`);

import * as models from "@rill/rill/models";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertClose, getError, getOrThrow, withBackend } from "../_helpers.ts";
import { webgpuTest, withBindingOf, withFastCompiler } from "../_webgpu.ts";
import {
  assertDigests,
  importSeeded,
  makeReferenceBatch,
  readNetworkReference,
} from "./_references.ts";
import {
  buildReference,
  compareLogits,
  type ReferenceName,
  TOLERANCE,
  trainOnThreads,
} from "./_train_reference.ts";

const NAMES = [
  "alexnet_torchvision",
  "densenet121",
  "googlenet",
  "mobilenet_v2",
  "nin",
  "resnet34",
  "resnet50",
  "squeezenet1_1",
  "vgg11",
  "vgg11_bn",
  "vgg16",
  "vgg16_bn",
] as const satisfies readonly ReferenceName[];

/** The bytes of the largest tensor where they are more than every WebGPU adapter binds: the first linear layer's weight. */
const LARGEST: Partial<Record<ReferenceName, number>> = {
  alexnet_torchvision: 4 * 256 * 6 * 6 * 4096,
  vgg11: 4 * 512 * 7 * 7 * 4096,
  vgg11_bn: 4 * 512 * 7 * 7 * 4096,
  vgg16: 4 * 512 * 7 * 7 * 4096,
  vgg16_bn: 4 * 512 * 7 * 7 * 4096,
};

/**
 * What has no kind of layer that a smaller network doesn't have, and takes long on a processor: only `deno task test:nightly` computes
 * these,
 */
const LARGER = ["vgg11", "vgg16", "vgg16_bn"];
/** and trains these. */
const LARGE = [...LARGER, "alexnet_torchvision", "vgg11_bn"];

/** The same on WebGPU, where a software adapter compiles their programs for long: left to the night. */
const LONG_ON_WEBGPU: readonly string[] = ["googlenet", "resnet34", "resnet50"];
/** And those that are only used there, and trained in the night. */
const LONG_TO_TRAIN_ON_WEBGPU: readonly string[] = [...LONG_ON_WEBGPU, "densenet121"];

const isAll = Deno.env.get("RILL_NETWORKS") === "all";
const choose = (left: readonly string[]) => NAMES.filter((name) => isAll || !left.includes(name));

for (const name of choose(LARGER)) {
  const what = `${name} computes PyTorch's logits, from small images to 224 x 224`;
  Deno.test(`${what}, on WASM`, () => withBackend("wasm", () => compareLogits(name)));
  if (!isAll && LONG_ON_WEBGPU.includes(name)) continue;
  webgpuTest(
    `${what}, on WebGPU`,
    () => withBackend("webgpu", () => compareLogits(name)),
    withBindingOf(LARGEST[name] ?? 0),
  );
}

// Their biases are settled, so that no rounding changes which rectifiers are at work.
for (const name of choose(LARGE)) {
  const what = `${name} has PyTorch's loss and gradients`;
  Deno.test(`${what}, on WASM`, () => withBackend("wasm", () => trainOnThreads(name, 1)));
  if (!isAll && LONG_TO_TRAIN_ON_WEBGPU.includes(name)) continue;
  webgpuTest(
    `${what}, on WebGPU`,
    () => withBackend("webgpu", () => trainOnThreads(name, 1)),
    withBindingOf(LARGEST[name] ?? 0),
    withFastCompiler,
  );
}

/** How many parameters networks of 1000 classes have, as torchvision's documentation says, for images of 224 x 224. */
const PARAMETERS: readonly (readonly [string, models.Layer, number])[] = [
  ["alexnetTorchvision()", models.alexnetTorchvision(), 61_100_840],
  ["densenet121()", models.densenet121(), 7_978_856],
  ["googlenet()", models.googlenet(), 6_624_904],
  ["mobilenetV2()", models.mobilenetV2(), 3_504_872],
  ["resnet34()", models.resnet34(), 21_797_672],
  ["resnet50()", models.resnet50(), 25_557_032],
  ["squeezenet1_1()", models.squeezenet1_1(), 1_235_496],
  ["vgg11()", models.vgg11(), 132_863_336],
  ["vgg11() with batch normalization", models.vgg11({ batchNorm: true }), 132_868_840],
  ["vgg16()", models.vgg16(), 138_357_544],
  ["vgg16() with batch normalization", models.vgg16({ batchNorm: true }), 138_365_992],
];

for (const [name, layer, count] of PARAMETERS) {
  Deno.test(`${name} has as many parameters as torchvision's`, () => {
    const { layers, outputShape } = getOrThrow(models.build(layer, [224, 224, 3]));
    assertEquals(layers.reduce((sum, { parameters }) => sum + parameters, 0), count);
    assertEquals(outputShape, [1000]);
  });
}

Deno.test("nin() has as many parameters as the book's", () => {
  const { layers } = getOrThrow(models.build(models.nin(), [224, 224, 1]));
  assertEquals(layers.reduce((sum, { parameters }) => sum + parameters, 0), 1_992_166);
});

/** The smallest sides of images that networks take, which are those of torchvision's, and the layers that are named for smaller ones. */
const SMALLEST: readonly (readonly [string, models.Layer, number, string])[] = [
  ["alexnetTorchvision", models.alexnetTorchvision(), 63, "features.12"],
  ["densenet121", models.densenet121(), 29, "features.transition3.pool"],
  ["googlenet", models.googlenet(), 15, "maxpool3"],
  ["squeezenet1_1", models.squeezenet1_1(), 17, "features.8"],
  ["vgg11", models.vgg11(), 32, "features.20"],
  ["vgg11 with batch normalization", models.vgg11({ batchNorm: true }), 32, "features.28"],
  ["vgg16", models.vgg16(), 32, "features.30"],
  ["vgg16 with batch normalization", models.vgg16({ batchNorm: true }), 32, "features.43"],
  ["nin", models.nin(), 67, "5"],
];

for (const [name, layer, side, place] of SMALLEST) {
  Deno.test(`${name} takes images of ${side} x ${side} on, and names the layer that can't take smaller ones`, () => {
    assertEquals(models.build(layer, [side, side, 3])._tag, "Right");
    const error = getError(models.build(layer, [side - 1, side - 1, 3]));
    assertEquals(error.layer, place);
    assertMatch(
      error.message,
      /^Cannot build layer [\w.]+, (Max|Avg)Pool2d\(.+\), for an input of \d x \d x \d+: it needs at least \d x \d pixels$/,
    );
  });
}

Deno.test("what is no image is refused in one short line by each network", () => {
  for (const [name, layer] of PARAMETERS) {
    for (const shape of [[64, 64], [1000], [0, 64, 3], [64, 64, 2.5]]) {
      const { message } = getError(models.build(layer, shape));
      assert(message.length < 300 && !message.includes("\n"), `${name}: ${message}`);
    }
  }
  const googlenet = models.googlenet({ transformInput: true });
  assertEquals(
    getError(models.build(googlenet, [64, 64, 1])).message,
    "Cannot build layer transform, TransformInput(), for an input of 64 x 64 x 1: it needs an image of three channels",
  );
});

Deno.test("googlenet with transformInput computes torchvision's logits", () =>
  withBackend("wasm", () => compareLogits("googlenet_transform")));

Deno.test("googlenet has PyTorch's loss and gradients for images in the usual normalization with transformInput", () =>
  withBackend("wasm", async () => {
    const reference = await readNetworkReference("googlenet");
    const { training: { shape, optimizer: settings, steps: [expected] } } = reference;
    const network = buildReference("googlenet_transform", shape);
    const batch = makeReferenceBatch(reference, reference.training);
    assert(batch.images instanceof Object && "data" in batch.images);
    // What it transforms to the reference's images, in double precision.
    const [means, stds] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
    const data = Float32Array.from(
      batch.images.data as Float32Array,
      (x, i) => (x * 0.5 + 0.5 - means[i % 3]!) / stds[i % 3]!,
    );
    const images = { data, shape: batch.images.shape };
    const optimizer = models.sgd(settings);
    const variables = importSeeded(network, reference);
    const state = models.initTrainState(network, optimizer, models.randomKey(0), { variables });
    const [next, metrics] = models.trainStep(network, optimizer)(state, { ...batch, images });
    const [{ loss } = { loss: NaN }] = await models.readMetrics([metrics]);
    assertClose([loss], [expected!.loss], TOLERANCE, "loss", 0);
    const sums = await models.exportOptimizerState(network, next.optimizer);
    const gradients = Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name.replace(/^momentum\//, ""), sum]),
    );
    assertDigests(gradients, expected!.momentum, TOLERANCE, "gradients");
  }));

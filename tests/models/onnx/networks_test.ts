import * as networks from "../../../models/networks/mod.ts";
import * as models from "@rill/rill/models";
import { assertEquals } from "@std/assert";
import { withBackend } from "../_helpers.ts";
import { compareOnnx } from "./_compare_onnx.ts";

/** All networks of ours, for images as small as they take, and the shapes of these. */
const NETWORKS: Readonly<Record<keyof typeof networks, readonly [models.Layer, number, number]>> = {
  alexnet: [models.alexnet({ classes: 10 }), 67, 1],
  alexnet2012: [models.alexnet2012({ classes: 7 }), 67, 3],
  alexnetTorchvision: [models.alexnetTorchvision({ classes: 7 }), 79, 3],
  densenet121: [models.densenet121({ classes: 7 }), 40, 3],
  googlenet: [models.googlenet({ classes: 7, transformInput: true }), 32, 3],
  lenet: [models.lenet(), 28, 1],
  mobilenetV2: [models.mobilenetV2({ classes: 7 }), 40, 3],
  nin: [models.nin({ classes: 7 }), 67, 1],
  resnet18: [models.resnet18({ classes: 7 }), 40, 3],
  resnet34: [models.resnet34({ classes: 7 }), 32, 3],
  resnet50: [models.resnet50({ classes: 7 }), 32, 3],
  resnet8: [models.resnet8(), 28, 1],
  squeezenet1_1: [models.squeezenet1_1({ classes: 7 }), 32, 3],
  vgg11: [models.vgg11({ classes: 7, batchNorm: true }), 32, 3],
  vgg16: [models.vgg16({ classes: 7 }), 32, 3],
};

/** They have no kind of layer that a smaller one doesn't have, and take long: tried by `deno task test:nightly`. */
const LARGE: readonly string[] = [
  "alexnet",
  "alexnet2012",
  "alexnetTorchvision",
  "resnet34",
  "vgg11",
  "vgg16",
];

const isAll = Deno.env.get("RILL_NETWORKS") === "all";

Deno.test("all networks are compared", () => {
  assertEquals(Object.keys(NETWORKS), Object.keys(networks).sort());
});

for (const [name, [layer, side, channels]] of Object.entries(NETWORKS)) {
  if (LARGE.includes(name) && !isAll) continue;
  Deno.test(`onnxruntime computes ${name}'s logits`, async () => {
    await withBackend("wasm", () => compareOnnx(layer, [side, side, channels]));
  });
}

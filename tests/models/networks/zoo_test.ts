import { withBackend } from "../_helpers.ts";
import { compareLogits, type ReferenceName, trainOnThreads } from "./_train_reference.ts";

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

for (const name of NAMES) {
  Deno.test(`${name} computes PyTorch's logits, from small images to 224 x 224`, () =>
    withBackend("wasm", () => compareLogits(name)));
}

// Those of which biases are settled, so that no rounding changes which rectifiers are at work.
for (
  const name of [
    "alexnet_torchvision",
    "mobilenet_v2",
    "nin",
    "resnet34",
    "squeezenet1_1",
    "vgg11",
  ] as const
) {
  Deno.test(`${name} has PyTorch's loss and gradients`, () =>
    withBackend("wasm", () => trainOnThreads(name, 1)));
}

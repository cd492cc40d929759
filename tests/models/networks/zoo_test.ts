import { withBackend } from "../_helpers.ts";
import { webgpuTest, withBindingOf, withFastCompiler } from "../_webgpu.ts";
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

/** The bytes of the largest tensor where they are more than every WebGPU adapter binds: the first linear layer's weight. */
const LARGEST: Partial<Record<ReferenceName, number>> = {
  alexnet_torchvision: 4 * 256 * 6 * 6 * 4096,
  vgg11: 4 * 512 * 7 * 7 * 4096,
  vgg11_bn: 4 * 512 * 7 * 7 * 4096,
  vgg16: 4 * 512 * 7 * 7 * 4096,
  vgg16_bn: 4 * 512 * 7 * 7 * 4096,
};

for (const name of NAMES) {
  const what = `${name} computes PyTorch's logits, from small images to 224 x 224`;
  Deno.test(`${what}, on WASM`, () => withBackend("wasm", () => compareLogits(name)));
  webgpuTest(
    `${what}, on WebGPU`,
    () => withBackend("webgpu", () => compareLogits(name)),
    withBindingOf(LARGEST[name] ?? 0),
  );
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
  const what = `${name} has PyTorch's loss and gradients`;
  Deno.test(`${what}, on WASM`, () => withBackend("wasm", () => trainOnThreads(name, 1)));
  webgpuTest(
    `${what}, on WebGPU`,
    () => withBackend("webgpu", () => trainOnThreads(name, 1)),
    withBindingOf(LARGEST[name] ?? 0),
    withFastCompiler,
  );
}

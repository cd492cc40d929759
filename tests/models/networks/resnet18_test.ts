import { assertEquals } from "@std/assert";
import { build, getOrThrow, resnet18 } from "@rill/rill/models";
import { backendTest, withBackend } from "../_helpers.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";
import { compareLogits, trainOnThreads } from "./_train_reference.ts";
import { threadsTest } from "../_threads.ts";
import { sample } from "../../_nightly.ts";

backendTest("resnet18 computes torchvision's logits", () => compareLogits("resnet18"));

for (const threads of sample([1, 2, 3], 3)) {
  threadsTest(
    threads,
    `resnet18 trains as in PyTorch, on WASM with ${threads} threads`,
    () => withBackend("wasm", () => trainOnThreads("resnet18", threads)),
  );
}

webgpuTest(
  "resnet18 trains as in PyTorch, on WebGPU",
  () => withBackend("webgpu", () => trainOnThreads("resnet18", 1)),
  withFastCompiler,
);

Deno.test("resnet18() has as many parameters as torchvision's", () => {
  const { layers } = getOrThrow(build(resnet18(), [224, 224, 3]));
  assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 11_689_512);
});

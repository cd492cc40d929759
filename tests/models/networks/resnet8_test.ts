import { assertEquals } from "@std/assert";
import { build, getOrThrow, resnet8 } from "@rill/rill/models";
import { backendTest, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";
import { compareLogits, trainOnThreads } from "./_train_reference.ts";
import { threadsTest } from "../_threads.ts";

backendTest("resnet8 computes PyTorch's logits", () => compareLogits("resnet8"));

for (const threads of [1, 2, 3]) {
  threadsTest(
    threads,
    `resnet8 trains as in PyTorch, on WASM with ${threads} threads`,
    () => withBackend("wasm", () => trainOnThreads("resnet8", threads)),
  );
}

webgpuTest(
  "resnet8 trains as in PyTorch, on WebGPU",
  () => withBackend("webgpu", () => trainOnThreads("resnet8", 1)),
);

Deno.test("resnet8() takes images from 8 pixels on, and has as many filters as it is told", () => {
  const count = (filters: number) =>
    getOrThrow(build(resnet8({ filters }), [28, 28, 1]))
      .layers.reduce((sum, layer) => sum + layer.parameters, 0);
  assertEquals([count(8), count(32)], [29_506, 463_594]);
  assertEquals(build(resnet8(), [8, 8, 3])._tag, "Right");
  assertEquals(build(resnet8(), [7, 8, 3])._tag, "Left");
});

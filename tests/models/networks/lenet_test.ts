import { assertEquals } from "@std/assert";
import { build, getOrThrow, lenet } from "@rill/rill/models";
import { backendTest, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";
import { compareLogits, trainOnThreads } from "./_train_reference.ts";
import { threadsTest } from "../_threads.ts";

for (const name of ["lenet", "lenet_relu"] as const) {
  backendTest(`${name} computes PyTorch's logits`, () => compareLogits(name));

  for (const threads of [1, 2, 3]) {
    threadsTest(
      threads,
      `${name} trains as in PyTorch, on WASM with ${threads} threads`,
      () => withBackend("wasm", () => trainOnThreads(name, threads)),
    );
  }

  webgpuTest(
    `${name} trains as in PyTorch, on WebGPU`,
    () => withBackend("webgpu", () => trainOnThreads(name, 1)),
  );
}

Deno.test("lenet() has as many parameters as the book's", () => {
  const { layers } = getOrThrow(build(lenet(), [28, 28, 1]));
  assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 61_706);
});

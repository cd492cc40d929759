import { assertEquals } from "@std/assert";
import { alexnet2012, build, getOrThrow } from "@rill/rill/models";
import { withBackend } from "../_helpers.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";
import { compareLogits, trainOnThreads } from "./_train_reference.ts";

Deno.test("alexnet2012 computes PyTorch's logits, on WASM", () =>
  withBackend("wasm", () => compareLogits("alexnet2012")));

webgpuTest(
  "alexnet2012 computes PyTorch's logits, on WebGPU",
  () => withBackend("webgpu", () => compareLogits("alexnet2012")),
  withFastCompiler,
);

for (const threads of [1, 2]) {
  Deno.test(`alexnet2012 trains as in PyTorch, on WASM with ${threads} threads`, () =>
    withBackend("wasm", () => trainOnThreads("alexnet2012", threads)));
}

Deno.test("alexnet2012() has as many parameters as the paper's", () => {
  const { layers } = getOrThrow(build(alexnet2012(), [227, 227, 3]));
  assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 60_965_224);
});

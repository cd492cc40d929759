import { assertEquals } from "@std/assert";
import { alexnet2012, build, getOrThrow } from "@rill/rill/models";
import { withBackend } from "../_helpers.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";
import { compareLogits, trainOnThreads } from "./_train_reference.ts";
import { threadsTest } from "../_threads.ts";
import { nightly } from "../../_nightly.ts";

Deno.test("alexnet2012 computes PyTorch's logits, on WASM", () =>
  withBackend("wasm", () => compareLogits("alexnet2012")));

// At 227 x 227 a matrix is larger than WebGPU's smallest devices bind.
webgpuTest(
  "alexnet2012 of small images computes PyTorch's logits and trains as in PyTorch, on WebGPU",
  () =>
    withBackend("webgpu", async () => {
      await compareLogits("alexnet2012_small");
      await trainOnThreads("alexnet2012_small", 1);
    }),
  withFastCompiler,
  () => nightly,
);

threadsTest(
  3,
  "alexnet2012 of small images trains as in PyTorch, on WASM with 3 threads",
  () => withBackend("wasm", () => trainOnThreads("alexnet2012_small", 3)),
);

threadsTest(
  2,
  "alexnet2012 trains as in PyTorch, on WASM with 2 threads",
  () => withBackend("wasm", () => trainOnThreads("alexnet2012", 2)),
  nightly,
);

Deno.test("alexnet2012() has as many parameters as the paper's", () => {
  const { layers } = getOrThrow(build(alexnet2012(), [227, 227, 3]));
  assertEquals(layers.reduce((sum, layer) => sum + layer.parameters, 0), 60_965_224);
});

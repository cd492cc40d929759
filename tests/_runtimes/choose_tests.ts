import type { Config } from "./host.ts";
import type { ModelTests } from "./model_tests.ts";

/** What takes most of the time: networks of millions of parameters, threads that are started again and again, and very many faults. */
const LONG = [
  "tests/models/kernels/kernels_wasm_test.ts",
  "tests/models/networks/alexnet2012_test.ts",
  "tests/models/networks/resnet18_test.ts",
  "tests/models/networks/state_dict_test.ts",
  "tests/models/networks/step_kernels_test.ts",
  "tests/models/networks/zoo_test.ts",
  "tests/models/not_finite_test.ts",
  "tests/models/parallel/parallel_test.ts",
  "tests/models/parallel/same_bits_test.ts",
  "tests/models/training/checkpoints/checkpoint_store_test.ts",
  "tests/models/training/checkpoints/damage_test.ts",
  "tests/models/training/checkpoints/object_store_test.ts",
  "tests/models/training/checkpoints/save_beside_test.ts",
  "tests/models/training/checkpoints/stale_pointer_test.ts",
  "tests/models/training/checkpoints/store_faults_test.ts",
  "tests/models/training/threads/processes_test.ts",
  "tests/models/training/threads/training_threads_test.ts",
  "tests/models/weights/decode_pth_test.ts",
];

/** Large programs, and many of them: SwiftShader takes minutes for one. */
const TOO_LONG_ON_WEBGPU = [
  "tests/models/kernels/fused_webgpu_test.ts",
  "tests/models/kernels/kernels_webgpu_test.ts",
  "tests/models/kernels/mixed_webgpu_test.ts",
  "tests/models/kernels/tuning_test.ts",
];

/** Some of the rest, of most subjects, for which it takes less than a minute. */
const SHORT_ON_WEBGPU =
  /^tests\/models\/(?:(?:empty_batch|open_backend|own_device|losses\/\w+|metrics\/\w+|layers\/(?:activations|conv2d|layer|linear|pooling)|networks\/lenet|ops\/(?:errors|reductions|shapes)|optimizers\/pytorch|training\/train_step)_test\.ts)$/;

/** Tests of these that take nearly half of their time there, each of them beside others that do much the same. */
const LONG_TESTS_ON_WEBGPU = [
  "lenet trains as in PyTorch, on WebGPU",
  "lenet_relu trains as in PyTorch, on WebGPU",
  "rules without a kernel move parameters as those with one do, on WebGPU",
  "steps and evaluations leave nothing behind, with sgd {}, on WebGPU",
  'steps and evaluations leave nothing behind, with sgd {"momentum":0.9,"dampening":0,"nesterov":0}, on WebGPU',
  "steps refuse batches whose parts don't fit each other, on WebGPU",
];

/**
 * Chooses what is run elsewhere: the files with tests that can, without those that take long, and operations in fewer shapes
 * than in Deno: what differs there is the engine. With `RILL_RUNTIMES=all` in the environment it is all that a day is long
 * enough for, in as many shapes as in Deno.
 *
 * @param files All files.
 * @param webgpu Whether the tests that use WebGPU are to run, or the others.
 */
export function chooseTests(
  files: readonly ModelTests[],
  webgpu: boolean,
): Pick<Config, "files" | "left" | "env"> {
  const all = Deno.env.get("RILL_RUNTIMES") === "all";
  const shapes = all ? Deno.env.get("RILL_SHAPES") : "1";
  const isChosen = (path: string) =>
    webgpu
      ? !TOO_LONG_ON_WEBGPU.includes(path) && (all || SHORT_ON_WEBGPU.test(path))
      : all || !LONG.includes(path);
  return {
    files: files.filter(({ path, needs }) => needs.length === 0 && isChosen(path))
      .map(({ path }) => path),
    left: webgpu && !all ? LONG_TESTS_ON_WEBGPU : [],
    env: shapes === undefined ? {} : { RILL_SHAPES: shapes },
  };
}

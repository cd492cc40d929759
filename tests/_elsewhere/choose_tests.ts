import type { Config } from "./host.ts";
import type { ModelTests } from "./model_tests.ts";

/** What takes most of the time: networks of millions of parameters. */
const LONG = [
  "tests/models/networks/alexnet2012_test.ts",
  "tests/models/networks/resnet18_test.ts",
  "tests/models/networks/zoo_test.ts",
];

/** What takes too long on a software adapter: large programs, and many of them. */
const LONG_ON_WEBGPU = [
  ...LONG,
  "tests/models/kernels/fused_webgpu_test.ts",
  "tests/models/kernels/kernels_webgpu_test.ts",
  "tests/models/kernels/mixed_webgpu_test.ts",
  "tests/models/kernels/tuning_test.ts",
];

/**
 * Chooses what is run elsewhere: the files with tests that can, without those that take long, and operations in fewer shapes
 * than in Deno: what differs there is the engine. With `RILL_ELSEWHERE=all` in the environment it is everything, in as many
 * shapes as `RILL_SHAPES` says.
 *
 * @param files All files.
 * @param webgpu Whether the tests that use WebGPU are to run, or the others.
 */
export function chooseTests(
  files: readonly ModelTests[],
  webgpu: boolean,
): Pick<Config, "files" | "env"> {
  const all = Deno.env.get("RILL_ELSEWHERE") === "all";
  const left = all ? [] : webgpu ? LONG_ON_WEBGPU : LONG;
  const shapes = all ? Deno.env.get("RILL_SHAPES") : "2";
  return {
    files: files.filter(({ path, needs }) => needs.length === 0 && !left.includes(path))
      .map(({ path }) => path),
    env: shapes === undefined ? {} : { RILL_SHAPES: shapes },
  };
}

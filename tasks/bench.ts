import { benchPipelines } from "./_bench/bench_pipelines.ts";
import { benchKernels } from "./_bench/bench_kernels.ts";
import { benchTrain } from "./_bench/bench_train.ts";
import { runOneOf } from "./_cli/run_one_of.ts";

await runOneOf("bench", "Measures what Rill does beside what others do, in one run.", {
  pipelines: benchPipelines,
  train: benchTrain,
  kernels: benchKernels,
});

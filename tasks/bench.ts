import { benchPipelines } from "./_bench/pipelines/bench_pipelines.ts";
import { benchKernels } from "./_bench/kernels/bench_kernels.ts";
import { benchTrain } from "./_bench/train/bench_train.ts";
import { runOneOf } from "./_cli/run_one_of.ts";

await runOneOf("bench", "Measures what Rill does beside what others do, in one run.", {
  pipelines: benchPipelines,
  train: benchTrain,
  kernels: benchKernels,
});

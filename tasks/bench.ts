import { benchPipelines } from "./_bench/bench_pipelines.ts";
import { benchKernels } from "./_bench/bench_kernels.ts";
import { benchTrain } from "./_bench/bench_train.ts";
import { runSubcommand } from "./_cli/run_subcommand.ts";

await runSubcommand("bench", "Measures what Rill does beside what others do, in one run.", {
  pipelines: benchPipelines,
  train: benchTrain,
  kernels: benchKernels,
});

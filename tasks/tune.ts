import { runTask } from "./_cli/run_task.ts";
import { runTuning } from "./_tune/run_tuning.ts";
import { tuneFlags } from "./_tune/tune_flags.ts";

await runTask({
  name: "tune",
  about:
    "Finds the fastest of Rill's programs on the WebGPU adapter of this machine for each of AlexNet's products in training, " +
    "and keeps the results in the cache directory; train and evaluate use them from then on. Prints a line for each " +
    "product: its speed with the usual programs, and with those found. A run's numbers may differ in their last bits from " +
    "those of a run with other programs.",
  flags: tuneFlags,
}, runTuning);

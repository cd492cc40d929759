import { runTask } from "./_cli/run_task.ts";
import { runTuning } from "./_tune/run_tuning.ts";
import { tuneFlags } from "./_tune/tune_flags.ts";

await runTask({
  name: "tune",
  about:
    "Finds out which of Rill's programs for products is the fastest on the WebGPU adapter of this machine, for each of " +
    "AlexNet's products in training, and keeps what it found in the cache directory; train and evaluate use it from then on. " +
    "Prints a line for each product: what it ran at with the usual programs, and what it runs at with those found. The " +
    "results of a run may differ in their last bits from those of one with other programs.",
  flags: tuneFlags,
}, runTuning);

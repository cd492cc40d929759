import { attempt } from "./_cli/errors.ts";
import { runTask } from "./_cli/run_task.ts";
import { pipelineFlags } from "./_pipeline/pipeline_flags.ts";
import { runPipeline } from "./_pipeline/run_pipeline.ts";

await runTask({
  name: "pipeline",
  about:
    "Runs the training input alone, without a network behind it: the training images of --data, shuffled, decoded, " +
    "resized, normalized, in batches. Prints a line for each stage: items a second, and how many it could do without waiting; the " +
    "share of time in which it works, waits for the stage before it, and waits for the one after it; and how full its " +
    "queue is. Then the bottleneck, images a second, and the most memory in use. On WebGPU training leaves resizing and " +
    "normalizing to the device, so this is not its input there.",
  flags: pipelineFlags,
}, (flags) => attempt(() => runPipeline(flags)));

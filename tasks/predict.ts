import { runTask } from "./_cli/run_task.ts";
import { predictFlags } from "./_predict/predict_flags.ts";
import { runPrediction } from "./_predict/run_prediction.ts";

await runTask({
  name: "predict",
  about:
    "Tells what is on pictures, by a network that was trained: files, folders with all pictures in them and below, - for " +
    "one on standard input, several at a time; or the images of --data. Pictures of any size and format (PNG, JPEG, WebP) are prepared as the " +
    "checkpoint says. Prints the likeliest classes of each; a picture that cannot be used is named on standard error, the " +
    "others go on, and the exit code is 1 at the end.",
  operands: "FILE|DIR|-",
  flags: predictFlags,
}, runPrediction);

import { readAhead } from "./_data/fetch/read_ahead.ts";

readAhead(Deno.args);

// All else is loaded while that is read.
const [{ runTask }, { leaveToFirst }, { runTraining }, { trainFlags }] = await Promise.all([
  import("./_cli/run_task.ts"),
  import("./_cli/say_once.ts"),
  import("./_train/run_training.ts"),
  import("./_train/train_flags.ts"),
]);

await runTask({
  name: "train",
  about:
    "Trains a classifier: by default the chapter's AlexNet on Fashion-MNIST, on a GPU with the chapter's settings, " +
    "elsewhere with a preset that takes minutes on a CPU; with --data on pictures of your own. Prints a line after each " +
    "epoch. On Fashion-MNIST the loss in it is the chapter's: the sum of the batches' mean losses over the number of " +
    "images (that is, the mean loss of an image over the batch size); elsewhere it is the mean loss of an image. The " +
    "time is that of the epoch with its evaluation.",
  flags: trainFlags,
  leaveToOther: leaveToFirst,
}, runTraining);

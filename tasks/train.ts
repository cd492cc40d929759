import { runTask } from "./_cli/run_task.ts";
import { runTraining } from "./_train/run_training.ts";
import { trainFlags } from "./_train/train_flags.ts";

await runTask({
  name: "train",
  about:
    "Trains the chapter's AlexNet on Fashion-MNIST: on a GPU with the chapter's settings, elsewhere with a preset " +
    "that takes minutes on a CPU. Prints a line after each epoch. The loss in it is the chapter's: the sum of the " +
    "batches' mean cross-entropies over the number of images (that is, the mean cross-entropy of an image over the " +
    "batch size). The time is that of the epoch with its test pass.",
  flags: trainFlags,
}, runTraining);

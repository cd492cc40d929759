import { runTask } from "./_cli/run_task.ts";
import { evaluateFlags } from "./_evaluate/evaluate_flags.ts";
import { runEvaluation } from "./_evaluate/run_evaluation.ts";

await runTask({
  name: "evaluate",
  about:
    "Evaluates a checkpoint on the test images of its data, or of any: accuracy, mean cross-entropy, precision, recall and F1 " +
    "of each class, and the confusion matrix.",
  flags: evaluateFlags,
}, runEvaluation);

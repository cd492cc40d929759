import { runTask } from "./_cli/run_task.ts";
import { reportFlags } from "./_report/report_flags.ts";
import { runReport } from "./_report/run_report.ts";

await runTask({
  name: "report",
  about:
    "Writes a page about one run or several, which is whole in one file: the curves of loss, accuracy, learning rate and speed, " +
    "the confusion matrix, the pairs of classes that are most often confused and the surest mistakes, with their pictures, the " +
    "first layer's filters, a picture on its way through the network, and the settings; of several runs the curves lie one over " +
    "the other, and settings that differ are marked. Where a run's data isn't there any more, the page has what its folder has.",
  operands: "RUN",
  flags: reportFlags,
}, runReport);

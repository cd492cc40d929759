import { booleanFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags } from "../_data/data_flags.ts";
import { evaluateFlags } from "../_evaluate/evaluate_flags.ts";

const { batchSize, backend, kernels, threads, split, testImages, workers, onBadRecord } =
  evaluateFlags;

/** The flags of the task `report`. */
export const reportFlags = {
  ...listIn("Report", {
    out: pathFlag({
      placeholder: "FILE.html",
      help: "The file to write",
      shownDefault: "report.html in the run's folder; of several runs, where you stand",
    }),
    batchSize,
    backend,
    kernels,
    threads,
    quiet: booleanFlag({ help: "Print the file's name, warnings and errors only" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    data: { ...dataFlags.data, shownDefault: "each run's own" },
    split: { ...split, help: "Which of its images to look for mistakes in" },
    testImages,
    workers,
    onBadRecord,
  }),
};

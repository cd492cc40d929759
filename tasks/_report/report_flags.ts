import { booleanFlag, choiceFlag, integerFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";
import { backendFlag, kernelsFlag } from "../_model/backend_flags.ts";

const { workers, onBadRecord } = prepareFlags;

/** The flags of the task `report`. */
export const reportFlags = {
  ...listIn("Report", {
    out: pathFlag({
      placeholder: "FILE.html",
      help: "The file to write",
      shownDefault: "report.html in the run's folder; of several runs, where you stand",
    }),
    batchSize: integerFlag({
      least: 1,
      most: 65536,
      help: "Images in a batch",
      shownDefault: "128",
    }),
    backend: backendFlag,
    kernels: kernelsFlag,
    quiet: booleanFlag({ help: "Print the file's name, warnings and errors only" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    data: { ...dataFlags.data, shownDefault: "each run's own" },
    split: choiceFlag(["test", "validation", "train"], {
      help: "Which of its images to look for mistakes in",
      shownDefault: "test; without those validation; without both all",
    }),
    testImages: integerFlag({
      least: 1,
      help: "How many of them to use: of Fashion-MNIST the first ones, of folders and tables a " +
        "part with the classes in proportion",
      shownDefault: "all, whatever the run used",
    }),
    workers,
    onBadRecord,
  }),
};

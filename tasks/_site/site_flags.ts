import { booleanFlag, integerFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";

/** The most training images that a page is given: of 28 x 28 bytes some 30 MB. */
const MOST_IMAGES = 60_000;

/** The flags of the task `site`. */
export const siteFlags = {
  ...listIn("Site", {
    out: pathFlag({
      placeholder: "DIR",
      help: "The folder to write; a site that is there goes",
      shownDefault: "site",
    }),
    weights: pathFlag({
      placeholder: "FILE|DIR|none",
      help: "The model that comes with it: a checkpoint, or a run's folder: its best",
      shownDefault: "the best of the newest run under runs/, if there is one",
    }),
    images: integerFlag({
      least: 0,
      most: MOST_IMAGES,
      help: "How many images to train on come with it; with 0 it can't be trained",
      shownDefault: "5000",
    }),
    testImages: integerFlag({
      least: 1,
      most: MOST_IMAGES,
      help: "How many images to test on and to show come with it",
      shownDefault: "500",
    }),
    serve: booleanFlag({ help: "Serve it on this machine alone, until Ctrl-C" }),
    port: integerFlag({
      least: 0,
      most: 65535,
      help: "The port to serve on; 0 for any that is free",
      shownDefault: "8000",
    }),
    quiet: booleanFlag({ help: "Print warnings and errors only" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    data: { ...dataFlags.data, shownDefault: "that of the model's run; fashion-mnist without one" },
    onBadRecord: { ...prepareFlags.onBadRecord, shownDefault: "as the run did, else fail" },
  }),
  ...listIn("Model", modelFlags),
};

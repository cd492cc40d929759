import { booleanFlag, integerFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";

/** What is used where no flag says it: what the chapter trains with. */
export const DEFAULTS = { side: 224, batchSize: 128, epochs: 1, seed: 0 } as const;

/** The flags of `deno task pipeline`. */
export const pipelineFlags = {
  ...dataFlags,
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side to which the images are resized, in pixels",
    shownDefault: `${DEFAULTS.side}`,
  }),
  batchSize: integerFlag({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: `${DEFAULTS.batchSize}`,
  }),
  images: integerFlag({
    least: 1,
    help:
      "How many of the training images to use: the first ones, or of folders and tables a part " +
      "with the classes in proportion",
    shownDefault: "all",
  }),
  epochs: integerFlag({
    least: 1,
    help: "Passes over the images",
    shownDefault: `${DEFAULTS.epochs}`,
  }),
  seed: integerFlag({
    least: 0,
    help: "Seed of the order, and of the part that is used",
    shownDefault: `${DEFAULTS.seed}`,
  }),
  ...prepareFlags,
  json: booleanFlag({ help: "Print one JSON object instead of the table" }),
  quiet: booleanFlag({ help: "Print the result and errors only" }),
};

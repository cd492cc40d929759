import { booleanFlag, integerFlag } from "../_cli/flags.ts";
import { dataDirFlag } from "../_data/fetch/ensure_dataset.ts";
import { chapter } from "../_train/train_settings.ts";

/** The flags of `deno task pipeline`. */
export const pipelineFlags = {
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side to which the images are resized, in pixels",
    shownDefault: `${chapter.side}`,
  }),
  batchSize: integerFlag({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: `${chapter.batchSize}`,
  }),
  images: integerFlag({
    least: 1,
    most: chapter.images,
    help: "How many of the training images to use, from the first on",
    shownDefault: `${chapter.images}`,
  }),
  epochs: integerFlag({ least: 1, help: "Passes over the images", shownDefault: "1" }),
  workers: integerFlag({
    least: 0,
    most: 256,
    help: "Workers that resize, beside the thread that does the rest; with 0 that thread resizes",
    shownDefault: "0",
  }),
  dataDir: dataDirFlag,
  json: booleanFlag({ help: "Print one JSON object instead of the table" }),
  quiet: booleanFlag({ help: "Print the result and errors only" }),
};

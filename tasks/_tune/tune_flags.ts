import { booleanFlag, integerFlag } from "../_cli/flags.ts";
import { chapter } from "../_train/settings/train_settings.ts";

/** Images in a batch on a software adapter, where 128 take minutes. */
export const SOFTWARE_BATCH = 8;

/** The flags of `deno task tune`. */
export const tuneFlags = {
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side of the images, in pixels",
    shownDefault: `${chapter.side}`,
  }),
  batchSize: integerFlag({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: `${chapter.batchSize}; ${SOFTWARE_BATCH} on a software adapter`,
  }),
  seconds: integerFlag({
    least: 1,
    help: "How long to search; products that were not reached by then keep the usual programs",
    shownDefault: "300",
  }),
  dryRun: booleanFlag({ help: "Keep nothing, only print the results" }),
  json: booleanFlag({ help: "Print one JSON object instead of the table" }),
  quiet: booleanFlag({ help: "Print the result and errors only" }),
};

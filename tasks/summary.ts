import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { integerFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { formatSummary } from "./_model/format_summary.ts";
import { buildForSide } from "./_model/model_config.ts";
import { chapter } from "./_train/train_settings.ts";

/** The most channels and classes: with more the sums are no longer exact. */
const MOST = 65_536;

await runTask({
  name: "summary",
  about:
    "Prints the chapter's AlexNet as a table: each layer with its settings, output shape and parameters, and the " +
    "cost of one image.",
  flags: {
    side: integerFlag({
      least: 1,
      most: 4096,
      help: "Side of the images, in pixels",
      shownDefault: `${chapter.side}`,
    }),
    channels: integerFlag({
      least: 1,
      most: MOST,
      help: "Channels of the images",
      shownDefault: "1",
    }),
    classes: integerFlag({
      least: 1,
      most: MOST,
      help: "How many classes to tell apart",
      shownDefault: "10",
    }),
  },
}, ({ side = chapter.side, channels = 1, classes = 10 }) => {
  const { dropout } = chapter;
  return pipe(
    buildForSide({ side, channels, classes, dropout }),
    E.map((network) => console.log(formatSummary(network))),
    TE.fromEither,
  );
});

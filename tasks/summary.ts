import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { summaryTable } from "../models/mod.ts";
import { choiceFlag, integerFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { buildForSide } from "./_model/model_config.ts";
import { networkNames, networks } from "./_model/networks.ts";
import { chapter } from "./_train/train_settings.ts";

/** The most channels and classes: with more the sums are no longer exact. */
const MOST = 65_536;

await runTask({
  name: "summary",
  about:
    "Prints a network as a table: each layer with its settings, output shape and parameters, and the cost of one image.",
  flags: {
    model: choiceFlag(networkNames, {
      help: "The network",
      shownDefault: "alexnet, the chapter's",
    }),
    side: integerFlag({
      least: 1,
      most: 4096,
      help: "Side of the images, in pixels",
      shownDefault: "the network's usual one, 224 for alexnet",
    }),
    channels: integerFlag({
      least: 1,
      most: MOST,
      help: "Channels of the images",
      shownDefault: "the network's usual ones, 1 for alexnet",
    }),
    classes: integerFlag({
      least: 1,
      most: MOST,
      help: "How many classes to tell apart",
      shownDefault: "the network's usual ones, 10 for alexnet",
    }),
  },
}, ({ model: name = "alexnet", ...given }) => {
  const network = networks[name];
  const { side = network.side, channels = network.channels, classes = network.classes } = given;
  const { dropout } = chapter;
  return pipe(
    buildForSide({ name, side, channels, classes, dropout }),
    E.map((built) => {
      console.log(`${network.title} for images of ${built.inputShape.join(" x ")}\n`);
      console.log(summaryTable(built));
    }),
    TE.fromEither,
  );
});

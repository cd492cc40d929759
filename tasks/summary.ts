import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { summaryTable } from "../models/mod.ts";
import { attempt } from "./_cli/errors.ts";
import { integerFlag, pathFlag, textFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { loadModel } from "./_model/load_model.ts";
import { getTitle } from "./_model/model_config.ts";
import { findNetwork, networkNames } from "./_model/networks.ts";
import { checkGraphFile, writeGraph } from "./_summary/graph_file.ts";

/** The most channels and classes: with more the sums are no longer exact. */
const MOST = 65_536;

await runTask({
  name: "summary",
  about:
    "Prints a network as a table: each layer with its settings, output shape and parameters, and the cost of one image.",
  flags: {
    model: textFlag({
      placeholder: "NAME|FILE.ts",
      help: `The network: ${networkNames.join(", ")}; or a file whose default export describes one`,
      shownDefault: "alexnet, the chapter's",
    }),
    side: integerFlag({
      least: 1,
      most: 4096,
      help: "Side of the images, in pixels",
      shownDefault: "the network's usual one, 224 for alexnet; 64 for a file's",
    }),
    channels: integerFlag({
      least: 1,
      most: MOST,
      help: "Channels of the images",
      shownDefault: "the network's usual ones, 1 for alexnet; 3 for a file's",
    }),
    classes: integerFlag({
      least: 1,
      most: MOST,
      help: "How many classes to tell apart",
      shownDefault: "the network's usual ones, 10 for alexnet and a file's",
    }),
    graph: pathFlag({
      placeholder: "FILE.svg",
      help: "Draw the network, too, as a picture in this file. A picture that is there is replaced",
      shownDefault: "none",
    }),
  },
}, ({ model: name = "alexnet", graph, ...given }) => {
  const usual = findNetwork(name) ?? { side: 64, channels: 3, classes: 10 };
  return pipe(
    attempt(() => checkGraphFile(graph)),
    TE.chain(() => loadModel({ ...usual, ...given, name })),
    TE.tapIO((built) => () => {
      console.log(`${getTitle(name)} for images of ${built.inputShape.join(" x ")}\n`);
      console.log(summaryTable(built));
    }),
    TE.chain((built) => attempt(() => writeGraph(graph, built, getTitle(name)))),
  );
});

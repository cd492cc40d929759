import { booleanFlag, pathFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { ensureDataset } from "./_data/ensure_dataset.ts";

await runTask({
  name: "data",
  about:
    "Finds Fashion-MNIST or fetches it: from the cache directory, from the system's package, from the data set's own " +
    "addresses, or out of Debian's package. The content of every file is checked.",
  flags: {
    dataDir: pathFlag({
      placeholder: "DIR",
      help: "The only folder to look in",
      shownDefault: "the cache directory, then the system's, then a download",
    }),
    quiet: booleanFlag({ help: "Print errors only" }),
  },
}, async ({ dataDir, quiet }) => {
  await ensureDataset({ dataDir, quiet, log: quiet ? () => {} : console.error });
});

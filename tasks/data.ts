import { attempt } from "./_cli/errors.ts";
import { booleanFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { dataDirFlag, ensureDataset } from "./_data/ensure_dataset.ts";

await runTask({
  name: "data",
  about:
    "Finds Fashion-MNIST or fetches it: from the cache directory, from the system's package, from the data set's own " +
    "addresses, or out of Debian's package. The content of every file is checked.",
  flags: {
    dataDir: dataDirFlag,
    quiet: booleanFlag({ help: "Print errors only" }),
  },
}, ({ dataDir, quiet }) =>
  attempt(async () => {
    await ensureDataset({ dataDir, quiet, log: quiet ? () => {} : console.error });
  }));

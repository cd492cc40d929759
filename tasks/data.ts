import { attempt } from "./_cli/errors.ts";
import { booleanFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { dataDirFlag, ensureDataset } from "./_data/fetch/ensure_dataset.ts";
import { printNote } from "./_text/print.ts";

await runTask({
  name: "data",
  about:
    "Finds Fashion-MNIST or fetches it, and checks the content of every file. It is looked for in the folder of " +
    "--data-dir or, without that, of the environment variable RILL_DATA_DIR, and then nowhere else; without both in " +
    "the cache directory ($XDG_CACHE_HOME/rill/fashion-mnist, on Linux ~/.cache/rill/fashion-mnist by default) and " +
    "where Debian's package puts it (/usr/share/datasets/fashion-mnist). What is missing is fetched into the cache " +
    "directory, from the data set's own addresses or else out of Debian's package.",
  flags: {
    dataDir: dataDirFlag,
    quiet: booleanFlag({ help: "Print errors only" }),
  },
}, ({ dataDir, quiet }) =>
  attempt(async () => {
    await ensureDataset({ dataDir, quiet, log: quiet ? () => {} : printNote });
  }));

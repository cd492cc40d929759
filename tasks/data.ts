import { attempt } from "./_cli/errors.ts";
import { runTask } from "./_cli/run_task.ts";
import { ensureDataset } from "./_data/fetch/ensure_dataset.ts";
import { lookFlags, runLook } from "./_data/look/run_look.ts";
import { printNote } from "./_text/print.ts";

await runTask({
  name: "data",
  about:
    "Looks at the data that --data names, before anything is trained on it: how many records each class has in each " +
    "split, sizes and channels, files that cannot be decoded, the same picture twice, in two classes or in two splits; " +
    "with --sheet a picture of some of each class. Without --data it finds Fashion-MNIST or fetches it, and checks the " +
    "content of every file. That is looked for in the folder of --data-dir or, without that, of the environment variable " +
    "RILL_DATA_DIR, and then nowhere else; without both in the cache directory ($XDG_CACHE_HOME/rill/fashion-mnist, on " +
    "Linux ~/.cache/rill/fashion-mnist by default) and where Debian's package puts it " +
    "(/usr/share/datasets/fashion-mnist). What is missing is fetched into the cache directory, from the data set's own " +
    "addresses or else out of Debian's package.",
  flags: lookFlags,
}, (flags) =>
  attempt(async () => {
    const { data, sheet, json, dataDir, quiet } = flags;
    if (data !== undefined || sheet !== undefined || json) return await runLook(flags);
    await ensureDataset({ dataDir, quiet, log: quiet ? () => {} : printNote });
  }));

import { readEnv } from "../../_cli/env.ts";
import { omitUndefined, pathFlag } from "../../_cli/flags.ts";
import { joinPath } from "../../_files/files.ts";
import type { Dataset, Manifest } from "./dataset.ts";
import { DatasetError, type FileProblem, formatCause, formatProblem } from "./dataset_error.ts";
import type { Patience } from "./download.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { findCacheDir } from "./find_cache_dir.ts";
import { lockDir } from "./lock_dir.ts";
import type { RunProgram } from "./run_program.ts";
import { searchDir, type SearchResult, toDataset } from "./search_dir.ts";

/** The flag that names the folder of the data set. */
export const dataDirFlag = pathFlag({
  placeholder: "DIR",
  help: "The only folder to look for the data set in",
  shownDefault: "RILL_DATA_DIR; without it the cache directory, then the system's, then a download",
});

/** Options for {@linkcode ensureDataset}. */
export interface EnsureOptions {
  /** The only folder to look in. Without it, the one that `RILL_DATA_DIR` names. */
  readonly dataDir?: string | undefined;
  /** Takes the lines that tell what is done. */
  readonly log: (line: string) => void;
  /** Whether to leave out the progress bar that a terminal gets. */
  readonly quiet?: boolean | undefined;
  /** The data set; Fashion-MNIST by default. */
  readonly manifest?: Manifest;
  /** The folder in which the system's package puts the files; the manifest's by default. */
  readonly systemDir?: string;
  /** Reads an environment variable. */
  readonly env?: (variable: string) => string | undefined;
  /** The patience of downloads. */
  readonly patience?: Patience;
  /** Runs `apt-get` and `dpkg-deb`. */
  readonly run?: RunProgram;
  /** Tells whether `apt-get` is there. */
  readonly hasApt?: () => Promise<boolean>;
}

/**
 * Finds the data set, or fetches it. The content of each file is read and checked every time, which takes a third of a
 * second: no file is trusted for its name, date or size.
 *
 * It is looked for in the given folder alone; without one in the user's cache directory and in the system package's folder.
 * Then it is downloaded, or taken out of the Debian package, into the cache directory. A damaged file is renamed there, and
 * nowhere else.
 *
 * @returns The paths of the checked files.
 * @throws {DatasetError} If the given folder lacks a good file, or no place had one.
 */
export async function ensureDataset(options: EnsureOptions): Promise<Dataset> {
  const { log, manifest = fashionMnist, env = readEnv } = options;
  const dataset = await findOrFetch(options, manifest, env);
  const { trainLabels, testLabels } = manifest.files;
  const [train, test] = [trainLabels, testLabels].map(({ items }) => items.toLocaleString("en-US"));
  log(`data: ${manifest.title}, ${train} + ${test} images, from ${dataset.dir} (checked)`);
  return dataset;
}

async function findOrFetch(
  options: EnsureOptions,
  manifest: Manifest,
  env: (variable: string) => string | undefined,
): Promise<Dataset> {
  const { log } = options;
  if (options.dataDir !== undefined) return await useGiven(options.dataDir, manifest);
  const named = env("RILL_DATA_DIR");
  if (named !== undefined) return await useGiven(named, manifest, ", which RILL_DATA_DIR names,");

  const tried: string[] = [];
  const problems: FileProblem[] = [];
  const search = async (dir: string, moveAside: boolean) => {
    const result = await searchDir(dir, manifest, { moveAside });
    for (const problem of result.problems) log(`data: ${formatProblem(problem)}`);
    problems.push(...result.problems);
    tried.push(
      `${dir}: ${result.problems.map(formatProblem).join("; ") || "not all files are there"}`,
    );
    return result;
  };

  const home = findCacheDir(env);
  const cache = home && joinPath(home, manifest.folder);
  if (cache) {
    const found = toDataset(cache, await search(cache, true));
    if (found) return found;
  }
  const systemDir = options.systemDir ?? manifest.systemDir;
  const found = toDataset(systemDir, await search(systemDir, false));
  if (found) return found;

  const toError = (more: readonly string[]) =>
    new DatasetError(
      `Cannot find or fetch ${manifest.title} as nothing had all of it: ` +
        `${
          [...tried, ...more].join("; ")
        }. Or put its four files in a folder and name it: --data-dir`,
      { problems },
    );
  if (!cache) throw toError(["no cache directory, as neither XDG_CACHE_HOME nor HOME is set"]);
  using _lock = await openCache(cache, () => log(`data: another process fills ${cache}; waiting`));
  // That other process may have fetched it.
  const before = await searchDir(cache, manifest, { moveAside: true });
  const fetchedByOther = toDataset(cache, before);
  if (fetchedByOther) return fetchedByOther;
  // Loaded where something is to be fetched, which is once on a machine.
  const { defaultPatience } = await import("./download.ts");
  const { downloadFiles } = await import("./download_files.ts");
  const refusals = await downloadFiles(cache, before.missing, manifest, {
    log,
    quiet: options.quiet ?? false,
    patience: options.patience ?? defaultPatience,
  });
  const after = await searchDir(cache, manifest, { moveAside: true });
  if (after.missing.length) {
    const { fetchWithApt } = await import("./fetch_with_apt.ts");
    const { runProgram } = await import("./run_program.ts");
    try {
      await fetchWithApt(cache, after.missing, manifest, {
        log,
        run: options.run ?? runProgram,
        ...omitUndefined({ hasApt: options.hasApt }),
      });
    } catch (error) {
      throw toError([...refusals, formatCause(error)]);
    }
  }
  const fetched = toDataset(cache, await search(cache, true));
  if (!fetched) throw toError(refusals);
  return fetched;
}

/** Uses a person's own folder, in which nothing is renamed or written. */
async function useGiven(dir: string, manifest: Manifest, origin = ""): Promise<Dataset> {
  const toError = (reason: string, problems: readonly FileProblem[] = []) =>
    new DatasetError(`Cannot use ${JSON.stringify(dir)}${origin} as the data folder as ${reason}`, {
      problems,
    });
  if (dir === "") throw toError("the name is empty");
  let folder: Deno.FileInfo;
  try {
    folder = await Deno.stat(dir);
  } catch (error) {
    throw toError(
      error instanceof Deno.errors.NotFound
        ? "there is no such folder"
        : `it cannot be read: ${formatCause(error)}`,
    );
  }
  if (!folder.isDirectory) throw toError("it is not a folder");
  const result: SearchResult = await searchDir(dir, manifest, { moveAside: false });
  const dataset = toDataset(dir, result);
  if (dataset) return dataset;
  const refused = (name: string) => result.problems.some(({ path }) => path.includes(name));
  const absent = result.missing.map((key) => manifest.files[key].name)
    .filter((name) => !refused(name));
  const reasons = result.problems.map(formatProblem);
  if (absent.length) reasons.push(`it lacks ${absent.join(", ")} (plain or .gz)`);
  throw toError(reasons.join("; "), result.problems);
}

async function openCache(cache: string, onWait: () => void): Promise<Disposable> {
  try {
    await Deno.mkdir(cache, { recursive: true });
    return await lockDir(cache, onWait);
  } catch (error) {
    throw new DatasetError(
      `Cannot write to the cache directory ${cache} as the system refuses: ${
        formatCause(error)
      }. ` +
        "Name another with XDG_CACHE_HOME, or a folder that holds the files with --data-dir",
      { cause: error },
    );
  }
}

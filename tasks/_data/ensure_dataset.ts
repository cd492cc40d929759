import { joinPath } from "../_files/files.ts";
import { readEnv } from "../_cli/env.ts";
import { findCacheDir } from "./find_cache_dir.ts";
import type { Dataset, Manifest } from "./dataset.ts";
import { DatasetError, type FileProblem, formatCause, formatProblem } from "./dataset_error.ts";
import { defaultPatience, type Patience } from "./download.ts";
import { downloadFiles } from "./download_files.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { fetchWithApt } from "./fetch_with_apt.ts";
import { lockDir } from "./lock_dir.ts";
import { type RunProgram, runProgram } from "./run_program.ts";
import { searchDir, type SearchResult, toDataset } from "./search_dir.ts";

/** Where a data set is looked for, and who is told. */
export interface EnsureOptions {
  /** The only folder to look in. Without it, the one that `RILL_DATA_DIR` names. */
  readonly dataDir?: string;
  /** Takes one line for each thing worth telling. */
  readonly log: (line: string) => void;
  /** Whether to do without the progress bar that a terminal gets. */
  readonly quiet?: boolean;
  /** The data set; Fashion-MNIST unless given. */
  readonly manifest?: Manifest;
  /** Where the system's package puts the files; the manifest says it unless given. */
  readonly systemDir?: string;
  /** Reads an environment variable. */
  readonly env?: (variable: string) => string | undefined;
  /** How patient downloads are. */
  readonly patience?: Patience;
  /** Runs `apt-get` and `dpkg-deb`. */
  readonly run?: RunProgram;
  /** Whether `apt-get` is there. */
  readonly hasApt?: () => Promise<boolean>;
}

/**
 * Finds the data set, or fetches it. The content of each file is read and checked every time: it takes a third of a
 * second, and no file is ever trusted for its name, its date or its size.
 *
 * It is looked for in the folder given, and there alone; else in the user's cache directory and where the system's
 * package puts it. Then it is downloaded, or taken out of the Debian package, into the cache directory.
 *
 * @returns Where the checked files are.
 * @throws {DatasetError} When the folder given lacks a good file, or nothing else brought one.
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
  const given = options.dataDir ?? env("RILL_DATA_DIR");
  if (given !== undefined) return await useGiven(given, manifest);

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

  const fail = (more: readonly string[]) =>
    new DatasetError(
      `Cannot find or fetch ${manifest.title} as nothing had all of it: ` +
        `${
          [...tried, ...more].join("; ")
        }. Or put its four files in a folder and name it: --data-dir`,
      { problems },
    );
  if (!cache) throw fail(["no cache directory, as neither XDG_CACHE_HOME nor HOME is set"]);
  using _lock = await openCache(cache, () => log(`data: another process fills ${cache}; waiting`));
  // That other process may have brought it.
  const before = await searchDir(cache, manifest, { moveAside: true });
  const brought = toDataset(cache, before);
  if (brought) return brought;
  const refusals = await downloadFiles(cache, before.missing, manifest, {
    log,
    quiet: options.quiet ?? false,
    patience: options.patience ?? defaultPatience,
  });
  const after = await searchDir(cache, manifest, { moveAside: true });
  if (after.missing.length) {
    try {
      await fetchWithApt(cache, after.missing, manifest, {
        log,
        run: options.run ?? runProgram,
        hasApt: options.hasApt,
      });
    } catch (error) {
      throw fail([...refusals, formatCause(error)]);
    }
  }
  const fetched = toDataset(cache, await search(cache, true));
  if (!fetched) throw fail(refusals);
  return fetched;
}

async function useGiven(dir: string, manifest: Manifest): Promise<Dataset> {
  const cannot = (reason: string, problems: readonly FileProblem[] = []) =>
    new DatasetError(`Cannot use ${JSON.stringify(dir)} as the data folder as ${reason}`, {
      problems,
    });
  if (dir === "") throw cannot("the name is empty");
  let folder: Deno.FileInfo;
  try {
    folder = await Deno.stat(dir);
  } catch (error) {
    throw cannot(
      error instanceof Deno.errors.NotFound
        ? "there is no such folder"
        : `it cannot be read: ${formatCause(error)}`,
    );
  }
  if (!folder.isDirectory) throw cannot("it is not a folder");
  const result: SearchResult = await searchDir(dir, manifest, { moveAside: true });
  const dataset = toDataset(dir, result);
  if (dataset) return dataset;
  const refused = (name: string) => result.problems.some(({ path }) => path.includes(name));
  const absent = result.missing.map((key) => manifest.files[key].name)
    .filter((name) => !refused(name));
  const reasons = result.problems.map(formatProblem);
  if (absent.length) reasons.push(`it lacks ${absent.join(", ")} (plain or .gz)`);
  throw cannot(reasons.join("; "), result.problems);
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

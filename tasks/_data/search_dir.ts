import { joinPath } from "../_files/files.ts";
import { checkFile, rejectFile } from "./check_file.ts";
import type { Dataset, DatasetFile, Manifest } from "./dataset.ts";
import { type FileProblem, formatCause } from "./dataset_error.ts";

/** What a folder holds of a data set. */
export interface SearchResult {
  /** The good files. */
  readonly files: Partial<Record<DatasetFile, string>>;
  /** The keys for which there is no good file. */
  readonly missing: readonly DatasetFile[];
  /** The files that were refused. */
  readonly problems: readonly FileProblem[];
}

/**
 * Looks for the files of a data set in a folder, gzipped and plain, and checks the content of every one it takes.
 *
 * @param moveAside Whether a file that fails its check is renamed to `*.rejected`.
 */
export async function searchDir(
  dir: string,
  manifest: Manifest,
  { moveAside }: { moveAside: boolean },
): Promise<SearchResult> {
  const problems: FileProblem[] = [];
  const unreadable = await whyUnreadable(dir);
  if (unreadable) {
    const missing = Object.keys(manifest.files) as DatasetFile[];
    return { files: {}, missing, problems: [{ path: dir, found: unreadable }] };
  }
  const entries = Object.entries(manifest.files) as [DatasetFile, Manifest["files"][DatasetFile]][];
  const found = await Promise.all(entries.map(async ([key, facts]) => {
    for (const name of [`${facts.name}.gz`, facts.name]) {
      const path = joinPath(dir, name);
      if (!await exists(path)) continue;
      const problem = await checkFile(path, facts);
      if (!problem) return [key, path] as const;
      problems.push(moveAside ? await rejectFile(problem) : problem);
    }
    return [key, undefined] as const;
  }));
  return {
    files: Object.fromEntries(found.filter(([, path]) => path)),
    missing: found.flatMap(([key, path]) => path ? [] : [key]),
    problems,
  };
}

/** The data set in `dir`, where the search found all of it. */
export const toDataset = (dir: string, result: SearchResult): Dataset | undefined =>
  result.missing.length ? undefined : { dir, files: result.files as Dataset["files"] };

async function whyUnreadable(dir: string): Promise<string | undefined> {
  try {
    await Deno.stat(dir);
  } catch (error) {
    if (!isAbsent(error)) return `it cannot be read: ${formatCause(error)}`;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    return !isAbsent(error); // A file that is there and cannot be reached is for the check to name.
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;

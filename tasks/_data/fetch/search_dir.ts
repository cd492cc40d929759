import { joinPath } from "../../_files/files.ts";
import { readChecked, rejectFile } from "./check_file.ts";
import type { CheckedFile, Dataset, DatasetFile, Manifest } from "./dataset.ts";
import { type FileProblem, formatCause } from "./dataset_error.ts";
import { takeAhead } from "./read_ahead.ts";

/** The part of a data set that a folder holds. */
export interface SearchResult {
  /** The good files. */
  readonly files: Partial<Record<DatasetFile, CheckedFile>>;
  /** The keys without a good file. */
  readonly missing: readonly DatasetFile[];
  /** The files that were refused. */
  readonly problems: readonly FileProblem[];
}

/**
 * Searches a folder for the files of a data set, gzipped and plain, and checks the content of each that it takes.
 *
 * @param moveAside Whether a file that fails its check is renamed to `*.rejected`.
 */
export async function searchDir(
  dir: string,
  manifest: Manifest,
  { moveAside }: { moveAside: boolean },
): Promise<SearchResult> {
  const problems: FileProblem[] = [];
  const unreadable = await findObstacle(dir);
  if (unreadable) {
    const missing = Object.keys(manifest.files) as DatasetFile[];
    return { files: {}, missing, problems: [{ path: dir, found: unreadable }] };
  }
  const entries = Object.entries(manifest.files) as [DatasetFile, Manifest["files"][DatasetFile]][];
  const found = await Promise.all(entries.map(async ([key, facts]) => {
    for (const name of [`${facts.name}.gz`, facts.name]) {
      const path = joinPath(dir, name);
      if (!await exists(path)) continue;
      const { content, problem } = await takeAhead(path) ?? await readChecked(path, facts);
      if (content) return [key, { path, content }] as const;
      problems.push(moveAside ? await rejectFile(problem) : problem);
    }
    return [key, undefined] as const;
  }));
  return {
    files: Object.fromEntries(found.filter(([, file]) => file)),
    missing: found.flatMap(([key, file]) => file ? [] : [key]),
    problems,
  };
}

/** Turns a search result into the data set in `dir`; `undefined` if files are missing. */
export const toDataset = (dir: string, result: SearchResult): Dataset | undefined =>
  result.missing.length ? undefined : { dir, files: result.files as Dataset["files"] };

async function findObstacle(dir: string): Promise<string | undefined> {
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
    return !isAbsent(error); // The check will name a file that is there and cannot be read.
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;

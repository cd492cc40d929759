import { DatasetError } from "../fetch/dataset_error.ts";

/** What opening a data set is given, whatever its kind. */
export interface SourceOptions {
  /** The only folder to look for Fashion-MNIST in. */
  readonly dataDir?: string | undefined;
  /** Whether to leave out progress bars. */
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly log: (line: string) => void;
  /** How many records to train on: the first ones, or of pictures a part with the classes in proportion. */
  readonly images?: number | undefined;
  /** How many records to test on, likewise. */
  readonly testImages?: number | undefined;
  /** A file with a label for each record, or with the names of the classes, where shards have none in them. */
  readonly labels?: string | undefined;
  /** The folder to keep what was counted in; Rill's in the user's cache directory by default. */
  readonly cacheDir?: string | undefined;
  /** Whether links may lead out of a folder. */
  readonly followLinks?: boolean | undefined;
}

/** Creates the error about data that cannot be used, in one line. */
export const createDataError = (spec: string, reason: string, cause?: unknown): DatasetError =>
  new DatasetError(`Cannot use ${spec} as ${reason}`, { cause });

/** Describes why a folder or file of a data set cannot be opened. */
export function describeAbsence(error: unknown, what: "folder" | "file"): string {
  if (error instanceof Deno.errors.NotFound) return `there is no such ${what}`;
  if (error instanceof Deno.errors.NotADirectory) return "it is a file, not a folder";
  return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

/**
 * Lists the names in a folder.
 *
 * @param what What entries to list; by default all.
 */
export async function listNames(
  spec: string,
  dir: string,
  what: (entry: Deno.DirEntry) => boolean = () => true,
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(dir)) if (what(entry)) names.push(entry.name);
  } catch (error) {
    throw createDataError(spec, describeAbsence(error, "folder"), error);
  }
  return names.sort();
}

// Files that a program of ours keeps under a name of its own in a folder that others use too: no link is followed from there, and what
// isn't a file is told of by what it is.
import { UsageError } from "../_cli/errors.ts";

/** Describes what is in the way of a file: a folder, a link, a device or pipe; `undefined` if there is a file, or nothing. */
export async function describeInWay(path: string): Promise<string | undefined> {
  const found = await Deno.lstat(path).catch((error) => {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  });
  return found && describeKind(found);
}

/** Describes what there is, if it is no file. */
export const describeKind = (
  { isFile, isDirectory, isSymlink }: Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink">,
): string | undefined =>
  isFile ? undefined : isSymlink ? "a link" : isDirectory ? "a folder" : "a device or pipe";

/** Something else has the name of a file of ours. */
export class InWayError extends UsageError {
  /** Makes the error. */
  constructor(readonly path: string, readonly found: string) {
    super(`Cannot use ${path} as it is ${found}, not a file: move it away, or name another folder`);
    this.name = "InWayError";
  }
}

/**
 * Opens a file, or creates it, and follows no link to another place.
 *
 * @throws {InWayError} If something else has its name.
 */
export async function openOwnFile(
  path: string,
  options: Pick<Deno.OpenOptions, "read" | "append"> = { read: true },
): Promise<Deno.FsFile> {
  while (true) {
    const found = await describeInWay(path);
    if (found !== undefined) throw new InWayError(path, found);
    try {
      // Fails where there is anything, a link that leads nowhere too.
      return await Deno.open(path, { ...options, write: true, createNew: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
    const file = await Deno.open(path, { ...options, write: true }).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    // It may have been removed meanwhile, or have become a link.
    if (file && isSameFile(await file.stat(), await lstatIfThere(path))) return file;
    file?.close();
  }
}

const lstatIfThere = (path: string): Promise<Deno.FileInfo | undefined> =>
  Deno.lstat(path).catch(() => undefined);

/** Tells whether two are one file. Where the system has no numbers of files, none can be removed while it is open. */
export const isSameFile = (own: Deno.FileInfo, found: Deno.FileInfo | undefined): boolean =>
  own.ino === null || (own.ino === found?.ino && own.dev === found.dev);

/** Tells whether an open file is still the one of a path. */
export function isStillThere(file: Pick<Deno.FsFile, "statSync">, path: string): boolean {
  try {
    return isSameFile(file.statSync(), Deno.lstatSync(path));
  } catch {
    return false;
  }
}

/** Creates a file in the place of one that is there, or of a link, but of nothing else. */
export async function replaceOwnFile(path: string): Promise<Deno.FsFile> {
  const create = () => Deno.open(path, { write: true, createNew: true });
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const found = await describeInWay(path);
    if (found !== undefined && found !== "a link") throw new InWayError(path, found);
    await Deno.remove(path);
    return await create();
  }
}

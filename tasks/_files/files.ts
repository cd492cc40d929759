import { statfs } from "node:fs/promises";
import { formatError } from "../_cli/errors.ts";

/** Joins a folder and a name to a path. Windows, too, takes a forward slash. */
export const joinPath = (dir: string, name: string): string =>
  /[/\\]$/.test(dir) ? dir + name : `${dir}/${name}`;

/** Gets how many bytes can still be written to a folder's file system, or `Infinity` if the system doesn't say. */
export async function getFreeBytes(dir: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}

/**
 * Writes a file as a whole or not at all: into a temporary file beside it, flushed to the disk, then renamed.
 *
 * @param parts The bytes, one part behind the other.
 * @throws {Error} If it cannot be written, in one line that names the path; nothing is left behind then.
 */
export async function writeFileAtomically(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      await file.sync();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new Error(`Cannot write ${path} as the system refuses: ${formatError(error)}`, {
      cause: error,
    });
  }
}

/**
 * Checks that a file can be written where a path says, before there is anything to write.
 *
 * @throws {Error} If its folder is not there, or a folder bears its name.
 */
export async function checkFolderOf(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const isFolder = (path: string) =>
    Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  const [, folder = "."] = /^(.*[/\\])[^/\\]*$/.exec(path) ?? [];
  if (!await isFolder(folder)) throw new Error(`Cannot write ${path} as there is no such folder`);
  if (await isFolder(path)) throw new Error(`Cannot write ${path} as it is a folder`);
}

/**
 * Checks that a file of some kind can be written where a path says, before there is anything to write: as `checkFolderOf` does,
 * and that it would overwrite nothing but a file of that kind.
 *
 * @param kind What such a file is called, and the bytes that it begins with.
 * @throws {Error} If something else bears its name.
 */
export async function checkOutputFile(
  path: string | undefined,
  { name, magic }: { readonly name: string; readonly magic: Uint8Array },
): Promise<void> {
  if (path === undefined) return;
  const found = await Deno.stat(path).catch(() => undefined);
  if (found && !found.isFile && !found.isDirectory) {
    throw new Error(`Cannot write ${path} as it is a device or pipe, not a file`);
  }
  await checkFolderOf(path);
  if (!found) return;
  const beginning = new Uint8Array(magic.length);
  {
    using file = await Deno.open(path);
    if (await file.read(beginning) === null) return;
  }
  if (magic.some((byte, i) => beginning[i] !== byte)) {
    throw new Error(`Cannot write ${path} as it would overwrite a file that is not ${name}`);
  }
}

/** Describes why a file cannot be read. */
export const describeReadError = (path: string, error: unknown): string =>
  error instanceof Deno.errors.NotFound
    ? `Cannot read ${path} as there is no such file`
    : `Cannot read ${path} as the system refuses: ${formatError(error)}`;

/**
 * Reads a file, but no device, which might have no end.
 *
 * @throws {Error} If it is not a file or cannot be read, in one line that names the path.
 */
export async function readOrdinaryFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (error: unknown): never => {
    throw new Error(describeReadError(path, error), { cause: error });
  };
  const { isFile, isDirectory } = await Deno.stat(path).catch(refuse);
  if (!isFile) {
    const what = isDirectory ? "a folder" : "a device or pipe";
    throw new Error(`Cannot read ${path} as it is ${what}, not a file`);
  }
  return await Deno.readFile(path).catch(refuse);
}

/** Writes a text file as a whole or not at all, as {@linkcode writeFileAtomically} does. */
export const writeTextFileAtomically = (path: string, text: string): Promise<void> =>
  writeFileAtomically(path, [new TextEncoder().encode(text)]);

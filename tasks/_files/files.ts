import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatError } from "../_cli/errors.ts";

/** Joins a folder and a name to a path. Windows, too, takes a forward slash. */
export const joinPath = (dir: string, name: string): string =>
  /[/\\]$/.test(dir) ? dir + name : `${dir}/${name}`;

/** Tells whether two paths, however written, lead to the same folder. */
export async function isSameFolder(dir: string, other: string): Promise<boolean> {
  const [one, another] = await Promise.all(
    [dir, other].map((path) => Deno.realPath(path).catch(() => path)),
  );
  return one === another;
}

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
 * @param parts The bytes, one part behind the other; what they throw is thrown on.
 * @throws {Error} If it cannot be written, in one line that names the path; nothing is left behind then, and the file stays
 * as it was.
 */
export async function writeFileAtomically(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  await replaceAtomically(path, async (temporary, run) => {
    using file = await run(() => Deno.open(temporary, { write: true, createNew: true }));
    for await (const part of parts) {
      for (let at = 0; at < part.length;) at += await run(() => file.write(part.subarray(at)));
    }
    await run(() => file.sync());
  });
}

/**
 * Has a temporary file written beside a file and puts it in its place; if that fails, nothing is left behind.
 *
 * @param write Writes the file, and has everything that the system may refuse run by its second argument.
 */
async function replaceAtomically(
  path: string,
  write: (temporary: string, run: <A>(body: () => Promise<A>) => Promise<A>) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const run = async <A>(body: () => Promise<A>): Promise<A> => {
    try {
      return await body();
    } catch (error) {
      throw createWriteError(path, error);
    }
  };
  try {
    await write(temporary, run);
    await run(() => Deno.rename(temporary, path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

const createWriteError = (path: string, cause: unknown): Error =>
  new Error(`Cannot write ${path} as the system refuses: ${formatError(cause)}`, { cause });

/**
 * Checks that a file can be written where a path says, before there is anything to write.
 *
 * @throws {Error} If its folder is not there or cannot be looked at, or a folder bears its name.
 */
export async function checkFolderOf(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const [, folder = "."] = /^(.*[/\\])[^/\\]*$/.exec(path) ?? [];
  if (!(await statToWrite(path, folder))?.isDirectory) {
    throw new Error(`Cannot write ${path} as there is no such folder`);
  }
  if ((await statToWrite(path))?.isDirectory) {
    throw new Error(`Cannot write ${path} as it is a folder`);
  }
}

/** Looks at what there is before a file is written: at its path, or another one on the way to it. */
async function statToWrite(path: string, at = path): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(at).catch((error) => {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw createWriteError(path, error);
  });
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
  const found = await statToWrite(path);
  if (found && !found.isFile && !found.isDirectory) {
    throw new Error(`Cannot write ${path} as it is a device or pipe, not a file`);
  }
  await checkFolderOf(path);
  if (!found) return;
  const beginning = new Uint8Array(magic.length);
  {
    using file = await Deno.open(path).catch((error) => {
      throw createWriteError(path, error);
    });
    if (await file.read(beginning) === null) return;
  }
  if (magic.some((byte, i) => beginning[i] !== byte)) {
    throw new Error(`Cannot write ${path} as it would overwrite a file that is not ${name}`);
  }
}

/** Describes why a file cannot be read. */
export function describeReadError(path: string, error: unknown): string {
  const { IsADirectory, NotADirectory, NotFound } = Deno.errors;
  const found = error instanceof NotFound || error instanceof NotADirectory
    ? "there is no such file"
    : error instanceof IsADirectory
    ? "it is a folder, not a file"
    : `the system refuses: ${formatError(error)}`;
  return `Cannot read ${path} as ${found}`;
}

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

/**
 * Creates a folder that must not be there yet, and those above it that are missing.
 *
 * @returns Whether it was created; not if there is something of that name.
 */
export async function createNewFolder(dir: string): Promise<boolean> {
  await Deno.mkdir(dirname(dir), { recursive: true });
  try {
    // Also where another process has the same name in mind: only one of them creates it.
    await Deno.mkdir(dir);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Copies a file as a whole or not at all. */
export async function copyFileAtomically(from: string, to: string): Promise<void> {
  await replaceAtomically(to, async (temporary, run) => {
    await run(() => Deno.copyFile(from, temporary));
    using file = await run(() => Deno.open(temporary, { write: true }));
    await run(() => file.sync());
  });
}

/** The end of a temporary file's name. */
const TEMPORARY = /\.[0-9a-f]{8}\.tmp$/;

/** Gets the name of the file for which a temporary one was written; `undefined` for a name of another form. */
export const getTemporaryTarget = (name: string): string | undefined =>
  TEMPORARY.test(name) ? name.replace(TEMPORARY, "") : undefined;

/** Writes a text file as a whole or not at all, as {@linkcode writeFileAtomically} does. */
export const writeTextFileAtomically = (path: string, text: string): Promise<void> =>
  writeFileAtomically(path, [new TextEncoder().encode(text)]);

/** Computes the SHA-256 of bytes, in lower-case hexadecimal. */
export const hashBytes = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();

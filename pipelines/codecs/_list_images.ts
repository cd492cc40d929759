import { lstatSync, realpathSync, statSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** A problem of a folder of images, to which the caller adds the folder's name. */
export class FolderProblem extends Error {}

/** A folder and its images, sorted. */
export interface ListedFolder {
  readonly path: string;
  readonly files: readonly string[];
}

/** The images that are in a folder or below it. */
export interface ListedImages {
  /** In the order of Python's `sorted(os.walk(…))`: by their whole paths. */
  readonly folders: readonly ListedFolder[];
  readonly count: number;
  /** How many files are there that are no images, hidden ones aside, and one of them. */
  readonly others: number;
  readonly other?: string | undefined;
}

/** A folder within another. */
export interface Subfolder {
  readonly name: string;
  /** Where it is, if that isn't in the other: what a link leads to. */
  readonly real?: string | undefined;
}

/** Looks into the folders of a directory. */
export interface Lister {
  /** Lists the subfolders of the directory, sorted; `named` are not left out, whatever they are called. */
  listFolders(named: ReadonlySet<string>): Promise<readonly Subfolder[]>;
  /** Lists the images of the directory, or of one of its subfolders. */
  listImages(folder?: Subfolder): Promise<ListedImages>;
  /** Refuses a file that links lead to out of the directory. */
  checkFile(path: string): Promise<void>;
}

/** Makes what looks into the folders of `dir`, and follows links out of it only if `followLinks` is `anywhere`. A signal ends the listing. */
export async function createLister(
  dir: string,
  followLinks: "inside" | "anywhere",
  signal: AbortSignal | undefined,
): Promise<Lister> {
  const root = await describeProblem(dir, dir, () => realpath(dir));
  const prefix = root.endsWith(sep) ? root : root + sep;
  /** Refuses what is outside of the directory, where `path` leads to. */
  const checkInside = (real: string, path: string): void => {
    if (followLinks === "anywhere" || real === root || real.startsWith(prefix)) return;
    throw new FolderProblem(
      `the link ${path} leads out of it, which { followLinks: "anywhere" } allows`,
    );
  };

  /** Finds out what a link, or an entry with an odd name, is: a fifth of the time that promises would take. */
  const inspect = (entry: Listed, path: string, withImages: boolean, isTwice: boolean) => {
    const { name } = entry;
    const isLink = entry.isSymbolicLink();
    const target = isLink ? follow(path) : entry;
    const isFolder = target?.isDirectory() ?? false;
    const isImage = withImages && IMAGE.test(name) && (target?.isFile() ?? true);
    // It was listed, yet nothing has this name, or only another entry: its bytes are others.
    const isMisread = name.includes(REPLACED) && (isTwice || !exists(path));
    if ((isFolder || isImage || isLink) && isMisread) {
      throw new FolderProblem(`the name of ${path} is not UTF-8, so that it cannot be read`);
    }
    if (isImage && !target) throw new FolderProblem(`the link ${path} leads nowhere`);
    const isNeeded = isFolder || (isImage && followLinks === "inside");
    const real = isLink && isNeeded ? realpathSync(path) : undefined;
    if (real !== undefined) checkInside(real, path);
    return { name, isFolder, isImage, real };
  };

  /** Lists a folder. No file is asked for that is none but a link: a folder may have a hundred thousand. */
  const list = async (path: string, withImages: boolean, named?: ReadonlySet<string>) => {
    const entries = await describeProblem(dir, path, () => readdir(path, { withFileTypes: true }));
    signal?.throwIfAborted();
    const folders: Subfolder[] = [];
    const files: string[] = [];
    const odd: Listed[] = [];
    let others = 0;
    let other: string | undefined;
    for (const entry of entries) {
      const { name } = entry;
      if (FOREIGN.test(name) && !named?.has(name)) continue;
      if (entry.isSymbolicLink() || name.includes(REPLACED)) odd.push(entry);
      else if (entry.isDirectory()) folders.push({ name });
      else if (withImages && IMAGE.test(name) && entry.isFile()) files.push(name);
      else if (others++ === 0) other = join(path, name);
    }
    const misread = odd.map(({ name }) => name).filter((name) => name.includes(REPLACED));
    const isTwice = (name: string) => misread.indexOf(name) !== misread.lastIndexOf(name);
    for (const [i, entry] of odd.entries()) {
      if (i % AT_A_TIME === AT_A_TIME - 1) {
        await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
      }
      const inner = join(path, entry.name);
      const { name, isFolder, isImage, real } = await describeProblem(
        dir,
        inner,
        () => inspect(entry, inner, withImages, isTwice(entry.name)),
      );
      if (isFolder) folders.push({ name, real });
      else if (isImage) files.push(name);
      else if (others++ === 0) other = inner;
    }
    return { folders, files: sortBy(files, (name) => name), others, other };
  };

  /** Goes through a folder and those below it; `above` are the folders on the way, which a link may lead back to. */
  const walk = async (path: string, real: string, above: readonly string[]): Promise<Walked> => {
    if (above.includes(real)) {
      throw new FolderProblem(`the link ${path} leads back to a folder above it`);
    }
    const { folders, files, others, other } = await list(path, true);
    const walked: Walked = { folders: [{ path, files }], others, other };
    const all = await mapSome(
      folders,
      (inner) =>
        walk(join(path, inner.name), inner.real ?? join(real, inner.name), [...above, real]),
    );
    for (const below of all) {
      for (const folder of below.folders) walked.folders.push(folder);
      walked.others += below.others;
      walked.other ??= below.other;
    }
    return walked;
  };

  return {
    listFolders: async (named) => sortBy((await list(dir, false, named)).folders, nameOf),
    listImages: async (folder) => {
      const { folders, others, other } = folder
        ? await walk(join(dir, folder.name), folder.real ?? join(root, folder.name), [root])
        : await walk(dir, root, []);
      const sorted = sortBy(folders, ({ path }) => path);
      const count = sorted.reduce((sum, { files }) => sum + files.length, 0);
      return { folders: sorted, count, others, other };
    },
    checkFile: async (path) => {
      if (followLinks === "inside") checkInside(await realpath(path), path);
    },
  };
}

const nameOf = ({ name }: Subfolder): string => name;

/** Applies a function to each item, some at a time: what waits for a disk or a network is not asked one by one. */
export async function mapSome<T, U>(
  items: readonly T[],
  fn: (item: T) => Promise<U>,
): Promise<readonly U[]> {
  const results: U[] = [];
  for (let at = 0; at < items.length; at += FOLDERS_AT_A_TIME) {
    results.push(...await Promise.all(items.slice(at, at + FOLDERS_AT_A_TIME).map(fn)));
  }
  return results;
}

/** Gives what a function gives, or says what is wrong with the folder or file at `path`. */
async function describeProblem<T>(
  dir: string,
  path: string,
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FolderProblem) throw error;
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: path === dir ? "there is no such folder" : `${path} is no longer there`,
      ENOTDIR: path === dir ? "it is no folder" : `${path} is no longer a folder`,
      EACCES: `there is no permission to read ${path}`,
      EPERM: `there is no permission to read ${path}`,
    };
    throw new FolderProblem(reasons[readCode(error)] ?? `it cannot be read: ${readText(error)}`, {
      cause: error,
    });
  }
}

/** The code of a system's error. */
export const readCode = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
};

/** The text of an error. */
export const readText = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The kind of a file, as the system tells it. */
interface Kind {
  isDirectory(): boolean;
  isFile(): boolean;
}

/** An entry of a folder, as the system lists it. */
interface Listed extends Kind {
  readonly name: string;
  isSymbolicLink(): boolean;
}

interface Walked {
  readonly folders: ListedFolder[];
  others: number;
  other?: string | undefined;
}

/** Finds what a link leads to; nothing where it leads nowhere. */
function follow(path: string): Kind | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(readCode(error))) return;
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Sorts by texts as Python does, by code points, where JavaScript compares 16-bit units. */
function sortBy<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  // These are the same but for what is in two units and what comes behind those.
  const isPlain = !items.some((item) => /[\ud800-\uffff]/.test(textOf(item)));
  if (!isPlain) return items.toSorted((a, b) => compareCodePoints(textOf(a), textOf(b)));
  return items.toSorted((a, b) => {
    const [x, y] = [textOf(a), textOf(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  });
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Ranks the halves of a code point above all units that are a whole one. */
const rank = (unit: number): number => unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;

/** What takes the place of bytes that are not UTF-8. */
const REPLACED = "\uFFFD";

const IMAGE = /\.(?:png|jpe?g|webp)$/i;

/** Hidden files and folders, and what systems, archives and viewers leave beside images. */
const FOREIGN =
  /^\.|^(?:@eaDir|#recycle|__MACOSX|lost\+found|\$RECYCLE\.BIN|System Volume Information|[Tt]humbs\.db|[Dd]esktop\.ini)$/;

/** How many folders are read at the same time. */
const FOLDERS_AT_A_TIME = 16;

/** How many links are followed before others get their turn: some milliseconds. */
const AT_A_TIME = 256;

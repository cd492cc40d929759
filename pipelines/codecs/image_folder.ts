/**
 * Opens a directory of images by class, in the layout of torchvision's `ImageFolder`, to be read in any order.
 *
 * @module
 */

import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { checkInteger } from "../_arguments/check_integer.ts";
import type { EncodedImage } from "../data/encoded_image.ts";
import type { IndexedSource } from "../indexed/indexed_source.ts";
import { ImageFolderError } from "./image_folder_error.ts";

export type { EncodedImage } from "../data/encoded_image.ts";
export type { IndexedSource } from "../indexed/indexed_source.ts";
export { ImageFolderError } from "./image_folder_error.ts";

/** A directory of images by class, to be read in any order. */
export interface ImageFolder extends IndexedSource<EncodedImage> {
  /** The names of the classes, which are those of the subfolders, sorted; a label is an index into them. */
  readonly classes: readonly string[];
  /** Reads the file of an index, from 0 to `length - 1`. */
  get(index: number): Promise<EncodedImage>;
}

/**
 * Opens a directory of images by class, in the layout of torchvision's `ImageFolder`: each subfolder is a class, and
 * each file in it or below it with the extension of a PNG, JPEG or WebP file an image. Classes and files have the order
 * that they have there, by code points. Other files are left out. No file is read before it is asked for.
 *
 * A link may lead to anything within the directory. One to a folder or an image outside of it is refused, so that a data
 * set from elsewhere cannot have files read that are not its own; so is one with an image's name that leads nowhere.
 * Other links are left out, as other files are. Folders and images whose names are not UTF-8 are refused, as neither Deno
 * nor Node can read them by such a name.
 *
 * Runs where there are files: in Deno, which needs `--allow-read`, and in Node.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, readIndexed } from "@rill/rill/pipelines";
 * import { imageFolder } from "@rill/rill/pipelines/image-folder";
 *
 * const dir = await Deno.makeTempDir();
 * for (const file of ["boots/1.png", "bags/1.png", "bags/2.png"]) {
 *   await Deno.mkdir(`${dir}/${file}`.slice(0, -"/1.png".length), { recursive: true });
 *   await Deno.writeFile(`${dir}/${file}`, new Uint8Array(100));
 * }
 *
 * const folder = await imageFolder(dir);
 * assertEquals(folder.classes, ["bags", "boots"]);
 * // For examples: pipe(folder, readIndexed({ seed: 1 }), decodeImage({ channels: 3 }), …).
 * const labels = (await collect(readIndexed()(folder))).map(({ label }) => label);
 * assertEquals(labels, [0, 0, 1]);
 * await Deno.remove(dir, { recursive: true });
 * ```
 *
 * @param dir The directory.
 * @returns The images. The promise is rejected with an `ImageFolderError` when the directory cannot be read, has no
 * subfolder, one without images, or what was said above.
 */
export async function imageFolder(dir: string): Promise<ImageFolder> {
  try {
    return await open(dir);
  } catch (error) {
    if (error instanceof ImageFolderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageFolderError(`it cannot be read: ${reason}`, { path: dir, cause: error });
  }
}

async function open(dir: string): Promise<ImageFolder> {
  const root = await realpath(dir);
  const makeError = (reason: string) => new ImageFolderError(reason, { path: dir });
  /** Follows links, which must not lead out of the directory. */
  const resolve = async (path: string): Promise<string> => {
    const real = await realpath(path);
    if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return real;
    throw makeError(`the link ${path} leads out of it`);
  };
  /** Finds out what an entry is, or what it leads to; `isTwice` where its folder lists another one by the same name. */
  const inspect = async (entry: Listed, path: string, isClass: boolean, isTwice: boolean) => {
    const { name } = entry;
    const isLink = entry.isSymbolicLink();
    const target = isLink ? await follow(path) : entry;
    const isFolder = target?.isDirectory() ?? false;
    // Only folders and images matter, and images only in a class.
    const isImage = isClass && IMAGE.test(name) && (target?.isFile() ?? true);
    // It was listed, yet nothing has this name, or only another entry: its bytes are others.
    const isMisread = name.includes(REPLACED) && (isTwice || !await exists(path));
    if ((isFolder || isImage || isLink) && isMisread) {
      throw makeError(`the name of ${path} is not UTF-8, so that it cannot be read`);
    }
    if (isImage && !target) throw new Error(`the link ${path} leads nowhere`);
    if (isLink && (isFolder || isImage)) await resolve(path);
    return { name, path, isFolder, isImage };
  };
  const listEntries = async (path: string, isClass: boolean): Promise<Entry[]> => {
    const entries = await readdir(path, { withFileTypes: true });
    const odd = entries.map(({ name }) => name).filter((name) => name.includes(REPLACED));
    const isTwice = (name: string) => odd.indexOf(name) !== odd.lastIndexOf(name);
    return await Promise.all(
      entries.map((entry) => inspect(entry, join(path, entry.name), isClass, isTwice(entry.name))),
    );
  };
  /**
   * Finds the images of a folder and of those below it; `above` are the folders on the way, which a link may lead back
   * to.
   */
  const findImages = async (path: string, above: readonly string[]): Promise<Folder[]> => {
    const real = await resolve(path);
    if (above.includes(real)) throw makeError(`the link ${path} leads back to a folder above it`);
    const entries = await listEntries(path, true);
    const folders: Folder[] = [{
      path,
      files: entries.filter(({ isImage }) => isImage)
        .map(({ name }) => name).sort(compareCodePoints),
    }];
    for (const entry of entries) {
      if (entry.isFolder) folders.push(...await findImages(entry.path, [...above, real]));
    }
    return folders;
  };

  const classes = (await listEntries(dir, false)).filter(({ isFolder }) => isFolder)
    .map(({ name }) => name).sort(compareCodePoints);
  if (classes.length === 0) throw makeError("it has no subfolders, which would be the classes");
  const images: { readonly path: string; readonly label: number }[] = [];
  for (const [label, name] of classes.entries()) {
    const folders = await findImages(join(dir, name), [root]);
    const before = images.length;
    for (const { path, files } of folders.sort((a, b) => compareCodePoints(a.path, b.path))) {
      for (const file of files) images.push({ path: join(path, file), label });
    }
    if (images.length === before) {
      throw makeError(`the class ${name} has no PNG, JPEG or WebP files`);
    }
  }
  return {
    classes,
    length: images.length,
    get: async (index) => {
      checkInteger(`read image ${index} of ${images.length}`, "index", index, {
        max: images.length - 1,
      });
      const { path, label } = images[index]!;
      // The file may have become a link since.
      await resolve(path);
      // Node gives an array of its own class.
      const { buffer, byteOffset, length } = await readFile(path);
      return { bytes: new Uint8Array(buffer, byteOffset, length), label, path };
    },
  };
}

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

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
  readonly isImage: boolean;
}

/** Finds what a link leads to; nothing where it leads nowhere. */
async function follow(path: string): Promise<Kind | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes((error as { code?: string }).code ?? "")) return;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** A folder and its images, sorted. */
interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

/** What takes the place of bytes that are not UTF-8. */
const REPLACED = "\uFFFD";

const IMAGE = /\.(?:png|jpe?g|webp)$/i;

/** Compares strings as Python does, by code points, where JavaScript compares 16-bit units. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (const [i, character] of x.entries()) {
    const other = y[i];
    if (other === undefined) return 1;
    const difference = character.codePointAt(0)! - other.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

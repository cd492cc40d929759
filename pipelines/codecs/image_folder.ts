/**
 * Opens a directory of images, by class in the layout of torchvision's `ImageFolder` or without classes, to be read in any
 * order.
 *
 * @module
 */

import { checkSignal } from "../_arguments/check_signal.ts";
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkInteger } from "../_arguments/check_integer.ts";
import type { EncodedImage } from "../data/encoded_image.ts";
import type { IndexedSource } from "../indexed/indexed_source.ts";
import {
  createLister,
  FolderProblem,
  type ListedFolder,
  type ListedImages,
  type Lister,
  mapSome,
  readCode,
  readText,
} from "./_list_images.ts";
import { ImageFolderError } from "./image_folder_error.ts";

export type { EncodedImage } from "../data/encoded_image.ts";
export type { IndexedSource } from "../indexed/indexed_source.ts";
export { ImageFolderError, type ImageFolderErrorFacts } from "./image_folder_error.ts";

/** Options of {@linkcode imageFolder}. */
export interface ImageFolderOptions {
  /**
   * The names of the classes, in the order of their labels, such as those of the folder that was trained on: then a subfolder
   * of another name is an error, and a class without a subfolder or without images is none. `false`: all images of
   * the directory and below it, without classes; their label is -1.
   *
   * @default {the names of the subfolders, sorted}
   */
  readonly classes?: readonly string[] | false;
  /**
   * Whether a subfolder may have no images where `classes` doesn't name it, as torchvision's `allow_empty`.
   *
   * @default {false}
   */
  readonly allowEmpty?: boolean;
  /**
   * Where links may lead: `inside` the directory, so that a data set from elsewhere cannot have files read that are not its
   * own, or `anywhere`.
   *
   * @default {"inside"}
   */
  readonly followLinks?: "inside" | "anywhere";
  /** Ends the listing of the files when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A directory of images, to be read in any order. */
export interface ImageFolder extends IndexedSource<EncodedImage> {
  /** The names of the classes, whose indices are the labels; none where they were left out. */
  readonly classes: readonly string[];
  /** The label of each index: an index into the classes, or -1 where there are none. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** The path of each index. They are put together when they are first asked for, and then kept. */
  readonly paths: readonly string[];
  /** How many files are beside the images, hidden ones aside, such as GIF or HEIC files and notes, and the path of one. */
  readonly others: { readonly count: number; readonly example?: string };
  /** Reads the file of an index, from 0 to `length - 1`. */
  get(index: number): Promise<EncodedImage>;
}

/**
 * Opens a directory of images by class, in the layout of torchvision's `ImageFolder`: each subfolder is a class, and
 * each file in it or below it with the extension of a PNG, JPEG or WebP file, upper or lower case, an image. Classes and
 * files have the order that they have there, by code points. Files are listed and nothing else: a hundred thousand take
 * about a second, and the names in memory. None is read before it is asked for.
 *
 * Unlike torchvision, it leaves out whatever is hidden (a name that begins with a dot, such as `.ipynb_checkpoints` and
 * `._1.jpg`) and what systems and archives leave behind (`@eaDir`, `__MACOSX`, `lost+found`, …); it takes neither BMP, PPM,
 * PGM nor TIFF; it refuses a link to a folder or an image outside of the directory, unless `followLinks` is `anywhere`;
 * it leaves out what isn't a file, and links that lead nowhere unless they have an image's name, which are refused; a link
 * back to a folder above it is refused, too, and so are folders and images whose names are not UTF-8, as neither Deno nor
 * Node can read them by such a name. {@linkcode decodeImage} applies an orientation in EXIF where torchvision doesn't.
 *
 * Runs where there are files: in Deno, which needs `--allow-read`, and in Node.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
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
 * assertEquals([...folder.labels], [0, 0, 1]);
 * // For examples: pipe(folder, readIndexed({ seed: 1 }), decodeImage({ channels: 3 }), …).
 * const { bytes, label, path } = await folder.get(2);
 * assertEquals([bytes.length, label, path], [100, 1, `${dir}/boots/1.png`]);
 *
 * const all = await imageFolder(dir, { classes: false });
 * assertEquals([all.length, all.classes], [3, []]);
 * await Deno.remove(dir, { recursive: true });
 * ```
 *
 * @param dir The directory.
 * @param options The classes, whether they may be empty, where links may lead, and a signal.
 * @returns The images. The promise is rejected with an {@linkcode ImageFolderError} when the directory cannot be read, has
 * no images, no subfolder, one without images or of a class that isn't among the given ones, or what was said above. So is
 * that of an image that is gone when it is asked for, or has become something else. With the signal's reason it is rejected
 * when that is aborted.
 * @throws {RangeError} When `classes` has a name twice, or `followLinks` is unknown.
 * @throws {TypeError} When the signal is no `AbortSignal`.
 */
export async function imageFolder(
  dir: string,
  { classes, allowEmpty = false, followLinks = "inside", signal }: ImageFolderOptions = {},
): Promise<ImageFolder> {
  if (classes) {
    const seen = new Set<string>();
    for (const name of classes) {
      if (seen.has(name)) {
        throw new RangeError(`Cannot open image folder ${dir} with the class ${name} twice`);
      }
      seen.add(name);
    }
  }
  if (followLinks !== "inside" && followLinks !== "anywhere") {
    throw new RangeError(
      `Cannot open image folder ${dir} with links followed ${followLinks}: ` +
        'it must be "inside" or "anywhere"',
    );
  }
  checkSignal(`open image folder ${dir}`, signal);
  signal?.throwIfAborted();
  try {
    const lister = await createLister(dir, followLinks, signal);
    const found = classes === false
      ? await findAll(lister)
      : await findByClass(lister, classes, allowEmpty);
    return makeSource(dir, lister, found);
  } catch (error) {
    if (!(error instanceof FolderProblem)) throw error;
    throw new ImageFolderError(error.message, { path: dir, cause: error.cause });
  }
}

interface Found {
  readonly classes: readonly string[];
  readonly groups: readonly { readonly label: number; readonly images: ListedImages }[];
}

async function findAll(lister: Lister): Promise<Found> {
  const images = await lister.listImages();
  if (images.count === 0) throw new FolderProblem(describeEmpty("it", images));
  return { classes: [], groups: [{ label: -1, images }] };
}

async function findByClass(
  lister: Lister,
  given: readonly string[] | undefined,
  allowEmpty: boolean,
): Promise<Found> {
  const folders = await lister.listFolders(new Set(given));
  if (folders.length === 0) {
    throw new FolderProblem(
      "it has no subfolders, which would be the classes: { classes: false } reads images without",
    );
  }
  const classes = given ?? folders.map(({ name }) => name);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const unknown = folders.map(({ name }) => name).filter((name) => !labels.has(name));
  if (unknown.length > 0) {
    const which = unknown.length === 1 ? `class ${unknown} is` : `classes ${listSome(unknown)} are`;
    throw new FolderProblem(`the ${which} not among the ${classes.length} given ones`);
  }
  const found = await mapSome(folders, async (folder) => ({
    label: labels.get(folder.name)!,
    images: await lister.listImages(folder),
  }));
  const groups = found.toSorted((a, b) => a.label - b.label);
  const empty = groups.find(({ images }) => images.count === 0);
  if (empty && !given && !allowEmpty) {
    throw new FolderProblem(describeEmpty(`the class ${classes[empty.label]}`, empty.images));
  }
  if (groups.every(({ images }) => images.count === 0)) {
    throw new FolderProblem("none of its classes has PNG, JPEG or WebP files");
  }
  return { classes, groups };
}

/** Lists names, the first few of many. */
function listSome(names: readonly string[]): string {
  const shown = names.slice(0, names.length > 6 ? 5 : -1).join(", ");
  return `${shown} and ${names.length > 6 ? `${names.length - 5} more` : names.at(-1)}`;
}

const describeEmpty = (what: string, { others, other }: ListedImages): string =>
  `${what} has no PNG, JPEG or WebP files` +
  (others === 0 ? "" : `: it has ${others} of other kinds, such as ${other}`);

function makeSource(dir: string, lister: Lister, { classes, groups }: Found): ImageFolder {
  const length = groups.reduce((sum, { images }) => sum + images.count, 0);
  const labels = new Int32Array(length);
  const folders: ListedFolder[] = [];
  /** The index of each folder's first image. */
  const starts: number[] = [];
  let count = 0;
  for (const { label, images } of groups) {
    labels.fill(label, count, count + images.count);
    for (const folder of images.folders) {
      if (folder.files.length === 0) continue;
      folders.push(folder);
      starts.push(count);
      count += folder.files.length;
    }
  }
  const pathOf = (index: number): string => {
    let [low, high] = [0, folders.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    const { path, files } = folders[low]!;
    return join(path, files[index - starts[low]!]!);
  };
  const example = groups.find(({ images }) => images.others > 0)?.images.other;
  let paths: readonly string[] | undefined;
  return {
    classes,
    others: {
      count: groups.reduce((sum, { images }) => sum + images.others, 0),
      ...example !== undefined && { example },
    },
    length,
    labels,
    get paths() {
      return paths ??= folders.flatMap(({ path, files }) => files.map((file) => join(path, file)));
    },
    get: async (index) => {
      checkInteger(`read image ${index} of ${length}`, "index", index, { max: length - 1 });
      const path = pathOf(index);
      return { bytes: await read(dir, lister, path), label: labels[index]!, path };
    },
  };
}

/** Reads an image, which may be gone, or have become something else, since the directory was opened. */
async function read(dir: string, lister: Lister, path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    let kind = await lstat(path);
    // Its folder was checked when it was listed.
    if (kind.isSymbolicLink()) [kind] = await Promise.all([stat(path), lister.checkFile(path)]);
    // A pipe would be waited for, and a device may have no end.
    if (!kind.isFile()) throw new FolderProblem("it is no longer a file");
    // Node gives an array of its own class.
    const { buffer, byteOffset, length } = await readFile(path);
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
  } catch (error) {
    const isKnown = error instanceof FolderProblem;
    const reason = isKnown ? error.message : GONE[readCode(error)] ?? readText(error);
    throw new ImageFolderError(reason, {
      path: dir,
      image: path,
      cause: isKnown ? error.cause : error,
    });
  }
}

const GONE: Readonly<Record<string, string>> = {
  ENOENT: "it is no longer there",
  ENOTDIR: "it is no longer there",
  ELOOP: "it has become a link that leads nowhere",
  EISDIR: "it is no longer a file",
  EACCES: "there is no permission to read it",
  EPERM: "there is no permission to read it",
};

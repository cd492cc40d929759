import { basename } from "node:path";
import { type ImageFolder, imageFolder } from "../../../pipelines/codecs/image_folder.ts";
import { joinPath } from "../../_files/files.ts";
import type { DataSet, IndexedSplit } from "../sets/data_set.ts";
import { createIndexedSplit, FILES_AT_A_TIME } from "../sets/splits.ts";
import { detectChannels } from "./detect_channels.ts";
import { fingerprintFiles, outlineFiles, readPicture, watchFiles } from "./files.ts";
import { createDataError, listNames, type SourceOptions } from "./source_options.ts";

/** The names that the folder of a split may have, the usual one first. */
export const SPLIT_NAMES = {
  train: ["train", "training"],
  validation: ["val", "valid", "validation"],
  test: ["test", "testing"],
} as const;

/** Opens a folder of pictures by class; with `train/` in it, and perhaps `val/` and `test/`, each of them is such a folder. */
export async function openFolder(dir: string, options: SourceOptions): Promise<DataSet> {
  const layout = await findLayout(dir);
  const train = await openPart(layout.train, options);
  const parts = [layout.validation, layout.test].filter((path) => path !== undefined);
  const names = await Promise.all(parts.map((path) => listClasses(path, train.classes, options)));
  const classes = [...new Set([...train.classes, ...names.flat()])];
  const open = async (path: string | undefined): Promise<Part | undefined> =>
    path === undefined ? undefined : await openPart(path, options, classes);
  const [validation, test] = [await open(layout.validation), await open(layout.test)];
  const opened = [train, validation, test].filter((part) => part !== undefined);
  const leftOut = [
    describeLeftOut(
      opened.map(({ others }) => others),
      (count) =>
        `${count === 1 ? "file that isn't" : "files that aren't"} named as PNG, JPEG or WebP`,
    ),
    describeLeftOut(
      opened.map(({ strays }) => ({ count: strays.length, example: strays[0] })),
      (count) => `${count === 1 ? "picture" : "pictures"} in no class's folder`,
    ),
  ].filter((text) => text !== undefined);
  return {
    spec: `folder:${dir}`,
    title: dir,
    classes,
    channels: await detectChannels(train.paths),
    train: train.split,
    ...validation && { validation: validation.split },
    ...test && { test: test.split },
    leftOut,
  };
}

/** Describes files of one kind that were left out, with the path of one; undefined where none was. */
function describeLeftOut(
  parts: readonly { readonly count: number; readonly example?: string | undefined }[],
  name: (count: number) => string,
): string | undefined {
  const count = parts.reduce((sum, { count }) => sum + count, 0);
  if (count === 0) return undefined;
  const example = parts.find(({ count }) => count > 0)?.example;
  return `${count} ${name(count)}${count === 1 ? ":" : ", such as"} ${example}`;
}

/** Where the splits of a folder are. */
interface Layout {
  readonly train: string;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
}

const isFolder = ({ name, isFile }: Deno.DirEntry): boolean => !isFile && !name.startsWith(".");

async function findLayout(dir: string): Promise<Layout> {
  const folders = await listNames(`folder:${dir}`, dir, isFolder);
  const find = (names: readonly string[]) => {
    const name = names.find((name) => folders.includes(name));
    return name && joinPath(dir, name);
  };
  const train = find(SPLIT_NAMES.train);
  // A class may be called train: then it has pictures, not folders.
  if (train !== undefined && await hasFolders(train)) {
    return { train, validation: find(SPLIT_NAMES.validation), test: find(SPLIT_NAMES.test) };
  }
  const other = find(SPLIT_NAMES.test) ?? find(SPLIT_NAMES.validation);
  if (train === undefined && other !== undefined && await hasFolders(other)) {
    throw createDataError(
      `folder:${dir}`,
      `it has no folder train beside ${basename(other)}: to use that alone, name folder:${other}`,
    );
  }
  return { train: dir };
}

async function hasFolders(dir: string): Promise<boolean> {
  for await (const entry of Deno.readDir(dir)) if (isFolder(entry)) return true;
  return false;
}

/** Lists the classes of a split; where some are not among those that are known, only if all have pictures. */
async function listClasses(
  dir: string,
  known: readonly string[],
  options: SourceOptions,
): Promise<readonly string[]> {
  const names = await listNames(`folder:${dir}`, dir, isFolder);
  return names.every((name) => known.includes(name))
    ? names
    : (await openPart(dir, options)).classes;
}

/** A split and what it is made of. */
interface Part {
  readonly split: IndexedSplit;
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  readonly others: ImageFolder["others"];
  /** The paths of pictures that lie beside the folders of the classes. */
  readonly strays: readonly string[];
}

const isPicture = ({ name, isFile }: Deno.DirEntry): boolean =>
  isFile && !name.startsWith(".") && /\.(?:png|jpe?g|webp)$/i.test(name);

async function openPart(
  dir: string,
  { followLinks = false }: SourceOptions,
  expected?: readonly string[],
): Promise<Part> {
  if ((await listNames(`folder:${dir}`, dir, isFolder)).length === 0) {
    throw createDataError(
      `folder:${dir}`,
      "it has no subfolders, which would be the classes: make a folder for each class",
    );
  }
  const folder = await imageFolder(dir, {
    followLinks: followLinks ? "anywhere" : "inside",
    ...expected && { classes: expected },
  });
  const { classes, labels, paths, others } = folder;
  const split = createIndexedSplit({
    length: folder.length,
    get: (index) => readPicture(() => folder.get(index), paths[index]!, labels[index]!),
  }, {
    labels,
    name: (index) => paths[index]!,
    concurrency: FILES_AT_A_TIME,
    fingerprint: () => fingerprintFiles(paths),
    outline: () => outlineFiles(paths),
    findChanged: watchFiles(paths),
  });
  const strays = (await listNames(`folder:${dir}`, dir, isPicture))
    .map((name) => joinPath(dir, name));
  return { split, classes, paths, others, strays };
}

import { imageFolder } from "../../../pipelines/codecs/image_folder.ts";
import { joinPath } from "../../_files/files.ts";
import { DatasetError } from "../fetch/dataset_error.ts";
import type { DataSet, IndexedSplit } from "../sets/data_set.ts";
import { createIndexedSplit, hashText } from "../sets/splits.ts";
import type { SourceOptions } from "./source_options.ts";

/** The names that the folder of a split may have, the usual one first. */
export const SPLIT_NAMES = {
  train: ["train", "training"],
  validation: ["val", "valid", "validation"],
  test: ["test", "testing"],
} as const;

/** Opens a folder of pictures by class; with `train/` in it, and perhaps `val/` and `test/`, each of them is such a folder. */
export async function openFolder(dir: string, { log }: SourceOptions): Promise<DataSet> {
  const layout = await findLayout(dir);
  const train = await openPart(layout.train);
  const { classes } = train;
  const open = async (path: string | undefined): Promise<IndexedSplit | undefined> =>
    path === undefined ? undefined : (await openPart(path, classes)).split;
  const [validation, test] = [await open(layout.validation), await open(layout.test)];
  if (classes.length === 1) {
    throw refuse(dir, `it has one class only, ${classes[0]}: a classifier needs at least two`);
  }
  const counts = [train.split, validation, test].map((split) => split?.length ?? 0);
  log(`data: ${dir}, ${classes.length} classes, ${counts.join(" + ")} pictures`);
  return {
    spec: `folder:${dir}`,
    title: dir,
    classes,
    channels: 3,
    train: train.split,
    ...validation && { validation },
    ...test && { test },
  };
}

const refuse = (dir: string, reason: string): DatasetError =>
  new DatasetError(`Cannot use folder:${dir} as ${reason}`);

/** Where the splits of a folder are. */
interface Layout {
  readonly train: string;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
}

async function findLayout(dir: string): Promise<Layout> {
  const folders: string[] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(dir)) if (!isFile) folders.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw refuse(dir, "there is no such folder");
    if (error instanceof Deno.errors.NotADirectory) throw refuse(dir, "it is a file, not a folder");
    throw error;
  }
  const find = (names: readonly string[]) => {
    const name = names.find((name) => folders.includes(name));
    return name && joinPath(dir, name);
  };
  const train = find(SPLIT_NAMES.train);
  // A class may be called train: then it has pictures, not folders.
  if (train === undefined || !await hasFolders(train)) return { train: dir };
  return { train, validation: find(SPLIT_NAMES.validation), test: find(SPLIT_NAMES.test) };
}

async function hasFolders(dir: string): Promise<boolean> {
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (!isFile && !name.startsWith(".")) return true;
  }
  return false;
}

async function openPart(
  dir: string,
  expected?: readonly string[],
): Promise<{ readonly classes: readonly string[]; readonly split: IndexedSplit }> {
  const folder = await imageFolder(dir);
  const records = await Promise.all(
    Array.from({ length: folder.length }, (_, index) => folder.get(index)),
  );
  const place = folder.classes.map((name) => expected ? expected.indexOf(name) : 0);
  const unknown = place.indexOf(-1);
  if (unknown >= 0) {
    throw refuse(
      dir,
      `its class ${folder.classes[unknown]} is not one of those trained on: ${
        expected?.join(", ")
      }`,
    );
  }
  const toLabel = (label: number) => expected ? place[label]! : label;
  const split = createIndexedSplit({
    length: folder.length,
    get: async (index) => {
      const record = await folder.get(index);
      return { ...record, label: toLabel(record.label) };
    },
  }, {
    labels: Int32Array.from(records, ({ label }) => toLabel(label)),
    name: (index) => records[index]!.path!,
    fingerprint: async () => {
      const facts = await Promise.all(records.map(async ({ path }) => {
        const { size, mtime } = await Deno.stat(path!);
        return `${path} ${size} ${mtime?.getTime()}`;
      }));
      return hashText(facts.join("\n"));
    },
  });
  return { classes: folder.classes, split };
}

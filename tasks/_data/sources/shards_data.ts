import { basename, dirname } from "node:path";
import { decodeCsv } from "../../../pipelines/formats/csv/decode_csv.ts";
import { collect } from "../../../pipelines/items/collect.ts";
import { joinPath } from "../../_files/files.ts";
import type { DataSet, SplitName } from "../sets/data_set.ts";
import { hashText, type StreamedSplit } from "../sets/splits.ts";
import { createStreamedSplit } from "../sets/streamed_split.ts";
import { indexClasses, nameClasses } from "./class_names.ts";
import { SPLIT_NAMES } from "./folder_data.ts";
import { indexShards, readShard, type ShardIndex } from "./shard_index.ts";
import { isAddress, listShards } from "./shard_names.ts";
import { createDataError, describeAbsence, type SourceOptions } from "./source_options.ts";

/** A shard with its samples' labels as numbers. */
interface LabeledShard extends ShardIndex {
  readonly numbers: Int32Array;
}

/**
 * Opens WebDataset's shards: tar files of pictures and their labels, in files of the same name (`cls`, or a `json` with a label
 * in it) or in a table. They are counted by a pass the first time, and then read as streams. Shards with `train`, `val` and
 * `test` in their names are the splits.
 */
export async function openShards(place: string, options: SourceOptions): Promise<DataSet> {
  const spec = `shards:${place}`;
  const shards = await listShards(spec, place);
  const indices = await indexShards(spec, shards, options);
  const { classes, labeled } = await labelShards(spec, indices, options.labels);
  const splits = Map.groupBy(labeled, ({ shard }) => findSplit(shard) ?? "train");
  const open = (name: SplitName): StreamedSplit | undefined => {
    const own = splits.get(name)?.filter(({ keys }) => keys.length > 0);
    return own && own.length > 0 ? createSplit(own) : undefined;
  };
  const [train, validation, test] = [open("train"), open("validation"), open("test")];
  if (!train) {
    const isOther = validation || test;
    throw createDataError(
      spec,
      isOther ? "none of its shards is one to train on" : "its shards have no PNG, JPEG or WebP",
    );
  }
  return {
    spec,
    title: basename(place),
    classes,
    channels: labeled.every(({ isGray }) => isGray) ? 1 : 3,
    train,
    ...validation && { validation },
    ...test && { test },
  };
}

/** Finds the split in the name of a shard or of its folder: `data-train-000.tar`, `val/000.tar`. */
export function findSplit(shard: string): SplitName | undefined {
  const path = isAddress(shard) ? new URL(shard).pathname : shard;
  const parts = [basename(path), basename(dirname(path))];
  const names = Object.keys(SPLIT_NAMES) as SplitName[];
  for (const part of parts) {
    const words = part.toLowerCase().split(/[^a-z]+/);
    const name = names.find((name) => SPLIT_NAMES[name].some((word) => words.includes(word)));
    if (name) return name;
  }
}

function createSplit(shards: readonly LabeledShard[]): StreamedSplit {
  const keys = shards.flatMap(({ shard, keys }) => keys.map((key) => `${shard}: ${key}`));
  return createStreamedSplit({
    parts: shards.map((one) => ({ length: one.keys.length, read: () => readPart(one) })),
    labels: Int32Array.from(shards.flatMap(({ numbers }) => [...numbers])),
    name: (index) => keys[index]!,
    fingerprint: () =>
      Promise.resolve(hashText(shards.map(({ shard, facts }) => `${shard} ${facts}`).join("\n"))),
    outline: () => Promise.resolve(hashText(shards.flatMap(({ keys }) => keys).join("\n"))),
  });
}

async function* readPart({ shard, keys, numbers }: LabeledShard) {
  let index = 0;
  for await (const { key, bytes } of readShard(shard)) {
    if (key !== keys[index]) break;
    yield { bytes, label: numbers[index]!, path: `${shard}: ${key}` };
    index++;
  }
  if (index < keys.length) {
    throw new Error(
      `Cannot read ${shard} further as it has changed since its samples were counted`,
    );
  }
}

/** Gives the samples their labels as numbers. */
async function labelShards(
  spec: string,
  indices: readonly ShardIndex[],
  file: string | undefined,
): Promise<{ readonly classes: readonly string[]; readonly labeled: readonly LabeledShard[] }> {
  const isTable = file !== undefined && /\.(?:csv|tsv)$/i.test(file);
  const table = isTable ? await readTable(spec, file) : undefined;
  const names = file !== undefined && !isTable
    ? await readNames(spec, file)
    : await findNames(indices[0]!.shard);
  const texts = indices.flatMap(({ shard, keys, labels }) =>
    keys.map((key, i) => {
      const text = table ? table.get(key) ?? table.get(basename(key)) : labels[i];
      if (text !== undefined && text !== null && text !== "") return text;
      const where = table
        ? `${file} has none`
        : "neither cls nor json has one (or give --labels FILE)";
      throw createDataError(spec, `the sample ${key} of ${shard} has no label: ${where}`);
    })
  );
  const named = names ? indexClasses(texts, names) : nameClasses(texts);
  if (typeof named === "string") {
    throw createDataError(
      spec,
      `it has the label ${named}: its last class is ${names!.length - 1}`,
    );
  }
  let at = 0;
  const labeled = indices.map((one) => ({
    ...one,
    numbers: named.labels.subarray(at, at += one.keys.length),
  }));
  return { classes: named.classes, labeled };
}

/** Reads a table of keys and labels: its first two columns. */
async function readTable(spec: string, file: string): Promise<Map<string, string>> {
  const text = await readText(spec, file);
  const separator = /\.tsv$/i.test(file) ? "\t" : ",";
  const columns = ["key", "label"] as const;
  const bytes = new Blob([text]).stream();
  try {
    const rows = await collect(
      decodeCsv({ separator, header: false, columns, source: file })(bytes),
    );
    return new Map(rows.map(({ key, label }) => [key.trim(), label.trim()]));
  } catch (error) {
    throw createDataError(spec, error instanceof Error ? error.message : String(error), error);
  }
}

const readNames = async (spec: string, file: string): Promise<string[]> =>
  toLines(await readText(spec, file));

const toLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");

async function readText(spec: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw createDataError(spec, `of ${file} ${describeAbsence(error, "file")}`, error);
  }
}

/** Finds the names of the classes in a text beside the shards. */
async function findNames(shard: string): Promise<string[] | undefined> {
  if (isAddress(shard)) return undefined;
  for (const name of ["classes.txt", "classnames.txt"]) {
    const path = joinPath(dirname(shard), name);
    const text = await Deno.readTextFile(path).catch(() => undefined);
    if (text !== undefined) return toLines(text);
  }
}

import { basename, dirname, isAbsolute, join } from "node:path";
import { CsvError } from "../../../pipelines/formats/csv/csv_error.ts";
import { decodeCsv } from "../../../pipelines/formats/csv/decode_csv.ts";
import { joinPath } from "../../_files/files.ts";
import type { DataSet, IndexedSplit, SplitName } from "../sets/data_set.ts";
import { createIndexedSplit, FILES_AT_A_TIME } from "../sets/splits.ts";
import { nameClasses } from "./class_names.ts";
import { detectChannels } from "./detect_channels.ts";
import { fingerprintFiles, outlineFiles, readPicture, watchFiles } from "./files.ts";
import { SPLIT_NAMES } from "./folder_data.ts";
import { createDataError, describeAbsence, type SourceOptions } from "./source_options.ts";

/** The names that the columns may have, in whatever case, the likeliest first. */
const COLUMNS = {
  path: ["path", "file", "image", "filename", "file_name", "filepath", "image_path", "img"],
  label: ["label", "class", "category", "target", "class_name", "label_name"],
  split: ["split", "set", "subset", "partition", "fold"],
} as const;

/** A row of a table. */
interface Row {
  readonly path: string;
  readonly label: string;
  readonly split: SplitName;
}

/**
 * Opens a table of pictures. With a column `split` it has the splits in it; a `train.csv` may have `val.csv` and `test.csv`
 * beside it. Paths are relative to the table.
 */
export async function openCsv(file: string, { log }: SourceOptions): Promise<DataSet> {
  const spec = `csv:${file}`;
  const tables = [file, ...await findSiblings(file)];
  const rows: Row[] = [];
  for (const table of tables) {
    const split = table === file ? "train" : toSplitName(stem(table))!;
    rows.push(...await readTable(spec, table, split));
  }
  if (rows.length === 0) throw createDataError(spec, "it has no rows");
  if (tables.length > 1) log(`data: with ${tables.slice(1).join(" and ")}`);
  const { classes, labels } = nameClasses(rows.map(({ label }) => label));
  const open = (name: SplitName): IndexedSplit | undefined => {
    const indices = rows.flatMap(({ split }, index) => split === name ? [index] : []);
    const paths = indices.map((index) => rows[index]!.path);
    const own = Int32Array.from(indices, (index) => labels[index]!);
    if (paths.length === 0) return undefined;
    return createIndexedSplit({
      length: paths.length,
      get: (index) => {
        const [path, label] = [paths[index]!, own[index]!];
        const read = async () => ({ bytes: await Deno.readFile(path), label, path });
        return readPicture(read, path, label);
      },
    }, {
      labels: own,
      concurrency: FILES_AT_A_TIME,
      name: (index) => paths[index]!,
      fingerprint: () => fingerprintFiles([...paths, own.join()]),
      outline: () => outlineFiles(paths),
      findChanged: watchFiles(paths),
    });
  };
  const [train, validation, test] = [open("train"), open("validation"), open("test")];
  if (!train) throw createDataError(spec, "none of its rows is of the split train");
  return {
    spec,
    title: basename(file),
    classes,
    channels: await detectChannels(rows.map(({ path }) => path)),
    train,
    ...validation && { validation },
    ...test && { test },
  };
}

const stem = (path: string): string => basename(path).replace(/\.[^.]+$/, "");

const toSplitName = (text: string): SplitName | undefined => {
  const word = text.trim().toLowerCase();
  const names = Object.keys(SPLIT_NAMES) as SplitName[];
  return names.find((name) => (SPLIT_NAMES[name] as readonly string[]).includes(word));
};

/** Finds the tables of the other splits beside that of the training set. */
async function findSiblings(file: string): Promise<string[]> {
  if (toSplitName(stem(file)) !== "train") return [];
  const siblings: string[] = [];
  for (const names of [SPLIT_NAMES.validation, SPLIT_NAMES.test]) {
    for (const name of names) {
      const path = joinPath(dirname(file), `${name}${/\.[^.]+$/.exec(file)?.[0] ?? ""}`);
      if (!await Deno.stat(path).then(({ isFile }) => isFile, () => false)) continue;
      siblings.push(path);
      break;
    }
  }
  return siblings;
}

async function readTable(spec: string, file: string, split: SplitName): Promise<Row[]> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const { isDirectory } = await Deno.stat(file);
    if (isDirectory) throw createDataError(spec, "it is a folder, not a table; is it folder:DIR?");
    bytes = await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Error && error.name === "DatasetError") throw error;
    throw createDataError(spec, describeAbsence(error, "file"), error);
  }
  const [first = ""] = new TextDecoder().decode(bytes.subarray(0, 65536)).split(/\r?\n|\r/);
  const separator = ["\t", ";", ","].find((character) => first.includes(character)) ?? ",";
  const names = first.replace(/^\uFEFF/, "").split(separator)
    .map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const find = (column: keyof typeof COLUMNS): string | undefined =>
    COLUMNS[column].flatMap((word) => names.filter((name) => name.toLowerCase() === word))[0];
  const [path, label, splitColumn] = [find("path"), find("label"), find("split")];
  // A table without a header: a picture's path and its label.
  const isBare = path === undefined && names.length === 2 &&
    /\.(?:png|jpe?g|webp)$/i.test(names[0]!);
  if (!isBare && (path === undefined || label === undefined)) {
    const lacking = path === undefined ? "path" : "label";
    throw createDataError(
      spec,
      `${file} has no column of ${lacking}s, which would be named ${
        COLUMNS[lacking].join(", ")
      }: ` +
        `its columns are ${names.join(", ")}`,
    );
  }
  const rows: Row[] = [];
  const table = decodeCsv<string>({
    separator,
    source: file,
    ...isBare && { header: false, columns: ["path", "label"] },
  })(new Blob([bytes]).stream());
  try {
    for await (const row of table) {
      const own = splitColumn === undefined ? split : toSplitName(row[splitColumn] ?? "");
      if (own === undefined) {
        const found = JSON.stringify(row[splitColumn!]);
        const place = `row ${rows.length + 1} of ${file}`;
        throw createDataError(
          spec,
          `the split of ${place} is ${found}: train, val or test is needed`,
        );
      }
      const given = row[path ?? "path"]!.trim();
      const named = row[label ?? "label"]!.trim();
      if (given === "" || named === "") {
        const lacking = given === "" ? "path" : "label";
        throw createDataError(spec, `row ${rows.length + 1} of ${file} has no ${lacking}`);
      }
      rows.push({
        path: isAbsolute(given) ? given : join(dirname(file), given),
        label: named,
        split: own,
      });
    }
  } catch (error) {
    if (error instanceof CsvError) throw createDataError(spec, error.message, error);
    throw error;
  }
  return rows;
}

import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import { type IdxExamples, idxExamples } from "../../../pipelines/codecs/idx_examples.ts";
import { joinPath } from "../../_files/files.ts";
import { classes as fashionClasses, fashionMnist } from "../fetch/fashion_mnist.ts";
import { openIdx } from "../fetch/open_idx.ts";
import type { DataSet } from "../sets/data_set.ts";
import { createIndexedSplit } from "../sets/splits.ts";
import { fingerprintFiles, openLater, outlineFiles } from "./files.ts";
import {
  createDataError,
  describeAbsence,
  listNames,
  type SourceOptions,
} from "./source_options.ts";

/** The names of IDX files, of whichever set: `train-images-idx3-ubyte.gz`, `emnist-letters-test-labels-idx1-ubyte`. */
const FILE = /^(?:(.+)-)?(train|test|t10k)-(images|labels)[-.]idx\d-(?:ubyte|int)(?:\.gz)?$/;

/** The paths of a set's files by split and content, as in `trainImages`. */
type Files = Partial<Record<`${"train" | "test"}-${"images" | "labels"}`, string>>;

const digits = [..."0123456789"];
const capitals = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** The classes of EMNIST's sets (Cohen et al., 2017). Where letters are merged, the small ones left are those that differ. */
const EMNIST: Readonly<Record<string, readonly string[]>> = {
  digits,
  mnist: digits,
  letters: capitals.map((letter) => letter.toLowerCase()),
  byclass: [...digits, ...capitals, ...capitals.map((letter) => letter.toLowerCase())],
  bymerge: [...digits, ...capitals, ..."abdefghnqrt"],
  balanced: [...digits, ...capitals, ..."abdefghnqrt"],
};

/** The ten hiragana of KMNIST (Clanuwat et al., 2018), romanized. */
const KMNIST = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];

/**
 * Opens a folder of IDX files: MNIST, KMNIST, EMNIST or QMNIST under their own names, gzipped or plain. Of several sets in it
 * one is named behind the folder: `idx:emnist/emnist-letters`.
 */
export async function openIdxFolder(
  place: string,
  { log, images, testImages }: SourceOptions,
): Promise<DataSet> {
  const spec = `idx:${place}`;
  const { dir, set, files } = await findSet(spec, place);
  const kind = /^emnist-(\w+)$/.exec(set)?.[1];
  const isEmnist = kind !== undefined && Object.hasOwn(EMNIST, kind);
  const options = { transpose: isEmnist, firstLabel: kind === "letters" ? 1 : 0 };
  const open = async (split: "train" | "test", limit = Infinity) => {
    const [images, labels] = [files[`${split}-images`]!, files[`${split}-labels`]!];
    try {
      const both = { images: openLater(images), labels: openLater(labels) };
      return { examples: await idxExamples(both, { ...options, limit }), paths: [images, labels] };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw createDataError(spec, `${images} and ${labels} cannot be read: ${reason}`, error);
    }
  };
  const train = await open("train", images);
  const test = files["test-images"] && files["test-labels"]
    ? await open("test", testImages)
    : undefined;
  if (isEmnist) {
    log("data: EMNIST is stored with rows and columns exchanged; its images are put upright");
  }
  const found = await findClasses(dir, kind, files);
  const most = [train, test].reduce(
    (most, part) => part ? part.examples.labels.reduce((a, b) => Math.max(a, b), most) : most,
    -1,
  );
  if (found && most >= found.length) {
    throw createDataError(spec, `it has the label ${most}: its last class is ${found.length - 1}`);
  }
  const classes = found ?? Array.from({ length: Math.max(most + 1, 0) }, (_, i) => `${i}`);
  const toSplit = ({ examples, paths }: { examples: IdxExamples; paths: string[] }) =>
    createIndexedSplit(examples, {
      labels: examples.labels,
      size: examples,
      fingerprint: () => fingerprintFiles([...paths, `${examples.length}`]),
      outline: () => outlineFiles(paths),
    });
  return {
    spec,
    title: basename(place),
    classes,
    channels: train.examples.channels === 3 ? 3 : 1,
    train: toSplit(train),
    ...test && { test: toSplit(test) },
  };
}

/** Finds the files of the set that is meant. */
async function findSet(
  spec: string,
  place: string,
): Promise<{ readonly dir: string; readonly set: string; readonly files: Files }> {
  const isFolder = await Deno.stat(place).then(({ isDirectory }) => isDirectory, () => false);
  const [dir, wanted] = isFolder ? [place, undefined] : [dirname(place), basename(place)];
  const sets = new Map<string, Files>();
  const isThere = await Deno.stat(dir).then(() => true, () => false);
  for (const name of isThere ? await listNames(spec, dir) : []) {
    const [, set = "", split, content] = FILE.exec(name) ?? [];
    if (split === undefined) continue;
    const files = sets.get(set) ?? {};
    sets.set(set, files);
    files[`${split === "train" ? "train" : "test"}-${content as "images"}`] ??= joinPath(dir, name);
  }
  if (!isFolder && !sets.has(wanted!)) {
    const others = [...sets.keys()].filter((set) => set !== "");
    throw createDataError(
      spec,
      others.length > 0
        ? `there is no set ${wanted}, but ${others.join(", ")}`
        : describeAbsence(new Deno.errors.NotFound(), "folder"),
    );
  }
  const complete = [...sets].filter(([set, files]) =>
    (wanted === undefined || set === wanted) && files["train-images"] && files["train-labels"]
  );
  const [found] = complete;
  if (!found) {
    const lacking = sets.size > 0 ? "a pair of files is incomplete: it" : "it";
    throw createDataError(
      spec,
      `${lacking} must hold train-images-idx3-ubyte and train-labels-idx1-ubyte, and perhaps those ` +
        "of t10k or test, with the set's name before them or not, gzipped or plain",
    );
  }
  if (complete.length > 1) {
    const names = complete.map(([set]) => set || "the one without a name").join(", ");
    throw createDataError(
      spec,
      `it holds several sets (${names}): name one, as in idx:${joinPath(dir, complete.at(-1)![0])}`,
    );
  }
  return { dir, set: found[0], files: found[1] };
}

/** Finds the names of the classes, as far as they are known; a text of names in the folder goes before. */
async function findClasses(
  dir: string,
  kind: string | undefined,
  files: Files,
): Promise<readonly string[] | undefined> {
  const text = await Deno.readTextFile(joinPath(dir, "classes.txt")).catch(() => undefined);
  if (text !== undefined) return text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (kind !== undefined) return EMNIST[kind];
  if (/kmnist|kuzushiji/i.test(basename(await Deno.realPath(dir)))) return KMNIST;
  const hash = createHash("sha256");
  for await (const chunk of await openIdx(files["train-labels"]!)) hash.update(chunk);
  return hash.digest("hex") === fashionMnist.files.trainLabels.sha256 ? fashionClasses : undefined;
}

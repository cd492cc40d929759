import { basename } from "node:path";
import { type CifarExamples, cifarExamples } from "../../../pipelines/codecs/cifar_examples.ts";
import { joinPath } from "../../_files/files.ts";
import type { DataSet } from "../sets/data_set.ts";
import { createIndexedSplit } from "../sets/splits.ts";
import { fingerprintFiles, openLater, outlineFiles } from "./files.ts";
import { createDataError, listNames, type SourceOptions } from "./source_options.ts";

/** The files of one of the two, and what its archive calls its folder. */
interface Version {
  readonly version: 10 | 100;
  readonly label: "fine" | "coarse";
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: string;
  /** The text of the classes' names. */
  readonly names: string;
  /** The names where that is missing. */
  readonly classes: readonly string[];
}

const VERSION_100 = {
  version: 100,
  folder: "cifar-100-binary",
  train: ["train.bin"],
  test: "test.bin",
} as const;

const count = (length: number) => Array.from({ length }, (_, i) => `${i}`);

/** CIFAR-10 and CIFAR-100, the latter by its classes and by its superclasses. */
const VERSIONS: Readonly<Record<"cifar10" | "cifar100" | "cifar100-coarse", Version>> = {
  cifar10: {
    version: 10,
    label: "fine",
    folder: "cifar-10-batches-bin",
    train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
    test: "test_batch.bin",
    names: "batches.meta.txt",
    classes: [
      "airplane",
      "automobile",
      "bird",
      "cat",
      "deer",
      "dog",
      "frog",
      "horse",
      "ship",
      "truck",
    ],
  },
  cifar100: {
    ...VERSION_100,
    label: "fine",
    names: "fine_label_names.txt",
    classes: count(100),
  },
  "cifar100-coarse": {
    ...VERSION_100,
    label: "coarse",
    names: "coarse_label_names.txt",
    classes: count(20),
  },
};

/** Creates the function that opens a folder with the binary version of CIFAR-10 or CIFAR-100, or the folder above it. */
export const openCifar =
  (kind: keyof typeof VERSIONS) =>
  async (place: string, { images, testImages }: SourceOptions): Promise<DataSet> => {
    const spec = `${kind}:${place}`;
    const { version, label, folder, train, test, names, classes } = VERSIONS[kind];
    const isInside = (await listNames(spec, place)).includes(folder);
    const dir = isInside ? joinPath(place, folder) : place;
    const found = isInside ? await listNames(spec, dir) : await listNames(spec, place);
    const missing = train.filter((name) => !found.includes(name));
    if (missing.length > 0) {
      const isPython = found.some((name) => /^data_batch_1$|^train$|python/.test(name));
      const hint = isPython ? "; these are files of the Python version" : "";
      throw createDataError(spec, `the binary version has ${missing.join(", ")} in it${hint}`);
    }
    const open = async (files: readonly string[], limit = Infinity) => {
      const paths = files.map((name) => joinPath(dir, name));
      const contents = paths.map(openLater);
      try {
        return { paths, examples: await cifarExamples(contents, { version, label, limit }) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw createDataError(spec, `${paths.join(", ")} cannot be read: ${reason}`, error);
      }
    };
    const toSplit = ({ paths, examples }: { paths: string[]; examples: CifarExamples }) =>
      createIndexedSplit(examples, {
        labels: examples.labels,
        size: { height: 32, width: 32 },
        fingerprint: () => fingerprintFiles([...paths, `${examples.length} ${label}`]),
        outline: () => outlineFiles(paths),
      });
    const trainSet = toSplit(await open(train, images));
    const testSet = found.includes(test) ? toSplit(await open([test], testImages)) : undefined;
    const text = await Deno.readTextFile(joinPath(dir, names)).catch(() => "");
    const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
    return {
      spec,
      title: basename(place),
      classes: lines.length === classes.length ? lines : classes,
      channels: 3,
      train: trainSet,
      ...testSet && { test: testSet },
    };
  };

import { omitUndefined } from "../../_cli/flags.ts";
import type { DataSet } from "../sets/data_set.ts";
import { createIndexedSplit, hashText } from "../sets/splits.ts";
import { ensureDataset } from "../fetch/ensure_dataset.ts";
import { classes, fashionMnist } from "../fetch/fashion_mnist.ts";
import { openSplit } from "../fetch/open_split.ts";
import type { SourceOptions } from "./source_options.ts";

/** Opens Fashion-MNIST, which is found or fetched, and checked. */
export async function openFashionMnist(
  { dataDir, quiet, log, images, testImages }: SourceOptions,
): Promise<DataSet> {
  const dataset = await ensureDataset({ dataDir, quiet, log });
  const open = (split: "train" | "test", limit: number | undefined) => {
    const source = openSplit(dataset, split, omitUndefined({ limit }));
    const { sha256 } = fashionMnist.files[`${split}Images`];
    return createIndexedSplit(source, {
      labels: source.labels,
      size: { height: 28, width: 28 },
      // The content was compared with this hash.
      fingerprint: () => Promise.resolve(hashText(`${sha256} ${source.length}`)),
    });
  };
  return {
    spec: "fashion-mnist",
    title: fashionMnist.title,
    classes,
    channels: 1,
    train: open("train", images),
    test: open("test", testImages),
  };
}

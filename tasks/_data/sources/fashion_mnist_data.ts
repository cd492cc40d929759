import type { Example } from "../../../pipelines/mod.ts";
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
  const open = async (split: "train" | "test", limit: number | undefined) => {
    const source = await openSplit(dataset, split, omitUndefined({ limit }));
    const { sha256 } = fashionMnist.files[`${split}Images`];
    return createIndexedSplit(source, {
      labels: Uint8Array.from(
        { length: source.length },
        (_, index) => (source.get(index) as Example).label,
      ),
      size: { height: 28, width: 28 },
      // The content was compared with this hash.
      fingerprint: () => Promise.resolve(hashText(`${sha256} ${source.length}`)),
    });
  };
  const [train, test] = await Promise.all([open("train", images), open("test", testImages)]);
  return { spec: "fashion-mnist", title: fashionMnist.title, classes, channels: 1, train, test };
}

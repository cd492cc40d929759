// The worker that reads and checks files of Fashion-MNIST: see `read_ahead.ts`.
import { readChecked, type ReadFile } from "./check_file.ts";
import type { DatasetFile } from "./dataset.ts";
import { fashionMnist } from "./fashion_mnist.ts";

/** What the worker answers for each file. */
export interface CheckReply {
  readonly key: DatasetFile;
  readonly read: ReadFile;
}

const scope = globalThis as unknown as {
  postMessage(reply: CheckReply, transfer: ArrayBuffer[]): void;
  onmessage: (event: MessageEvent<Readonly<Record<DatasetFile, string>>>) => void;
};

scope.onmessage = async ({ data: paths }) => {
  await Promise.all(
    (Object.entries(paths) as [DatasetFile, string][]).map(async ([key, path]) => {
      const read = await readChecked(path, fashionMnist.files[key]);
      scope.postMessage({ key, read }, read.content ? [read.content.buffer] : []);
    }),
  );
};

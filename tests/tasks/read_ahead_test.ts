import { assert, assertEquals } from "@std/assert";
import { readChecked } from "../../tasks/_data/fetch/check_file.ts";
import type { Dataset, DatasetFile } from "../../tasks/_data/fetch/dataset.ts";
import { fashionMnist } from "../../tasks/_data/fetch/fashion_mnist.ts";
import { openSplit } from "../../tasks/_data/fetch/open_split.ts";
import { readAhead, takeAhead } from "../../tasks/_data/fetch/read_ahead.ts";
import { startWorkers } from "../../tasks/_train/workers/run_workers.ts";
import { fakeDataset } from "./_fake_dataset.ts";

/** Runs a body with a folder that `RILL_DATA_DIR` names, whose files are of another data set. */
async function withData(body: (paths: Record<DatasetFile, string>) => Promise<void>) {
  const dir = await Deno.makeTempDir();
  const before = Deno.env.get("RILL_DATA_DIR");
  try {
    const paths = Object.entries(fashionMnist.files)
      .map(([key, { name }]) => [key, `${dir}/${name}`]);
    for (const [key, path] of paths) await Deno.writeTextFile(path!, `no ${key}`);
    Deno.env.set("RILL_DATA_DIR", dir);
    await body(Object.fromEntries(paths));
  } finally {
    if (before === undefined) Deno.env.delete("RILL_DATA_DIR");
    else Deno.env.set("RILL_DATA_DIR", before);
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readAhead() reads and checks the files in a worker as they are read and checked here, once", () =>
  withData(async (paths) => {
    readAhead(["--epochs", "3"]);
    for (const [key, path] of Object.entries(paths) as [DatasetFile, string][]) {
      const read = await takeAhead(path);
      assert(read?.problem?.isWrong);
      assertEquals(read, await readChecked(path, fashionMnist.files[key]));
      assertEquals(await takeAhead(path), undefined);
    }
  }));

Deno.test("readAhead() reads nothing where a command line may mean other data, or a file is absent", () =>
  withData(async (paths) => {
    const others = ["--data=csv:a.csv", "--data-dir", "--resume", "--config", "-h", "--version"];
    for (const arg of others) readAhead(["--epochs", "3", arg]);
    await Deno.remove(paths.testLabels);
    readAhead([]);
    for (const path of Object.values(paths)) assertEquals(await takeAhead(path), undefined);
  }));

Deno.test("openSplit() gives views of what was read, and of a few examples a copy", async () => {
  const { plain } = await fakeDataset();
  const files = Object.fromEntries(
    Object.entries(plain).map(([key, content]) => [key, { path: key, content }]),
  ) as Dataset["files"];
  const all = openSplit({ files }, "train");
  assertEquals([all.length, ...all.labels], [5, ...plain.trainLabels.subarray(8)]);
  assertEquals(all.get(4), {
    image: { data: plain.trainImages.subarray(16 + 24), height: 2, width: 3, channels: 1 },
    label: plain.trainLabels[8 + 4]!,
  });
  assert((await all.get(0)).image.data.buffer === plain.trainImages.buffer);
  const few = openSplit({ files }, "train", { limit: 1 });
  assertEquals([few.length, few.labels.length], [1, 1]);
  const { image: { data }, ...rest } = await few.get(0);
  assertEquals(
    { image: { data, height: 2, width: 3, channels: 1 }, label: rest.label },
    await all.get(0),
  );
  assertEquals(data.buffer.byteLength, 6);
});

Deno.test("startWorkers() starts a worker for each thread but the first, and one that saves", () => {
  const made: { url: string; isEnded: boolean }[] = [];
  const { Worker } = globalThis;
  globalThis.Worker = class {
    readonly own: { url: string; isEnded: boolean };
    constructor(url: string | URL) {
      made.push(this.own = { url: String(url).split("/").at(-1)!, isEnded: false });
    }
    terminate() {
      this.own.isEnded = true;
    }
  } as unknown as typeof Worker;
  try {
    const workers = startWorkers(3);
    const names = () => made.map(({ url }) => url);
    const begun = ["training_worker.ts", "training_worker.ts", "saving_worker.ts"];
    assertEquals(names(), begun);
    workers.takeThread();
    assertEquals(names(), begun);
    workers.release();
    assertEquals(made.filter(({ isEnded }) => isEnded).length, 2);
    // A training that begins again has others.
    workers.takeThread();
    workers.takeSaver();
    assertEquals(names(), [...begun, "training_worker.ts", "saving_worker.ts"]);
  } finally {
    globalThis.Worker = Worker;
  }
});

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { collect, type Example, StageError } from "@rill/rill/pipelines";
import { type DataSet, openData, type OpenDataOptions } from "../../tasks/_data/open_data.ts";
import { createBadRecords, prepareImages } from "../../tasks/_data/prepare_images.ts";
import type { Split } from "../../tasks/_data/sets/data_set.ts";
import { gzip } from "./_fake_dataset.ts";
import { idx, idxFiles, picture, png, tar, writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

async function open(spec: string, options: Partial<OpenDataOptions> = {}): Promise<DataSet> {
  const cacheDir = ""; // Nothing is kept.
  const data = await openData(spec, { log: () => {}, quiet: true, cacheDir, ...options })();
  if (data._tag === "Left") throw data.left;
  return data.right;
}

/** Expects an error of one line. */
async function assertRefuses(spec: string, message: string, options = {}): Promise<void> {
  const error = await assertRejects(() => open(spec, options), Error);
  assertStringIncludes(error.message, message);
  assert(!error.message.includes("\n"), error.message);
}

const AS_STORED = { seed: 0, epoch: 0, shuffle: false };
const PREPARED = { side: 6, channels: 1, resize: "stretch", orientation: "apply" } as const;

/** Reads a split to examples of the stored size. */
const read = (split: Split, order = AS_STORED): Promise<Example<Uint8Array<ArrayBuffer>>[]> =>
  collect(prepareImages(PREPARED)(split.read(order)));

/** The pictures of two classes, a to train on and b to test on, sorted by class. */
const TRAIN = [[1, 0], [2, 0], [3, 0], [4, 1], [5, 1]] as const;
const TEST = [[6, 0], [7, 1]] as const;

/** Writes the same pictures in every form. */
async function writeForms(dir: string): Promise<void> {
  const pngs = Object.fromEntries(
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(async (n) => [n, await png(n)] as const)),
  );
  const sample = (n: number, label: number) => ({
    [`${n}.cls`]: `${label}`,
    [`${n}.png`]: pngs[n]!,
  });
  await writeFiles(dir, {
    ...Object.fromEntries(TRAIN.map(([n, label]) => [`folder/train/${label}/${n}.png`, pngs[n]!])),
    ...Object.fromEntries(TEST.map(([n, label]) => [`folder/test/${label}/${n}.png`, pngs[n]!])),
    "all.csv": [
      "file,class,split",
      ...TRAIN.map(([n, label]) => `folder/train/${label}/${n}.png,${label},train`),
      ...TEST.map(([n, label]) => `folder/test/${label}/${n}.png,${label},test`),
    ].join("\n"),
    "tables/train.csv": TRAIN.map(([n, l]) => `../folder/train/${l}/${n}.png,${l}\n`).join(""),
    "tables/test.csv": TEST.map(([n, l]) => `../folder/test/${l}/${n}.png,${l}\n`).join(""),
    "shards/train-0.tar": await tar({ ...sample(1, 0), ...sample(2, 0), ...sample(3, 0) }),
    "shards/train-1.tar": await tar({
      "4.json": '{"label": 1}',
      "4.png": pngs[4]!,
      "5.png": pngs[5]!,
      "5.json": '{"caption": "five", "label": "1"}',
    }),
    "shards/test.tar": await tar({ ...sample(6, 0), ...sample(7, 1) }),
    ...Object.fromEntries(
      Object.entries({ ...idxFiles("train", TRAIN), ...idxFiles("t10k", TEST) })
        .map(([name, bytes]) => [`idx/${name}`, bytes]),
    ),
  });
  for (const name of ["train-0", "train-1", "test"]) {
    const bytes = await Deno.readFile(`${dir}/shards/${name}.tar`);
    await writeFiles(dir, { [`zipped/${name}.tar.gz`]: await gzip(bytes) });
  }
}

Deno.test("openData() gives the same records of every form, in the same order", () =>
  withFolder(async (dir) => {
    await writeForms(dir);
    const expected = (pictures: readonly (readonly [number, number])[]) =>
      pictures.map(([n, label]) => ({ image: picture(n), label }));
    using server = serve(dir);
    const specs = [
      `folder:${dir}/folder`,
      `csv:${dir}/all.csv`,
      `csv:${dir}/tables/train.csv`,
      `shards:${dir}/shards/*.tar`,
      `shards:${dir}/shards`,
      `shards:${dir}/zipped/{train-{0..1},test}.tar.gz`,
      `shards:${server.url}/zipped/{train-0,train-1,test}.tar.gz`,
      `idx:${dir}/idx`,
    ];
    for (const spec of specs) {
      const { classes, channels, train, test, validation } = await open(spec);
      assertEquals([classes, channels, validation], [["0", "1"], 1, undefined], spec);
      assertEquals([train.length, test?.length], [5, 2], spec);
      assertEquals([...Array.from(train.labels)], [0, 0, 0, 1, 1], spec);
      assertEquals(await read(train), expected(TRAIN), spec);
      assertEquals(await read(test!), expected(TEST), spec);
      // The rest of an epoch is the end of all of it.
      const order = { seed: 1, epoch: 2, shuffle: true };
      const epoch = await read(train, order);
      assertEquals(epoch.map(({ label }) => label).sort(), [0, 0, 0, 1, 1], spec);
      const rest = await collect(prepareImages(PREPARED)(train.read({ ...order, from: 2 })));
      assertEquals(rest, epoch.slice(2), spec);
      assertEquals(await train.fingerprint(), await (await open(spec)).train.fingerprint(), spec);
    }
  }));

/** Serves a folder. */
function serve(dir: string) {
  const requests: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      const bytes = await Deno.readFile(dir + pathname).catch(() => undefined);
      if (!bytes) return new Response("", { status: 404 });
      const headers = { etag: `"${bytes.length}"`, "content-length": `${bytes.length}` };
      return new Response(request.method === "HEAD" ? null : bytes, { headers });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.dispose]: () => void server.shutdown(),
  };
}

Deno.test("openData() splits off a validation set with the classes in proportion", () =>
  withFolder(async (dir) => {
    const pictures = Array.from({ length: 50 }, (_, i) => [i, i < 40 ? 0 : 1] as const);
    await writeFiles(dir, { ...idxFiles("train", pictures), ...idxFiles("t10k", [[0, 0]]) });
    const data = await open(`idx:${dir}`, { validation: 0.2, seed: 3 });
    const count = (split: Split | undefined) => {
      const labels = Array.from(split!.labels);
      return [0, 1].map((label) => labels.filter((one) => one === label).length);
    };
    assertEquals([count(data.train), count(data.validation)], [[32, 8], [8, 2]]);
    const all = [...await read(data.train), ...await read(data.validation!)];
    assertEquals(new Set(all.map(({ image }) => image.data.join())).size, 50);
    const again = await open(`idx:${dir}`, { validation: 0.2, seed: 3 });
    assertEquals(await read(again.validation!), await read(data.validation!));
    const other = await open(`idx:${dir}`, { validation: 0.2, seed: 4 });
    assert(await data.validation!.fingerprint() !== await other.validation!.fingerprint());
    await writeFiles(dir, idxFiles("few-train", [[1, 0], [2, 1]]));
    await assertRefuses(`idx:${dir}/few`, "2 records are too few to divide", { validation: 0.5 });
  }));

Deno.test("openData() takes the first images of IDX, and of a folder some of each class", () =>
  withFolder(async (dir) => {
    await writeForms(dir);
    const first = await open(`idx:${dir}/idx`, { images: 2, testImages: 1 });
    assertEquals([[...Array.from(first.train.labels)], first.test?.length], [[0, 0], 1]);
    const some = await open(`folder:${dir}/folder`, { images: 2 });
    assertEquals([...Array.from(some.train.labels)], [0, 1]);
    const streamed = await open(`shards:${dir}/shards`, { images: 4 });
    assertEquals((await read(streamed.train)).map(({ label }) => label), [0, 0, 0, 1]);
  }));

Deno.test("openData() says in one line what there is, and which files of a folder it leaves out", () =>
  withFolder(async (dir) => {
    const one = await png(1);
    await writeFiles(dir, {
      ...Object.fromEntries(["train/a/1.png", "train/b/1.png", "val/a/1.png"].map((x) => [x, one])),
      "train/a/.DS_Store": "",
      "train/readme.txt": "",
    });
    const listLines = async (spec = `folder:${dir}`) => {
      const lines: string[] = [];
      await open(spec, { log: (line) => lines.push(line) });
      return lines;
    };
    const counts = `data: folder:${dir}, 2 train + 1 validation images of 2 classes`;
    assertEquals(await listLines(), [counts]);
    await writeFiles(dir, { "val/a/2.gif": "" });
    const only = `${counts}; left out 1 file that isn't named as PNG, JPEG or WebP: `;
    assertEquals(await listLines(), [`${only}${dir}/val/a/2.gif`]);
    await writeFiles(dir, { "train/b/x/IMG_1.HEIC": "", "val/0.png": one });
    const both = `${counts}; left out 2 files that aren't named as PNG, JPEG or WebP, such as ` +
      `${dir}/train/b/x/IMG_1.HEIC; left out 1 picture in no class's folder: ${dir}/val/0.png`;
    assertEquals(await listLines(), [both]);

    const table = "path,label\ntrain/a/1.png,a\ntrain/b/1.png,b\n";
    const sample = { "1.png": one, "1.cls": "a", "2.png": one, "2.cls": "b" };
    await writeFiles(dir, { "table.csv": table, "all.tar": await tar(sample) });
    for (const spec of [`csv:${dir}/table.csv`, `shards:${dir}/all.tar`]) {
      assertEquals((await listLines(spec)).at(-1), `data: ${spec}, 2 images of 2 classes`);
    }
  }));

Deno.test("openData() says in one line what a spec lacks", async () => {
  const cases: [string, string][] = [
    [
      "foldr:photos",
      "Cannot use --data foldr:photos: there is no such kind; did you mean folder:DIR?",
    ],
    ["mnist:data", "did you mean idx:DIR?"],
    ["photos", "did you mean folder:DIR?"],
    ["xyzzy", "it must be one of fashion-mnist, folder:DIR, shards:"],
    ["/data/photos", "it names no kind; did you mean folder:/data/photos?"],
    ["data/train.csv", "did you mean csv:data/train.csv?"],
    ["https://x.org/{0..9}.tar", "did you mean 'shards:https://x.org/{0..9}.tar'?"],
    ["folder:~/photos", "write $HOME behind the colon"],
    ["folder:", "it names no place; it is written folder:DIR"],
    ["fashion-mnist:/data", "its folder is named by --data-dir"],
    ["folder:/nonexistent", "Cannot use folder:/nonexistent as there is no such folder"],
    ["csv:/nonexistent.csv", "as there is no such file"],
    ["idx:/nonexistent", "as there is no such folder"],
    ["cifar10:/nonexistent", "as there is no such folder"],
    ["shards:/nonexistent/*.tar", "as there are no such files"],
    ["shards:/nonexistent/1.tar", "of /nonexistent/1.tar there is no such file"],
    ["shards:http://127.0.0.1:9/1.tar", "http://127.0.0.1:9/1.tar cannot be reached"],
  ];
  for (const [spec, message] of cases) await assertRefuses(spec, message);
  // What is there is named, in words that a shell takes as they are.
  const before = Deno.cwd();
  await withFolder(async (dir) => {
    await writeFiles(dir, { "photos/a/1.png": "", "My Photos/a/1.png": "" });
    Deno.chdir(dir);
    try {
      await assertRefuses("photos", "it names no kind; did you mean folder:photos?");
      await assertRefuses("My Photos", "it names no kind; did you mean 'folder:My Photos'?");
    } finally {
      Deno.chdir(before);
    }
  });
});

Deno.test("openData() refuses data that nothing can be learned from", () =>
  withFolder(async (dir) => {
    const one = await png(1);
    await writeFiles(dir, {
      "one/cats/1.png": one,
      "flat/1.png": one,
      "empty/cats/readme.txt": "",
      "only/train/a/1.png": one,
      "only/train/b/1.png": one,
      "only/test/c/1.png": one,
      "no.csv": "path,label\n",
      "names.csv": "picture,label\n1.png,a\n",
      "lone.csv": "path,label,split\n1.png,a,train\n2.png,b,train\n3.png,c,test\n",
      "bad.csv": "path,label,split\n1.png,a,holdout\n",
      "wide.csv": "path,label\n1.png,a,b\n",
      "blank.csv": "path,label\n1.png,a\n2.png,b\n3.png, \n",
      ...Object.fromEntries(
        Object.entries(idxFiles("train", [[1, 0], [2, 1]])).map(([k, v]) => [`lack/${k}`, v]),
      ),
      "lack/t10k-images-idx3-ubyte": idx([1, 6, 6], picture(3).data),
      "lack/t10k-labels-idx1-ubyte": idx([1], [2]),
      "short/train-images-idx3-ubyte": idx([3, 6, 6], picture(3).data),
      "short/train-labels-idx1-ubyte": idx([3], [0, 1, 2]),
      "text.tar": await tar({ "a.txt": "a" }),
      "unlabeled.tar": await tar({ "a.png": one }),
      "broken.tar": new Uint8Array(2000).fill(7),
      "python/data_batch_1": "",
    });
    const cases: [string, string][] = [
      [`folder:${dir}/one`, "it has one class only, cats: a classifier needs at least two"],
      [
        `folder:${dir}/flat`,
        "it has no subfolders, which would be the classes: make a folder for each class",
      ],
      [`folder:${dir}/empty`, "the class cats has no PNG, JPEG or WebP files"],
      [`folder:${dir}/only`, "its class c is in the test split only"],
      [`csv:${dir}/no.csv`, "it has no rows"],
      [`csv:${dir}/names.csv`, "no column of paths"],
      [`csv:${dir}/lone.csv`, "its class c is in the test split only"],
      [`csv:${dir}/bad.csv`, "the split of row 1 of"],
      [`csv:${dir}/wide.csv`, "line 2 has 3 fields"],
      [`csv:${dir}/blank.csv`, "row 3 of"],
      [`csv:${dir}`, "it is a folder, not a table"],
      [`idx:${dir}/lack`, "its class 2 is in the test split only"],
      [`idx:${dir}/short`, "the header promises 3 items: the stream ended after 1"],
      [`idx:${dir}/one`, "it must hold train-images-idx3-ubyte"],
      [`shards:${dir}/text.tar`, "its shards have no PNG, JPEG or WebP"],
      [`shards:${dir}/unlabeled.tar`, "the sample a of"],
      [`shards:${dir}/broken.tar`, "cannot be read"],
      [`cifar10:${dir}/python`, "these are files of the Python version"],
    ];
    for (const [spec, message] of cases) await assertRefuses(spec, message);
  }));

Deno.test("openData() reads labels of shards in a table, or names in a text", () =>
  withFolder(async (dir) => {
    await writeFiles(dir, {
      "a.tar": await tar({ "x/1.png": await png(1), "x/2.png": await png(2) }),
      "b.tar": await tar({
        "1.png": await png(1),
        "1.cls": "1",
        "2.png": await png(2),
        "2.cls": "0",
      }),
      "labels.csv": "key,label\nx/1,cat\nx/2,ant\n",
      "names.txt": "ant\ncat\n",
      "few.txt": "ant\n",
    });
    const a = await open(`shards:${dir}/a.tar`, { labels: `${dir}/labels.csv` });
    assertEquals([a.classes, [...Array.from(a.train.labels)]], [["ant", "cat"], [1, 0]]);
    const b = await open(`shards:${dir}/b.tar`, { labels: `${dir}/names.txt` });
    assertEquals([b.classes, [...Array.from(b.train.labels)]], [["ant", "cat"], [1, 0]]);
    assertStringIncludes(b.train.name(1), "b.tar: 2");
    await assertRefuses(`shards:${dir}/b.tar`, "it has the label 1: its last class is 0", {
      labels: `${dir}/few.txt`,
    });
  }));

Deno.test("a picture that is gone, or none, fails by name or is left out", () =>
  withFolder(async (dir) => {
    await writeFiles(dir, {
      "a/1.png": await png(1),
      "a/2.png": "no picture",
      "b/3.png": await png(3),
      "b/4.png": await png(4),
    });
    const { train } = await open(`folder:${dir}`);
    await Deno.remove(`${dir}/b/3.png`);
    const error = await assertRejects(() => read(train), StageError, "Cannot decode item 1");
    assertStringIncludes(error.message, `${dir}/a/2.png`);
    for (const workers of [0, 1, 3]) {
      const badRecords = createBadRecords("skip");
      const stages = prepareImages(PREPARED, { workers, badRecords });
      const examples = await collect(stages(train.read(AS_STORED)));
      assertEquals(examples.map(({ label }) => label), [0, 1]);
      await collect(stages(train.read(AS_STORED)));
      assertEquals(badRecords.count, 2);
      assertStringIncludes(badRecords.format()!, "left out 2 records that cannot be used: ");
      assertStringIncludes(
        badRecords.format()!,
        `${dir}/b/3.png (there is no such file, or no longer`,
      );
    }
  }));

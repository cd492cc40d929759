import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { collect, type EncodedImage, type Example } from "@rill/rill/pipelines";
import { type DataSet, openData, type OpenDataOptions } from "../../tasks/_data/open_data.ts";
import type { Split } from "../../tasks/_data/sets/data_set.ts";
import { detectChannels } from "../../tasks/_data/sources/detect_channels.ts";
import { expandBraces } from "../../tasks/_data/sources/shard_names.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { gzip } from "./_fake_dataset.ts";
import { colored, idx, idxFiles, picture, png, tar, writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

async function open(spec: string, options: Partial<OpenDataOptions> = {}): Promise<DataSet> {
  const data = await openData(spec, { log: () => {}, quiet: true, cacheDir: "", ...options })();
  if (data._tag === "Left") throw data.left;
  return data.right;
}

async function assertRefuses(spec: string, message: string, options = {}): Promise<void> {
  const error = await assertRejects(() => open(spec, options), Error);
  assertStringIncludes(error.message, message);
}

const read = (split: Split) => collect(split.read({ seed: 0, epoch: 0, shuffle: false }));
const labelsOf = (split: Split | undefined) => Array.from(split!.labels);
const withPrefix = (prefix: string, files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [prefix + name, bytes]));

Deno.test("idx: reads EMNIST's letters upright, from 1 on", () =>
  withFolder(async (dir) => {
    const lines: string[] = [];
    await writeFiles(dir, {
      ...idxFiles("emnist-letters-train", [[1, 1], [2, 26]]),
      ...idxFiles("emnist-letters-test", [[3, 26]]),
    });
    const { classes, train, test } = await open(`idx:${dir}`, { log: (line) => lines.push(line) });
    assertEquals([classes.length, classes[0], classes[25]], [26, "a", "z"]);
    assertEquals([labelsOf(train), labelsOf(test)], [[0, 25], [25]]);
    const [{ image }] = await read(train) as [Example];
    const stored = picture(1).data;
    assertEquals(
      [...image.data],
      Array.from({ length: 36 }, (_, i) => stored[6 * (i % 6) + Math.floor(i / 6)]),
    );
    assertEquals(lines.length, 2);
    assertStringIncludes(lines[0]!, "rows and columns exchanged");
    assertEquals(lines[1], `data: idx:${dir}, 2 train + 1 test images of 26 classes`);
  }));

Deno.test("idx: reads QMNIST's wide labels, and gzipped files", () =>
  withFolder(async (dir) => {
    const bigEndian = (n: number) => [0, 0, 0, n];
    const rows = [7, 2].flatMap((label) => [label, 1, 2, 3, 4, 5, 6, 7].flatMap(bigEndian));
    const labels = Uint8Array.from([0, 0, 12, 2, ...[2, 8].flatMap(bigEndian), ...rows]);
    await writeFiles(dir, {
      "qmnist-train-images-idx3-ubyte.gz": await gzip(
        idx([2, 6, 6], [...picture(1).data, ...picture(2).data]),
      ),
      "qmnist-train-labels-idx2-int.gz": await gzip(labels),
    });
    const { classes, train, test } = await open(`idx:${dir}`);
    assertEquals([classes.length, labelsOf(train), test], [8, [7, 2], undefined]);
  }));

Deno.test("idx: asks which of several sets is meant, and names what is known", () =>
  withFolder(async (dir) => {
    const pictures = [[1, 0], [2, 9]] as const;
    await writeFiles(dir, {
      ...withPrefix("both/", idxFiles("emnist-digits-train", pictures)),
      ...withPrefix("both/", idxFiles("emnist-balanced-train", pictures)),
      ...withPrefix("KMNIST/", idxFiles("train", pictures)),
      ...withPrefix("named/", idxFiles("train", pictures)),
      "named/classes.txt": "nil\na\nb\nc\nd\ne\nf\ng\nh\ni\n",
      ...withPrefix("few/", idxFiles("train", pictures)),
      "few/classes.txt": "nil\na\n",
    });
    await assertRefuses(`idx:${dir}/both`, "it holds several sets (emnist-");
    const balanced = await open(`idx:${dir}/both/emnist-balanced`);
    assertEquals([balanced.classes.length, balanced.classes[46]], [47, "t"]);
    assertEquals((await open(`idx:${dir}/KMNIST`)).classes[9], "wo");
    assertEquals((await open(`idx:${dir}/named`)).classes[0], "nil");
    await assertRefuses(`idx:${dir}/few`, "it has the label 9: its last class is 1");
    await assertRefuses(
      `idx:${dir}/both/emnist-letters`,
      "there is no set emnist-letters, but emnist-",
    );
    await assertRefuses(`idx:${dir}/nowhere`, "there is no such folder");
  }));

/** A file of CIFAR with these labels. */
const cifar = (...records: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(records.flatMap((labels) => [...labels, ...Array(3072).fill(labels[0]! * 20)]));

Deno.test("cifar10: and cifar100: read the folder, or the one above it, with the classes' names", () =>
  withFolder(async (dir) => {
    const names = Array.from({ length: 10 }, (_, i) => `class ${i}`).join("\n");
    await writeFiles(dir, {
      "data_batch_1.bin": cifar([3], [1]),
      ...Object.fromEntries([2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, cifar([i])])),
      "test_batch.bin": cifar([5]),
      "above/cifar-10-batches-bin/batches.meta.txt": `${names}\n\n`,
      ...Object.fromEntries(
        [1, 2, 3, 4, 5].map((i) => [
          `above/cifar-10-batches-bin/data_batch_${i}.bin`,
          cifar([i]),
        ]),
      ),
      "hundred/train.bin": cifar([1, 99], [19, 0]),
      "hundred/test.bin": cifar([19, 0]),
      "bad/train.bin": cifar([20, 1]),
    });
    const ten = await open(`cifar10:${dir}`);
    assertEquals([labelsOf(ten.train), labelsOf(ten.test)], [[3, 1, 2, 3, 4, 5], [5]]);
    assertEquals([ten.classes[0], ten.channels, ten.train.size], [
      "airplane",
      3,
      { height: 32, width: 32 },
    ]);
    assertEquals(labelsOf((await open(`cifar10:${dir}`, { images: 3 })).train), [3, 1, 2]);
    assertEquals((await open(`cifar10:${dir}/above`)).classes[9], "class 9");
    assertEquals(labelsOf((await open(`cifar100:${dir}/hundred`)).train), [99, 0]);
    const coarse = await open(`cifar100-coarse:${dir}/hundred`);
    assertEquals([coarse.classes.length, labelsOf(coarse.test)], [20, [19]]);
    await assertRefuses(`cifar100-coarse:${dir}/bad`, "its label is 20: it must be below 20");
    await assertRefuses(`cifar10:${dir}/hundred`, "has data_batch_1.bin, data_batch_2.bin");
  }));

Deno.test("csv: reads other names, separators, absolute paths and quotes", () =>
  withFolder(async (dir) => {
    const one = await png(1);
    await writeFiles(dir, {
      "images/a, b.png": one,
      "images/2.png": one,
      "a.tsv": "Filename\tnote\tCategory\nimages/a, b.png\tx\tdog\nimages/2.png\ty\tcat\n",
      "b.csv": `"image";"label"\r\n"images/a, b.png";10\r\n"${dir}/images/2.png";9\r\n`,
      "c.csv": '\uFEFFpath,label,split\n"images/a, b.png",b,Train\nimages/2.png,a,training\n' +
        "images/2.png,a,VALID\nimages/2.png,b,testing\n",
    });
    const a = await open(`csv:${dir}/a.tsv`);
    assertEquals([a.classes, labelsOf(a.train)], [["cat", "dog"], [1, 0]]);
    // Numbers in their order.
    const b = await open(`csv:${dir}/b.csv`);
    assertEquals([b.classes, labelsOf(b.train)], [["9", "10"], [1, 0]]);
    assertEquals((await read(b.train)).map((record) => (record as EncodedImage).bytes.length), [
      one.length,
      one.length,
    ]);
    const c = await open(`csv:${dir}/c.csv`);
    assertEquals([c.train.length, c.validation?.length, c.test?.length], [2, 1, 1]);
    assertEquals(c.train.name(0), `${dir}/images/a, b.png`);
  }));

Deno.test("folder: finds splits by the names that people use, and takes a class for no split", () =>
  withFolder(async (dir) => {
    const one = await png(1);
    const write = (...paths: string[]) =>
      writeFiles(dir, Object.fromEntries(paths.map((path) => [path, one])));
    await write(
      "a/training/x/1.PNG",
      "a/training/y/1.png",
      "a/validation/x/1.png",
      "a/testing/y/1.png",
    );
    const a = await open(`folder:${dir}/a`);
    assertEquals([a.train.length, labelsOf(a.validation), labelsOf(a.test)], [2, [0], [1]]);
    await write("b/train/1.png", "b/bus/1.png");
    assertEquals((await open(`folder:${dir}/b`)).classes, ["bus", "train"]);
    await Deno.writeFile(`${dir}/a/.DS_Store`, new Uint8Array());
    await Deno.mkdir(`${dir}/a/training/.ipynb_checkpoints`);
    assertEquals((await open(`folder:${dir}/a`)).classes, ["x", "y"]);
    await assertRefuses(`folder:${dir}/a`, "has a validation split of its own", {
      validation: 0.5,
    });
    await write("d/test/x/1.png", "d/test/y/1.png");
    await assertRefuses(`folder:${dir}/d`, `no folder train beside test: to use that alone, name`);
    await write("e/cats/1.png");
    assertEquals((await open(`folder:${dir}/e`, { isForTraining: false })).classes, ["cats"]);
    await assertRefuses(`folder:${dir}/a/training/x/1.PNG`, "it is a file, not a folder");
    await write("out/1.png");
    await Deno.mkdir(`${dir}/c/y`, { recursive: true });
    await Deno.symlink(`${dir}/out`, `${dir}/c/x`);
    await write("c/y/1.png");
    await assertRefuses(`folder:${dir}/c`, "leads out of it");
    assertEquals((await open(`folder:${dir}/c`, { followLinks: true })).classes, ["x", "y"]);
  }));

Deno.test("detectChannels() says gray only where all are", () =>
  withFolder(async (dir) => {
    await writeFiles(dir, {
      "1.png": await png(1),
      "2.png": await png(2),
      "3.png": await encodePng(colored(3)),
      "4.png": "none",
    });
    const paths = (...names: string[]) => names.map((name) => `${dir}/${name}.png`);
    assertEquals(await detectChannels(paths("1", "2")), 1);
    assertEquals(await detectChannels(paths("1", "4", "absent")), 1);
    assertEquals(await detectChannels(paths("1", "2", "3")), 3);
    assertEquals(await detectChannels(paths("4", "absent")), 3);
  }));

Deno.test("expandBraces() expands as a shell does", () => {
  const cases: [string, string][] = [
    ["a.tar", "a.tar"],
    ["{8..11}.tar", "8.tar 9.tar 10.tar 11.tar"],
    ["{008..011}.tar", "008.tar 009.tar 010.tar 011.tar"],
    ["{2..0}", "2 1 0"],
    ["{3..3}", "3"],
    ["{0..1}-{a,b}", "0-a 0-b 1-a 1-b"],
    ["x{train-{0..1},test}.tar", "xtrain-0.tar xtrain-1.tar xtest.tar"],
    ["{a,}b", "ab b"],
    ["{open", "{open"],
  ];
  for (const [text, expected] of cases) assertEquals(expandBraces(text).join(" "), expected);
});

Deno.test("shards: are counted once, and again when they changed", () =>
  withFolder(async (dir) => {
    const sample = async (n: number) => ({ [`${n}.png`]: await png(n), [`${n}.cls`]: `${n % 2}` });
    await writeFiles(dir, { "a.tar": await tar({ ...await sample(1), ...await sample(2) }) });
    const count = async () => {
      const lines: string[] = [];
      const options = { log: (line: string) => lines.push(line), cacheDir: `${dir}/cache` };
      const { train } = await open(`shards:${dir}/*.tar`, options);
      return { train, counted: lines.filter((line) => line.endsWith("were counted")).length };
    };
    assertEquals((await count()).counted, 1);
    assertEquals((await count()).counted, 0);
    const before = await count();
    await writeFiles(dir, { "a.tar": await tar({ ...await sample(1), ...await sample(4) }) });
    await Deno.utime(`${dir}/a.tar`, 1, 1);
    const error = await assertRejects(() => read(before.train), Error);
    assertStringIncludes(error.message, "has changed since its samples were counted");
    const after = await count();
    assertEquals([after.counted, after.train.name(1)], [1, `${dir}/a.tar: 4`]);
    assert(await after.train.fingerprint() !== await before.train.fingerprint());
  }));

Deno.test("shards: are read in another order at each epoch, and split by record", () =>
  withFolder(async (dir) => {
    for (let shard = 0; shard < 4; shard++) {
      const files: Record<string, Uint8Array | string> = {};
      for (let n = 10 * shard; n < 10 * shard + 10; n++) {
        Object.assign(files, { [`${n}.png`]: await png(n), [`${n}.cls`]: `${n % 2}` });
      }
      await writeFiles(dir, { [`${shard}.tar`]: await tar(files) });
    }
    const data = await open(`shards:${dir}/{0..3}.tar`, { validation: 0.25, seed: 1 });
    assertEquals([data.train.length, data.validation?.length], [30, 10]);
    const paths = async (split: Split, epoch: number, shuffle: boolean) =>
      (await collect(split.read({ seed: 7, epoch, shuffle }))).map((record) =>
        (record as EncodedImage).path
      );
    const own = await paths(data.train, 0, false);
    assertEquals(own, Array.from({ length: 30 }, (_, i) => data.train.name(i)));
    const [first, second] = [await paths(data.train, 0, true), await paths(data.train, 1, true)];
    assertEquals(first.toSorted(), own.toSorted());
    assert(first.join() !== second.join() && first.join() !== own.join());
    assertEquals(await paths(data.train, 0, true), first);
    const both = new Set([...own, ...await paths(data.validation!, 0, false)]);
    assertEquals(both.size, 40);
    assertEquals(
      (await collect(data.train.read({ seed: 7, epoch: 0, shuffle: true }))).map((r) => r.label),
      first.map((path) => Number(/(\d+)$/.exec(path!)![1]) % 2),
    );
  }));

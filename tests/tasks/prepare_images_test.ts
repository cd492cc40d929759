import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  type EncodedImage,
  type Example,
  flipHorizontal,
  randomResizedCrop,
  withSeed,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { cacheImages } from "../../tasks/_data/cache_images.ts";
import { openData } from "../../tasks/_data/open_data.ts";
import {
  chooseWorkers,
  createBadRecords,
  prepareImages,
  type PrepareOptions,
  type Preprocessing,
} from "../../tasks/_data/prepare_images.ts";
import type { Split } from "../../tasks/_data/sets/data_set.ts";
import {
  balanceSplit,
  computeClassWeights,
  createIndexedSplit,
  divideLabels,
} from "../../tasks/_data/sets/splits.ts";
import { computeStatistics } from "../../tasks/_data/statistics.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { colored, picture, png, writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

const SIZED: Omit<Preprocessing, "mean" | "std"> = {
  side: 4,
  channels: 3,
  resize: "stretch",
  orientation: "apply",
};
const AS_STORED = { seed: 0, epoch: 0, shuffle: false };

async function openFolder(dir: string): Promise<Split> {
  const data = await openData(`folder:${dir}`, { log: () => {} })();
  if (data._tag === "Left") throw data.left;
  return data.right.train;
}

const prepare = (split: Split, preprocessing = SIZED, options: PrepareOptions = {}) =>
  collect(prepareImages(preprocessing, options)(split.read(AS_STORED)));

/** Writes pictures of several sizes, gray and colored, in two classes. */
async function writePictures(dir: string): Promise<void> {
  for (let n = 0; n < 6; n++) {
    const bytes = n % 2 ? await encodePng(colored(n, 5 + n)) : await png(n, 5 + n);
    await writeFiles(dir, { [`${n < 3 ? "a" : "b"}/${n}.png`]: bytes });
  }
}

/** A module that writes seed, epoch and place into the first sample, at random flipped. */
const AUGMENT = `data:text/javascript,${
  encodeURIComponent(`
  const PER_ITEM = Symbol.for("rill.perItem");
  export default ({ seed, epoch, side, channels, options }) => (source) => {
    const run = ({ image, label }, index) => {
      const data = image.data.slice();
      data[0] = (100 * seed + 10 * epoch + index + options.add) % 256;
      return { image: { ...image, data }, label };
    };
    const outputs = { async *[Symbol.asyncIterator]() {
      let index = 0;
      for await (const item of source) yield run(item, index++);
    } };
    return Object.defineProperty(outputs, PER_ITEM, {
      value: { source, concurrency: 1, begin: () => ({ run }) },
    });
  };
`)
}`;

/** A module that resizes by itself what it is given. */
const RESIZE = `data:text/javascript,${
  encodeURIComponent(`
  import { resize } from "${new URL("../../pipelines/images/resize.ts", import.meta.url)}";
  export default ({ side }) => resize({ height: side, width: side });
`)
}`;

Deno.test("prepareImages() gives the same bytes whatever the number of workers", () =>
  withFolder(async (dir) => {
    await writePictures(dir);
    const split = await openFolder(dir);
    const augment = { module: AUGMENT, options: { add: 7 }, seed: 1, epoch: 2 };
    for (const resize of ["stretch", "crop"] as const) {
      const alone = await prepare(split, { ...SIZED, resize }, { augment });
      assertEquals(alone.map(({ label }) => label), [0, 0, 0, 1, 1, 1]);
      assertEquals(alone.map(({ image }) => image.data[0]), [127, 128, 129, 130, 131, 132]);
      for (const { image } of alone) {
        assertEquals([image.height, image.width, image.channels], [4, 4, 3]);
      }
      for (const workers of [1, 3]) {
        assertEquals(await prepare(split, { ...SIZED, resize }, { augment, workers }), alone);
      }
      const skip = { augment, badRecords: createBadRecords("skip") };
      assertEquals(await prepare(split, { ...SIZED, resize }, skip), alone);
    }
  }));

Deno.test("prepareImages() augments a resumed epoch as the whole one", () =>
  withFolder(async (dir) => {
    await writePictures(dir);
    const split = await openFolder(dir);
    const augment = { module: AUGMENT, options: { add: 0 }, seed: 0, epoch: 1 };
    const order = { seed: 5, epoch: 1, shuffle: true };
    const whole = await collect(prepareImages(SIZED, { augment })(split.read(order)));
    for (const workers of [0, 2]) {
      const stages = prepareImages(SIZED, { augment, workers });
      assertEquals(await collect(stages(split.read({ ...order, from: 4 }))), whole.slice(4));
    }
  }));

Deno.test("prepareImages() decodes a region of each picture, as if all of it had been cropped then", () =>
  withFolder(async (dir) => {
    await writePictures(dir);
    const split = await openFolder(dir);
    const random = { seed: 3, epoch: 2 };
    const region = { scale: [0.35, 1] } as const;
    const module = new URL("../../tasks/_train/workers/augment_module.ts", import.meta.url).href;
    const options = { policy: "standard" };
    const augment = { module, options, ...random, input: "stored", region } as const;
    const expected = await collect(pipe(
      split.read(AS_STORED) as AsyncIterable<EncodedImage>,
      decodeImage({ channels: 3 }),
      withSeed(random),
      randomResizedCrop({ height: 4, width: 4, ...region }),
      flipHorizontal(),
    ));
    for (const workers of [0, 2]) {
      assertEquals(await prepare(split, SIZED, { augment, workers }), expected);
    }
    const stages = prepareImages(SIZED, { augment });
    assertEquals(await collect(stages(split.read({ ...AS_STORED, from: 4 }))), expected.slice(4));
    const kept = await cacheImages(split, SIZED, { cache: "memory", input: "stored", quiet: true });
    assertEquals(await prepare(kept, SIZED, { augment }), expected);
    await Deno.writeTextFile(`${dir}/a/0.png`, "no picture");
    await assertRejects(
      () => prepare(split, SIZED, { augment }),
      Error,
      `Cannot decode item 0: Cannot decode image ${dir}/a/0.png as it is neither PNG, JPEG nor WebP`,
    );
  }));

Deno.test("prepareImages() says what is wrong with an augmentation", () =>
  withFolder(async (dir) => {
    await writePictures(dir);
    const split = await openFolder(dir);
    const fail = async (code: string, message: string, more = {}) => {
      const module = `data:text/javascript,${encodeURIComponent(code)}`;
      const augment = { module, seed: 0, epoch: 0, ...more };
      for (const workers of [0, 1]) {
        await assertRejects(() => prepare(split, SIZED, { augment, workers }), Error, message);
      }
    };
    await fail("export const stage = 1", "has no default export that makes a stage");
    await fail("export default () => 1", "gave no stage but number");
    await fail("export default () => { throw new Error('no luck') }", "no luck");
    await fail("export default () => (source) => ({})", "makes not one image of each by itself");
    const pipelines = import.meta.resolve("@rill/rill/pipelines");
    await fail(
      `import { stageOf } from "${pipelines}";
       export default () => stageOf({ name: "count", each: (_, index) => index });`,
      "Cannot augment item 0: the stage gave no { image, label }",
    );
    const augment = { module: AUGMENT, seed: 0, epoch: 0, options: {}, input: "stored" } as const;
    await assertRejects(
      () => prepare(split, SIZED, { augment }),
      Error,
      "Cannot augment item 0: the stage gave an image of 5 x 5 x 3: 4 x 4 x 3 is needed",
    );
  }));

Deno.test("prepareImages() refuses a picture of 60,000 x 60,000 pixels by its header", () =>
  withFolder(async (dir) => {
    await writePictures(dir);
    const huge = await png(1);
    new DataView(huge.buffer).setUint32(16, 60_000);
    new DataView(huge.buffer).setUint32(20, 60_000);
    await writeFiles(dir, { "a/0.png": huge });
    const split = await openFolder(dir);
    const error = await assertRejects(() => prepare(split), Error, "Cannot decode item 0");
    assert(error.message.includes("a/0.png") && !error.message.includes("\n"), error.message);
  }));

Deno.test("cacheImages() gives what prepareImages() gives, from memory and a folder", () =>
  withFolder(async (dir) => {
    await writePictures(`${dir}/pictures`);
    const split = await openFolder(`${dir}/pictures`);
    const expected = await prepare(split);
    const lines: string[] = [];
    const options = { quiet: true, log: (line: string) => void lines.push(line) };
    for (const cache of ["memory", `${dir}/cache`, `${dir}/cache`]) {
      for (const workers of [0, 1]) {
        const cached = await cacheImages(split, SIZED, { cache, workers, ...options });
        assertEquals([cached.length, cached.size], [6, { height: 4, width: 4 }]);
        assertEquals(await prepare(cached), expected);
        assertEquals(cached.name(4), split.name(4));
        const order = { seed: 3, epoch: 1, shuffle: true };
        assertEquals(
          await collect(prepareImages(SIZED)(cached.read(order))),
          await collect(prepareImages(SIZED)(split.read(order))),
        );
      }
    }
    assertEquals(lines.map((line) => line.includes("written")), [true, false, false, false]);
    // The same preprocessing makes the same of it, whatever the augmentation is given.
    for (const resize of ["stretch", "crop"] as const) {
      for (const input of ["fitted", "stored", 5] as const) {
        const rule = { ...SIZED, resize };
        const augment = { module: RESIZE, seed: 0, epoch: 0, input };
        const wanted = await prepare(split, rule, input === "fitted" ? {} : { augment });
        for (const cache of ["memory", `${dir}/more`]) {
          const kept = await cacheImages(split, rule, { cache, input, quiet: true });
          assertEquals(await prepare(kept, rule, input === "fitted" ? {} : { augment }), wanted);
        }
      }
    }
    // Another size is another file, and so is changed data.
    await cacheImages(split, { ...SIZED, side: 5 }, { cache: `${dir}/cache`, ...options });
    await Deno.writeFile(`${dir}/pictures/a/0.png`, await png(9, 9));
    const changed = await openFolder(`${dir}/pictures`);
    const cached = await cacheImages(changed, SIZED, { cache: `${dir}/cache`, ...options });
    assertEquals(await prepare(cached), await prepare(changed));
    const files = [...Deno.readDirSync(`${dir}/cache`)].map(({ name }) => name);
    assertEquals(files.length, 3);
    // A file that is cut short is made anew.
    for (const name of files) await Deno.truncate(`${dir}/cache/${name}`, 100);
    const again = await cacheImages(changed, SIZED, { cache: `${dir}/cache`, ...options });
    assertEquals(await prepare(again), await prepare(changed));
  }));

Deno.test("cacheImages() keeps bad records bad, and the names and places of all", () =>
  withFolder(async (dir) => {
    await writePictures(`${dir}/pictures`);
    await writeFiles(dir, { "pictures/a/1.png": "no picture" });
    const split = await openFolder(`${dir}/pictures`);
    for (const cache of ["memory", `${dir}/cache`, `${dir}/cache`]) {
      const badRecords = createBadRecords("skip");
      const cached = await cacheImages(split, SIZED, { cache, badRecords, quiet: true });
      assertEquals([cached.length, cached.name(1)], [6, split.name(1)]);
      const left = prepareImages(SIZED, { badRecords })(
        cached.read({ seed: 0, epoch: 0, shuffle: false }),
      );
      assertEquals((await collect(left)).map(({ label }) => label), [0, 0, 1, 1, 1]);
    }
    await assertRejects(
      () => cacheImages(split, SIZED, { cache: `${dir}/cache`, quiet: true }),
      Error,
      "a/1.png",
    );
    await assertRejects(
      () =>
        cacheImages(split, SIZED, {
          ...{ cache: "memory", most: 100, quiet: true },
          badRecords: createBadRecords("skip"),
        }),
      Error,
      "name a folder with --cache DIR, or reduce --side",
    );
    const file = `${dir}/pictures/a/2.png`;
    await assertRejects(
      () => cacheImages(split, SIZED, { cache: file, quiet: true }),
      UsageError,
      `Cannot use --cache ${file} as the system refuses: `,
    );
  }));

/** A split of images in memory. */
const inMemory = (examples: readonly Example<Uint8Array<ArrayBuffer>>[]): Split =>
  createIndexedSplit({ length: examples.length, get: (index) => examples[index]! }, {
    labels: examples.map(({ label }) => label),
    fingerprint: () => Promise.resolve(`${examples.length}`),
  });

Deno.test("computeStatistics() computes them over all pixels, and keeps them", () =>
  withFolder(async (dir) => {
    const examples = [1, 2, 3].map((n) => ({ image: colored(n, 4), label: 0 }));
    const { mean, std } = await computeStatistics(inMemory(examples), SIZED, {
      cacheDir: dir,
      quiet: true,
    });
    for (let channel = 0; channel < 3; channel++) {
      const values = examples.flatMap(({ image }) =>
        [...image.data].filter((_, i) => i % 3 === channel).map((value) => value / 255)
      );
      const average = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((sum, v) => sum + (v - average) ** 2, 0) / values.length;
      assertAlmostEquals(mean[channel]!, average, 1e-12);
      assertAlmostEquals(std[channel]!, Math.sqrt(variance), 1e-12);
    }
    // The same fingerprint: what was kept, though the images are others.
    const others = [4, 5, 6].map((n) => ({ image: colored(n, 4), label: 0 }));
    const options = { cacheDir: dir, quiet: true };
    assertEquals(await computeStatistics(inMemory(others), SIZED, options), { mean, std });
    const gray = await computeStatistics(inMemory(others), { ...SIZED, channels: 1 }, options);
    assertEquals([gray.mean.length, gray.mean[0] === mean[0]], [1, false]);
    await assertRejects(() => computeStatistics(inMemory([]), SIZED, { quiet: true }), RangeError);
  }));

Deno.test("prepareImages() converts images in memory to the channels", async () => {
  const split = inMemory([{ image: picture(1, 4), label: 0 }, { image: colored(1, 4), label: 1 }]);
  const [gray, color] = await prepare(split);
  assertEquals(
    gray!.image.data,
    Uint8Array.from([...picture(1, 4).data].flatMap((v) => [v, v, v])),
  );
  assertEquals(color!.image.data, colored(1, 4).data);
  const [, luma] = await prepare(split, { ...SIZED, channels: 1 });
  const [r = 0, g = 0, b = 0] = colored(1, 4).data;
  assertAlmostEquals(luma!.image.data[0]!, 0.299 * r + 0.587 * g + 0.114 * b, 1);
});

Deno.test("chooseWorkers() takes workers where pictures are decoded", () => {
  assertEquals(chooseWorkers(3, { size: undefined }, 8), 3);
  assertEquals([1, 2, 4, 64].map((cores) => chooseWorkers("auto", { size: undefined }, cores)), [
    1,
    1,
    3,
    8,
  ]);
  assertEquals(chooseWorkers("auto", { size: { height: 28, width: 28 } }, 8), 0);
});

Deno.test("computeClassWeights() makes all classes count alike", () => {
  const labels = [0, 0, 0, 2, 2, 2, 2, 2, 2, 3];
  const weights = computeClassWeights(labels, 4);
  assertEquals(weights, [10 / 9, 0, 10 / 18, 10 / 3]);
  assertAlmostEquals(labels.reduce((sum, label) => sum + weights[label]!, 0), labels.length);
});

Deno.test("balanceSplit() draws the classes equally often", async () => {
  const labels = Array.from({ length: 1000 }, (_, i) => i < 900 ? 0 : 1);
  const split = inMemory(labels.map((label) => ({ image: picture(label, 1), label })));
  const balanced = balanceSplit(split, 2);
  const read = async (order: Parameters<Split["read"]>[0]) =>
    (await collect(balanced.read(order))).map(({ label }) => label);
  const drawn = await read({ seed: 1, epoch: 0, shuffle: true });
  const ones = drawn.filter((label) => label === 1).length;
  assert(ones > 450 && ones < 550, `${ones}`);
  assertEquals(await read({ seed: 1, epoch: 0, shuffle: true, from: 990 }), drawn.slice(990));
  assert((await read({ seed: 1, epoch: 1, shuffle: true })).join() !== drawn.join());
});

Deno.test("divideLabels() divides every class, and by the whole's proportions", () => {
  const labels = Array.from({ length: 103 }, (_, i) => i % 10);
  for (const seed of [0, 1, 2]) {
    const [first, second] = divideLabels(labels, { fraction: 0.25, seed });
    assertEquals([...first, ...second].sort((a, b) => a - b), labels.map((_, i) => i));
    assertEquals([first.length, second.length], [26, 77]);
    for (let label = 0; label < 10; label++) {
      const count = first.filter((index) => labels[index] === label).length;
      assert(count === 2 || count === 3, `${count}`);
    }
  }
  assertEquals(divideLabels([0, 0, 1], { fraction: 0.01, seed: 0 })[0].length, 1);
});

import { assertEquals } from "@std/assert";
import type { Batch } from "@rill/rill/pipelines";
import { createBadRecords } from "../../tasks/_data/prepare_images.ts";
import { type DataSet, openData } from "../../tasks/_data/open_data.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import { planTrainInput, type TrainInputOptions } from "../../tasks/_train/train_input.ts";
import { toModelConfig, type TrainSettings } from "../../tasks/_train/settings/train_settings.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { colored, writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

/** Reads the training batches of an epoch. */
async function readEpoch(
  data: DataSet,
  settings: TrainSettings,
  options: Partial<TrainInputOptions>,
): Promise<unknown[]> {
  const model = toModelConfig(settings, { classNames: data.classes });
  const input = await planTrainInput({ name: "wasm" }, data, settings, model, {
    workers: 0,
    quiet: true,
    note: () => {},
    ...options,
  });
  const batches: unknown[] = [];
  for await (const batch of input.train({ epoch: 1, index: 0 })) {
    const { images, labels } = batch as Batch;
    batches.push(images.data.join(), [...labels as Int32Array]);
  }
  return batches;
}

Deno.test("a cache changes no byte of what is trained on, however pictures are resized and augmented", () =>
  withFolder(async (dir) => {
    for (let n = 0; n < 6; n++) {
      const { data, channels } = colored(n, 40);
      // Wide and tall ones.
      const [height, width] = n % 2 ? [20, 80] : [64, 25];
      const bytes = await encodePng({
        data: data.slice(0, 3 * height * width),
        height,
        width,
        channels,
      });
      await writeFiles(dir, { [`photos/${n % 2}/${n}.png`]: bytes });
    }
    const opened = await openData(`folder:${dir}/photos`, { log: () => {}, quiet: true })();
    if (opened._tag === "Left") throw opened.left;
    const data = opened.right;
    for (const resize of ["stretch", "crop"] as const) {
      for (const augment of ["none", "flip", "light", "standard", "alexnet"] as const) {
        const settings = {
          ...presets.lenet,
          ...{ batchSize: 4, images: 6, side: 28, resize, augment },
          channels: 3,
        } as const;
        const read = (cache?: string) => readEpoch(data, settings, { cache });
        const expected = await read();
        assertEquals(expected.length, 4);
        assertEquals(await read("memory"), expected, `${resize} ${augment}`);
        assertEquals(await read(`${dir}/cache`), expected, `${resize} ${augment}`);
      }
    }
  }));

Deno.test("a cache keeps the order where records are left out as they are bad", () =>
  withFolder(async (dir) => {
    for (let n = 0; n < 8; n++) {
      await writeFiles(dir, { [`photos/${n % 2}/${n}.png`]: await encodePng(colored(n, 28)) });
    }
    await writeFiles(dir, { "photos/0/3.png": "no picture", "photos/1/0.png": "none either" });
    const opened = await openData(`folder:${dir}/photos`, { log: () => {}, quiet: true })();
    if (opened._tag === "Left") throw opened.left;
    const data = opened.right;
    const settings = { ...presets.lenet, batchSize: 4, images: 10, channels: 3 } as const;
    const read = (cache?: string) =>
      readEpoch(data, settings, { cache, badRecords: createBadRecords("skip") });
    const expected = await read();
    assertEquals(expected.filter(Array.isArray).flat().length, 8);
    assertEquals(await read("memory"), expected);
    assertEquals(await read(`${dir}/cache`), expected);
    assertEquals(await read(`${dir}/cache`), expected, "found again");
  }));

// Data that changes under a run, or between a run and its resumption.
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { getOrThrow } from "../../models/mod.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { type DataSet, openData } from "../../tasks/_data/open_data.ts";
import { watchData } from "../../tasks/_data/watch_data.ts";
import { outlineData } from "../../tasks/_train/reopen_data.ts";
import { writeData } from "./_idx_data.ts";
import { picture, writeFiles } from "./_pictures.ts";
import { runTask, withFolder } from "./_task.ts";

/** Writes a picture of some number. */
const writePicture = async (dir: string, name: string, number: number) =>
  await writeFiles(dir, { [name]: await encodePng(picture(number, 28)) });

Deno.test("watchData() warns once of files that have changed since, where each epoch reads them anew", () =>
  withFolder(async (dir) => {
    for (const split of ["train", "test"]) {
      for (let i = 0; i < 12; i++) {
        await writePicture(dir, `set/${split}/${"ab"[i % 2]}/${i}.png`, i);
      }
    }
    const table = Array.from(
      { length: 12 },
      (_, i) => `set/train/${"ab"[i % 2]}/${i}.png,${i % 2}`,
    );
    await Deno.writeTextFile(`${dir}/list.csv`, `path,label\n${table.join("\n")}\n`);
    const open = async (spec: string) =>
      getOrThrow<Error, DataSet>(
        await openData(spec, { log: () => {}, quiet: true, validation: 0.25, images: 6 })(),
      );
    const folder = await open(`folder:${dir}/set`);
    const csv = await open(`csv:${dir}/list.csv`);
    const watch = await watchData(folder, false);
    const cached = await watchData({ spec: "", train: folder.train }, true);
    const watchTable = await watchData(csv, false);
    // Whatever is asked first, the files are as they are then.
    const later = async () => await watchData(await open(`folder:${dir}/set`), false);
    assertEquals([await watch(), await cached(), await watchTable()], [
      undefined,
      undefined,
      undefined,
    ]);
    await writePicture(dir, "set/train/b/3.png", 99);
    await Deno.remove(`${dir}/set/test/a/4.png`);
    const line = `warning: folder:${dir}/set has changed while the run reads it: ` +
      `${dir}/set/train/b/3.png and 1 more; if their contents are others, ` +
      "the run goes on with other images than it began with";
    assertEquals([await watch(), await watch(), await cached()], [line, undefined, undefined]);
    assertMatch(await watchTable() ?? "", /^warning: csv:\S+ has changed .*\/b\/3\.png; if their/);
    assertEquals(await (await later())(), undefined);
    // Where nothing is read anew there is nothing to watch.
    const still = { ...folder.train, findChanged: undefined };
    assertEquals(await (await watchData({ spec: "", train: still }, false))(), undefined);
  }));

Deno.test("data is the same for ranks wherever it lies, and other data once a file is another", () =>
  withFolder(async (dir) => {
    const outline = async (spec: string) => {
      const options = { log: () => {}, quiet: true, validation: 0.25 };
      return await outlineData(getOrThrow<Error, DataSet>(await openData(spec, options)()));
    };
    const outlines = (place: string) =>
      Promise.all([`folder:${dir}/${place}/set`, `idx:${dir}/${place}/idx`].map(outline));
    for (const place of ["here", "there"]) {
      for (let i = 0; i < 8; i++) {
        await writePicture(dir, `${place}/set/${"ab"[i % 2]}/${i}.png`, i);
      }
      await writeData(`${dir}/${place}/idx`);
    }
    // At another time.
    await Deno.utime(`${dir}/there/set/a/2.png`, 1, 1);
    const here = await outlines("here");
    assertEquals(await outlines("there"), here);
    await writePicture(dir, "there/set/a/2.png", 99);
    const images = `${dir}/there/idx/train-images-idx3-ubyte`;
    await Deno.writeFile(images, (await Deno.readFile(images)).fill(7, 1000, 1001));
    const there = await outlines("there");
    for (const [i, splits] of there.entries()) assertNotEquals(splits[0], here[i]![0]);
  }));

Deno.test("a run warns once of a picture that is replaced while it reads it", () =>
  withFolder(async (dir) => {
    for (let i = 0; i < 8; i++) await writePicture(dir, `set/${"ab"[i % 2]}/${i}.png`, i);
    // Stages of the second epoch are made once the first has been read.
    await Deno.writeTextFile(
      `${dir}/stages.ts`,
      `import { flipHorizontal } from "@rill/rill/pipelines";
      export default ({ epoch }) => {
        // At once, as what is read beside this must not see half a picture.
        if (epoch === 1) {
          Deno.copyFileSync("${dir}/set/a/0.png", "${dir}/other.png");
          Deno.renameSync("${dir}/other.png", "${dir}/set/a/2.png");
        }
        return flipHorizontal();
      };`,
    );
    const { code, stderr } = await runTask(
      ["train", "--backend", "wasm", "--threads", "1", "--model", "lenet", "--workers", "0"]
        .concat("--data", `folder:${dir}/set`, "--side", "28", "--batch-size", "4")
        .concat("--pipeline", `${dir}/stages.ts`, "--epochs", "4", "--out", `${dir}/run`),
    );
    assertEquals(code, 0, stderr);
    const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
    assertEquals(warnings.length, 1, stderr);
    assertMatch(
      warnings[0]!,
      /^warning: folder:\S+ has changed while .*\/set\/a\/2\.png; if their/,
    );
  }));

Deno.test("a run names the data that isn't what it was", () =>
  withFolder(async (dir) => {
    const write = (i: number, number = i) =>
      writePicture(dir, `set/${"ab"[i % 2]}/${i}.png`, number);
    for (let i = 0; i < 16; i++) await write(i);
    const run = `${dir}/run`;
    const begun = await runTask(
      ["train", "--backend", "wasm", "--threads", "1", "--model", "lenet", "--workers", "0"]
        .concat("--data", `folder:${dir}/set`, "--batch-size", "4", "--epochs", "1", "--out", run),
    );
    assertEquals(begun.code, 0, begun.stderr);
    const resume = (epochs: number) => runTask(["train", "--resume", run, "--epochs", `${epochs}`]);
    // As it was.
    const same = await resume(2);
    assertEquals([same.code, same.stderr.includes("warning")], [0, false], same.stderr);
    // Another picture in the place of one.
    await write(3, 99);
    const replaced = await resume(3);
    assertEquals(replaced.code, 0, replaced.stderr);
    assertMatch(
      replaced.stderr,
      /\nwarning: the files of folder:\S+\/set have other sizes or times than before; if their/,
    );
    // One that is cut short.
    await Deno.truncate(`${dir}/set/b/5.png`, 40);
    const cut = await resume(4);
    assertEquals([cut.code, cut.errors.length], [1, 1], cut.stderr);
    assertMatch(cut.errors[0]!, /\/set\/b\/5\.png/);
    // One that is gone.
    await Deno.remove(`${dir}/set/b/5.png`);
    const gone = await resume(4);
    assertEquals([gone.code, gone.errors.length], [2, 1], gone.stderr);
    assertMatch(
      gone.errors[0]!,
      /^error: Cannot go on with \S+ as folder:\S+\/set has changed: the run was made with 14 training images and \d test images, and there are fewer now$/,
    );
    // What was saved is as it was.
    await write(5);
    const whole = await resume(4);
    assert(whole.code === 0, whole.stderr);
  }));

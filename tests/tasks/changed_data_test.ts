// Data that changes under a run, or between a run and its resumption.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { picture, writeFiles } from "./_pictures.ts";
import { runTask, withFolder } from "./_task.ts";

Deno.test("a run names the data that isn't what it was", () =>
  withFolder(async (dir) => {
    const write = async (i: number, number = i) =>
      await writeFiles(dir, {
        [`set/${i % 2 === 0 ? "a" : "b"}/${i}.png`]: await encodePng(picture(number, 28)),
      });
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

// A run whose numbers cease to be finite: it stops with the step and the layer, or goes back once with half the learning rate.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runTask, withFolder } from "./_task.ts";

/** A training of which a weight overflows in step 12, and with half the learning rate some steps later. */
const TRAIN = ["--backend", "wasm", "--model", "lenet", "--activation", "relu", "--epochs", "4"]
  .concat("--images", "256", "--test-images", "16", "--batch-size", "16", "--optimizer", "sgd")
  .concat("--learning-rate", "3000", "--momentum", "0.99");
const SAVED = [...TRAIN, "--save-every", "3"];

const train = (...args: string[]) => runTask(["train", ...args]);

const readConfig = async (dir: string) => JSON.parse(await Deno.readTextFile(`${dir}/config.json`));

for (const threads of ["1", "2"]) {
  Deno.test(`train stops with the step and the layer of what isn't finite, in ${threads} threads`, () =>
    withFolder(async (dir) => {
      const run = `${dir}/run`;
      const { code, errors, stderr } = await train(...SAVED, "--threads", threads, "--out", run);
      assertEquals(code, 1, stderr);
      const expected =
        /^error: Cannot go on as .* after step 12 is not finite, but \S+: it arose in step 12 in the (update|gradient|output) of net\.\d.*: try a lower --learning-rate; what was saved before stays as it is$/;
      assertEquals(errors.length, 1);
      assertMatch(errors[0]!, expected);
      if (threads !== "1") return;
      // What was saved is there, and comes to the same.
      const again = await train("--resume", run);
      assertEquals([again.code, again.errors], [1, errors], again.stderr);
      assertMatch(again.stderr, /looking for the layer, from step 10 on/);
    }));
}

Deno.test("train goes back once with half the learning rate, and remembers that", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const args = [...SAVED, "--threads", "1", "--on-nan", "retry", "--out", run];
    const retried = await train(...args, "--steps", "14");
    assertEquals(retried.code, 0, retried.stderr);
    assertMatch(
      retried.stderr,
      /\nwarning: Cannot go on as .* in step 12 in .*; going back to step 9, with a learning rate of 1500\n/,
    );
    const { settings, runtime } = await readConfig(run);
    assertEquals([settings.learningRate, runtime.onNan, runtime.retried], [1500, "retry", 12]);
    const log = (await Deno.readTextFile(`${run}/log.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line));
    const { place, ...event } = log.find(({ event }) => event === "retry");
    assertEquals(
      [event.failedStep, event.step, event.learningRate, place.step],
      [12, 9, 1500, 12],
    );
    // It goes on with that rate, and doesn't go back again.
    const resumed = await train("--resume", run, "--steps", "64");
    assertEquals([resumed.code, resumed.errors.length], [1, 1], resumed.stderr);
    assert(!resumed.stderr.includes("going back"), resumed.stderr);
    assertEquals((await readConfig(run)).settings.learningRate, 1500);
  }));

Deno.test("train that has saved nothing yet begins again with half the learning rate", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const args = [...TRAIN, "--threads", "1", "--save-every", "1h", "--on-nan", "retry"];
    const { code, stderr } = await train(...args, "--steps", "14", "--out", run);
    assertMatch(stderr, /; going back to step 0, with a learning rate of 1500\n/);
    assertEquals(
      (await readConfig(run).catch(() => ({ settings: {} }))).settings.learningRate,
      1500,
      stderr,
    );
    assertEquals(code, 0, stderr);
  }));

// A run whose numbers cease to be finite: it stops with the step and the layer, or goes back once with half the learning rate.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { adam, build, getOrThrow, linear, NotFiniteError } from "../../models/mod.ts";
import { formatError } from "../../tasks/_cli/errors.ts";
import { halve, NotFiniteRun, planRetry, recallRetry } from "../../tasks/_train/not_finite.ts";
import type { RunPlan } from "../../tasks/_train/plan_run.ts";
import { readRun } from "../../tasks/_train/read_run.ts";
import type { Run } from "../../tasks/_train/run.ts";
import { formatConfig, type RunConfig } from "../../tasks/_train/run_config.ts";
import { openRunFolder } from "../../tasks/_train/run_folder.ts";
import { toRuntime } from "../../tasks/_train/runtime.ts";
import { checkpointAt, createConfig } from "./_run_folder.ts";
import { runTask, withFolder } from "./_task.ts";

/** A training of which a weight overflows in step 12, and with half the learning rate some steps later. */
const TRAIN = ["--backend", "wasm", "--model", "lenet", "--activation", "relu", "--epochs", "4"]
  .concat("--images", "256", "--test-images", "16", "--batch-size", "16", "--optimizer", "sgd")
  .concat("--learning-rate", "3000", "--momentum", "0.99");
const SAVED = [...TRAIN, "--save-every", "3"];

const train = (...args: string[]) => runTask(["train", ...args]);

/** Reads the lines of a run's log that tell that it has gone back. */
const readRetries = async (dir: string) =>
  (await Deno.readTextFile(`${dir}/log.jsonl`)).trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ event }) => event === "retry");

/** Opens a folder for a run of a small network, over what is there. */
const openFolder = (dir: string, config: RunConfig, resume?: string) =>
  openRunFolder(dir, getOrThrow(build(linear(2), [3])), adam(), config, { begin: "over", resume });

/** The configuration of a run that has gone back after step 12. */
const goBack = (config: RunConfig): RunConfig => ({
  ...config,
  settings: { ...config.settings, learningRate: halve(config.settings.learningRate) },
  runtime: { ...config.runtime, retried: 12 },
});

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
    // What it says at its beginning it says once.
    assertEquals(retried.stderr.match(/^(?:run|memory|backend): /gm)?.length, 3, retried.stderr);
    const { settings, runtime } = await readConfig(run);
    assertEquals([settings.learningRate, runtime.onNan, runtime.retried], [1500, "retry", 12]);
    const [{ place, ...event }, ...others] = await readRetries(run);
    assertEquals(
      [event.failedStep, event.step, event.learningRate, place.step, others],
      [12, 9, 1500, 12, []],
    );
    // It goes on with that rate, and doesn't go back again.
    const resumed = await train("--resume", run, "--steps", "64");
    assertEquals([resumed.code, resumed.errors.length], [1, 1], resumed.stderr);
    assert(!resumed.stderr.includes("going back"), resumed.stderr);
    assertEquals((await readConfig(run)).settings.learningRate, 1500);
    assertEquals((await readRetries(run)).length, 1);
  }));

Deno.test("train that was killed between its going back and the next save doesn't go back again", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const args = [...SAVED, "--threads", "1", "--on-nan", "retry", "--out", run];
    const begun = await train(...args, "--steps", "9");
    assertEquals(begun.code, 0, begun.stderr);
    // What planRetry() leaves, before it trains on.
    const config = await readConfig(run);
    const folder = await openFolder(run, config, run);
    await folder.reconfigure(goBack(config));
    await folder.close();
    const resumed = await train("--resume", run, "--steps", "64");
    assertEquals([resumed.code, resumed.errors.length], [1, 1], resumed.stderr);
    assert(!/going back|warning: /.test(resumed.stderr), resumed.stderr);
    const { settings, runtime } = await readConfig(run);
    assertEquals([settings.learningRate, runtime.onNan, runtime.retried], [1500, "retry", 12]);
    const [event, ...others] = await readRetries(run);
    assertEquals(event, { event: "retry", failedStep: 12, step: 9, learningRate: 1500 });
    assertEquals(others, []);
  }));

Deno.test("train that has saved nothing yet begins again with half the learning rate", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const args = [...TRAIN, "--threads", "1", "--save-every", "1h", "--on-nan", "retry"];
    const { code, stderr } = await train(...args, "--steps", "14", "--out", run);
    assertEquals(code, 0, stderr);
    // There is nothing that would stay as it is.
    assertMatch(
      stderr,
      /\nwarning: Cannot go on as .*: try a lower --learning-rate; going back to step 0, with a learning rate of 1500\n/,
    );
    assertEquals((await readConfig(run)).settings.learningRate, 1500);
    assertEquals((await readRetries(run)).map(({ step }) => step), [0]);

    // One that is killed before it saves begins anew with that rate, and doesn't go back again.
    const killed = `${dir}/killed`;
    await Deno.mkdir(killed);
    await Deno.copyFile(`${run}/config.json`, `${killed}/config.json`);
    const anew = await train("--resume", killed, "--steps", "14");
    assertEquals([anew.code, anew.errors], [0, []], anew.stderr);
    assert(!anew.stderr.includes("going back"), anew.stderr);
    const { settings, runtime } = await readConfig(killed);
    assertEquals([settings.learningRate, runtime.onNan, runtime.retried], [1500, "retry", 13]);
    assertEquals((await readRetries(killed)).map(({ failedStep }) => failedStep), [13]);
  }));

Deno.test("planRetry() has the configuration say that a run goes back, before it does", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const config = {
      ...createConfig(),
      runtime: { ...createConfig().runtime, onNan: "retry" },
    } as const;
    const cause = new NotFiniteError("the loss", NaN, 7);
    const folder = await openFolder(run, config);
    const plan = (run: string | undefined, more: object = {}) =>
      planRetry(
        { config, flags: {}, options: { settings: config.settings } } as unknown as RunPlan,
        new NotFiniteRun(
          cause,
          { config, folder, signal: new AbortController().signal, ...more } as unknown as Run,
          run,
        ),
      );
    const rate = halve(config.settings.learningRate);
    const read = async () => {
      const { settings, runtime } = await readConfig(run);
      return [settings.learningRate, runtime.retried];
    };
    // Whoever has interrupted it gets its end; a second time there is none, and nor is it asked for.
    assertEquals(await plan(undefined, { signal: AbortSignal.abort() }), undefined);
    const retried = { ...config, runtime: { ...config.runtime, retried: 3 } };
    assertEquals(await plan(undefined, { config: retried }), undefined);
    const stopped = { ...config, runtime: { ...config.runtime, onNan: "stop" } };
    assertEquals(await plan(undefined, { config: stopped }), undefined);
    assertEquals(await read(), [config.settings.learningRate, undefined]);
    // Nothing is saved yet, and the folder was removed besides.
    await Deno.remove(run, { recursive: true });
    assertEquals(await plan(run), undefined);
    const first = await plan(undefined);
    assertEquals([first?.saved, first?.flags.resume, first?.retried], [
      undefined,
      undefined,
      cause,
    ]);
    assertEquals(first?.config.settings.learningRate, rate);
    assertEquals(first?.options.settings.learningRate, rate);
    assertEquals(await read(), [rate, 7]);
    // Back to what was saved, which still says what it was made with.
    await folder.reconfigure(config);
    await folder.save(checkpointAt(5, { best: true }));
    const second = await plan(run);
    assertEquals([second?.saved?.position.step, second?.flags.resume], [5, run]);
    assertEquals(second?.saved?.settings.learningRate, config.settings.learningRate);
    assertEquals(await read(), [rate, 7]);
    await folder.close();

    // So a run that goes on from there recalls it; but nothing else that may be in the file.
    const { saved } = getOrThrow(await readRun(run)());
    assert(saved);
    const text = await Deno.readTextFile(`${run}/config.json`);
    const recalled = recallRetry(saved, text);
    assertEquals(recalled?.retried, { step: 7 });
    assertEquals(recalled?.saved.settings, { ...config.settings, learningRate: rate });
    assertEquals(recalled?.saved.runtime, { ...config.runtime, retried: 7 });
    // A run that goes on from there writes the same bytes.
    const { backend: name, threads } = config.runtime;
    const runtime = toRuntime({ onNan: "retry" }, { name }, {
      ...{ threads, tuning: undefined, retried: 7 },
    });
    assertEquals(formatConfig({ ...config, settings: recalled!.saved.settings, runtime }), text);
    assertEquals(recallRetry(recalled!.saved, text), undefined);
    const edit = (settings: object, runtime: object) =>
      JSON.stringify({
        settings: { ...config.settings, learningRate: rate, ...settings },
        runtime: { ...config.runtime, retried: 7, ...runtime },
      });
    assert(recallRetry(saved, edit({}, {})));
    for (
      const other of [
        ...[undefined, "", "null", "{", "[]", "{}", edit({ learningRate: 1 }, {})],
        ...[edit({}, { retried: undefined }), edit({}, { retried: 4 }), edit({}, { keep: 0 })],
      ]
    ) assertEquals(recallRetry(saved, other), undefined);
  }));

Deno.test("a run folder's configuration is not changed over another run's until the next save", () =>
  withFolder(async (dir) => {
    const config = createConfig();
    const first = await openFolder(dir, config);
    await first.save(checkpointAt(1, { best: true }));
    await first.close();
    const { runtime: _, ...before } = await readConfig(dir);
    const second = await openFolder(dir, goBack(config));
    await second.reconfigure(goBack(config));
    assertEquals((await readConfig(dir)).settings, before.settings);
    await second.save(checkpointAt(2, { best: true }));
    assertEquals((await readConfig(dir)).runtime.retried, 12);
    await second.close();
  }));

Deno.test("what isn't finite is told with what was saved before, where something was", () => {
  const cause = new NotFiniteError("the loss", NaN, 2);
  const tell = (dir?: string) => formatError(new NotFiniteRun(cause, {} as Run, dir));
  const words =
    "Cannot go on as the loss after step 2 is not finite, but NaN: try a lower --learning-rate";
  assertEquals(tell(), words);
  assertEquals(tell("runs/first"), `${words}; what was saved before stays as it is`);
});

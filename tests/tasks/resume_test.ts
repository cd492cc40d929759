import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { namesIn, readFolder } from "./_run_folder.ts";
import { compareFolders, readFolder as readFiles, startRun } from "./_kill/small_run.ts";
import { runTask, withFolder } from "./_task.ts";

const noSignals = Deno.build.os === "windows" && "no signals to other processes on Windows";

/** A run whose epochs have four steps. */
const SMALL = [
  ...["--model", "lenet", "--backend", "wasm", "--threads", "1", "--batch-size", "8"],
  ...["--images", "32", "--log-every", "1"],
];

const readEvents = async (path: string) =>
  (await Deno.readTextFile(path).catch(() => "")).split("\n").slice(0, -1)
    .map((line) => JSON.parse(line));

/** Waits until a run's log has so many steps. */
async function waitForStep(dir: string, step: number): Promise<void> {
  const isThere = async () =>
    (await readEvents(`${dir}/log.jsonl`)).some((event) => event.step === step);
  while (!await isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
}

testUnless(
  noSignals,
  "a run that is interrupted between its last step and the end of the evaluation evaluates when it goes on",
  () =>
    withFolder(async (dir) => {
      // With a last step by number, and a test pass that takes a while.
      const args = [
        ...[...SMALL, "--epochs", "1", "--steps", "4", "--test-images", "10000"],
        ...["--out", `${dir}/run`],
      ];
      const { child, ended } = await startRun(args);
      await waitForStep(`${dir}/run`, 4);
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      assertStringIncludes(stderr, "interrupted after step 4");
      assertEquals(code, 130);
      const position = (await readEvents(`${dir}/run/log.jsonl`)).at(-1);
      assertEquals([position.event, position.step, position.reason], ["save", 4, "aborted"]);
      const on = await runTask(["train", "--resume", `${dir}/run`, "--steps", "4"]);
      assertEquals([on.code, on.errors], [0, []], on.stderr);
      assertMatch(on.stdout, /^epoch 1, loss .*, test acc \d\.\d{3}, time \d+\.\d sec\n$/);
      const whole = await runTask(["train", ...args.slice(0, -1), `${dir}/whole`]);
      assertEquals(whole.code, 0, whole.stderr);
      const untimed = (text: string) => text.replace(/, time .*/, "");
      assertEquals(untimed(on.stdout), untimed(whole.stdout));
      // The log, too: it doesn't tell any more that the run was interrupted.
      const expected = await readFiles(`${dir}/whole`);
      assertEquals(compareFolders(expected, await readFiles(`${dir}/run`)), []);
    }),
);

testUnless(
  noSignals,
  "a second run in a folder is refused while the first is there",
  () =>
    withFolder(async (dir) => {
      const run = `${dir}/my run ü`;
      await Deno.symlink(run, `${dir}/link`);
      const args = [...SMALL.slice(0, 8), "--images", "3200", "--epochs", "1000"];
      const often = ["--test-images", "8", "--save-every", "3", "--log-every", "1"];
      const { child, ended } = await startRun([...args, ...often, "--out", run]);
      await waitForStep(run, 9);
      for (const more of [["--resume", `${dir}/link`], [...SMALL, "--out", run, "--yes"]]) {
        const { code, errors } = await runTask(["train", ...more]);
        assertEquals([code, errors.length], [1, 1]);
        assertMatch(
          errors[0] ?? "",
          new RegExp(
            `^error: Cannot use .* as another run is saving to it, the process ${child.pid}:`,
          ),
        );
      }
      child.kill("SIGKILL");
      await ended;
      // A crash leaves no lock behind, and what it has left is cleaned up. All else is remembered.
      const { generations } = JSON.parse(await Deno.readTextFile(`${run}/last.json`));
      const steps = String(generations.at(-1).step + 4);
      const on = await runTask(["train", "--resume", `${dir}/link`, "--steps", steps, "--quiet"]);
      assertEquals([on.code, on.stderr], [0, ""]);
      const names = await namesIn(run);
      assertEquals(names.filter((name) => name === "lock" || name.endsWith(".tmp")), []);
      const runs = (await readEvents(`${run}/log.jsonl`)).filter(({ event }) => event === "run");
      const facts = runs.map(({ backend, kernels, precision, threads, saveEvery, keep }) => ({
        ...{ backend: backend.name, kernels, precision, threads, saveEvery, keep },
      }));
      assertEquals(facts.length, 2);
      assertEquals(facts[1], facts[0]);
    }),
);

Deno.test("a run that was killed before it saved begins anew, as its config.json says", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const args = [
      ...[...SMALL, "--epochs", "1", "--test-images", "8"],
      ...["--learning-rate", "0.03", "--save-every", "2"],
    ];
    const whole = await runTask(["train", ...args, "--out", `${dir}/whole`]);
    assertEquals(whole.code, 0, whole.stderr);
    await Deno.mkdir(run);
    await Deno.copyFile(`${dir}/whole/config.json`, `${run}/config.json`);
    await Deno.writeTextFile(
      `${run}/log.jsonl`,
      '{"event":"run","rill":"0"}\n{"event":"step","step":1,"se',
    );
    await Deno.writeTextFile(`${run}/step-2.safetensors.tmp`, "torn");
    const on = await runTask(["train", "--resume", run]);
    assertEquals([on.code, on.errors], [0, []], on.stderr);
    assertStringIncludes(
      on.stderr,
      `resumed: ${run} has no checkpoint, so the run begins anew as its config.json says`,
    );
    const without = ["log.jsonl", "lock"];
    assertEquals(await readFolder(run, without), await readFolder(`${dir}/whole`, without));

    await Deno.mkdir(`${dir}/torn`);
    await Deno.writeTextFile(`${dir}/torn/config.json`, '{"version":');
    const torn = await runTask(["train", "--resume", `${dir}/torn`]);
    assertEquals([torn.code, torn.errors.length], [2, 1]);
    assertStringIncludes(
      torn.errors[0] ?? "",
      `Cannot go on with ${dir}/torn as it has no checkpoint, and its config.json can't be used: `,
    );

    // A run with a checkpoint needs none, and says that it isn't the one.
    await Deno.writeTextFile(`${run}/config.json`, "{}");
    const more = await runTask(["train", "--resume", run, "--epochs", "2", "--threads", "2"]);
    assertEquals([more.code, more.errors], [0, []], more.stderr);
    assertStringIncludes(
      more.stderr,
      `warning: ${run}/config.json is not what the run was saved with; its checkpoint's settings are used`,
    );
    assertMatch(more.stderr, /^backend: WASM .*, 2 threads/m);
    const { settings, runtime } = JSON.parse(await Deno.readTextFile(`${run}/config.json`));
    assertEquals([settings.learningRate, settings.epochs, runtime.threads], [0.03, 2, 2]);
  }));

testUnless(
  noSignals,
  "a run that goes on in another folder and was killed before it saved there goes on from where it did",
  () =>
    withFolder(async (dir) => {
      const [first, other, whole] = [`${dir}/first`, `${dir}/other`, `${dir}/whole`];
      const begun = await runTask([
        ...["train", ...SMALL, "--epochs", "1", "--test-images", "8", "--out", first],
      ]);
      assertEquals(begun.code, 0, begun.stderr);
      const args = ["--resume", first, "--epochs", "2"];
      const { child, ended } = await startRun([...args, "--out", other]);
      await waitForStep(other, 5);
      child.kill("SIGKILL");
      await ended;
      const { from } = JSON.parse(await Deno.readTextFile(`${other}/config.json`));
      assertEquals(from, await Deno.realPath(first));
      const on = await runTask(["train", "--resume", other]);
      assertEquals([on.code, on.errors], [0, []], on.stderr);
      assertStringIncludes(
        on.stderr,
        `resumed: ${other} has no checkpoint yet, so the run goes on from ${from} again`,
      );
      assertMatch(on.stdout, /^epoch 2, /);
      const undisturbed = await runTask(["train", ...args, "--out", whole]);
      assertEquals(undisturbed.code, 0, undisturbed.stderr);
      assertEquals(compareFolders(await readFiles(whole), await readFiles(other)), []);
    }),
);

Deno.test("train says what --save-every and --keep take", async () => {
  for (const value of ["0", "1.5", "2 min", "3days", "-1", "min", "1e3", "999h"]) {
    const { code, errors } = await runTask(["train", `--save-every=${value}`]);
    assertEquals(code, 2);
    assertStringIncludes(
      errors[0] ?? "",
      `Cannot use --save-every ${value}: it must be a number of steps, as 20, or a time, as 30s, 2min`,
    );
  }
  const { errors } = await runTask(["train", "--keep", "0"]);
  assert(errors[0]?.includes("--keep 0: it must be an integer of at least 1"));
});

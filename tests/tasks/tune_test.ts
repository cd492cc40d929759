import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type Backend, getOrThrow } from "../../models/mod.ts";
import { nightly } from "../_nightly.ts";
import { webgpuTest } from "../models/_webgpu.ts";
import { describeBackend } from "../../tasks/_model/describe_backend.ts";
import { readTuning } from "../../tasks/_model/tuning_file.ts";
import { runTuning } from "../../tasks/_tune/run_tuning.ts";
import { root, runTask, type TaskResult, withFolder } from "./_task.ts";

const info = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout));

/** Creates an environment with a cache directory of its own, which is not Deno's. */
const cacheIn = (dir: string) => ({ XDG_CACHE_HOME: dir, DENO_DIR: denoDir });
const fileIn = (dir: string) => `${dir}/rill/webgpu_tuning.json`;

const SMALL = ["tune", "--side", "67", "--batch-size", "1", "--seconds", "1"];

webgpuTest(
  "tune measures AlexNet's products, and keeps what it found",
  () =>
    withFolder(async (dir) => {
      const env = cacheIn(dir);
      const dry = await runTask([...SMALL, "--dry-run", "--quiet"], { env });
      assertEquals([dry.code, dry.errors], [0, []], dry.stderr);
      const lines = dry.stdout.trim().split("\n");
      // A head, a rule, and three passes of eight layers; nothing learns from the first one's input gradient.
      assertEquals(lines.length, 2 + 3 * 8 - 1);
      assertMatch(lines[2] ?? "", /^conv1 forward +\d+\.\d+ +(\d|not reached)/);
      await assertRejects(() => Deno.stat(fileIn(dir)), Deno.errors.NotFound);

      await Deno.mkdir(`${dir}/rill`);
      await Deno.writeTextFile(fileIn(dir), '{"format":1,"adapters":{"another":{}}}');
      const kept = await runTask([...SMALL, "--json"], { env });
      assertEquals(kept.code, 0, kept.stderr);
      assertStringIncludes(kept.stderr, `tuning: kept in ${fileIn(dir)}`);
      const { side, batchSize, products } = JSON.parse(kept.stdout);
      assertEquals([side, batchSize, products.length], [67, 1, 23]);
      const { format, adapters } = JSON.parse(await Deno.readTextFile(fileIn(dir)));
      assertEquals([format, Object.keys(adapters).length, adapters.another], [1, 2, {}]);
    }),
  () => nightly,
);

webgpuTest("Ctrl-C leaves what was kept before", () =>
  withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/rill`);
    await Deno.writeTextFile(fileIn(dir), "before");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "tasks/tune.ts", ...SMALL.slice(1, -1), "1000"],
      cwd: root,
      env: { ...cacheIn(dir), NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const text: string[] = [];
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text.push(part);
      if (part.includes("products: ")) child.kill("SIGINT");
    }
    const { code } = await child.status;
    await child.stdout.cancel();
    assertEquals(code, 130, text.join(""));
    assertStringIncludes(text.join(""), "interrupted: nothing is kept");
    assertEquals(await Deno.readTextFile(fileIn(dir)), "before");
  }));

/** Asserts that a task ended with one clear line. */
function assertFailed({ code, stdout, stderr, errors }: TaskResult, message: string, expected = 1) {
  assertEquals([code, stdout, errors.length], [expected, "", 1], stderr);
  assertStringIncludes(errors[0] ?? "", message);
}

Deno.test("tune fails with one line", () =>
  withFolder(async (dir) => {
    const env = cacheIn(dir);
    assertFailed(await runTask(["tune", "--seconds", "0"], { env }), "Cannot use --seconds 0", 2);
    assertFailed(await runTask(["tune", "--side", "66"], { env }), "its layer conv.12 needs", 2);
    const homeless = { ...env, XDG_CACHE_HOME: "", HOME: "", LOCALAPPDATA: "" };
    assertFailed(await runTask(SMALL, { env: homeless }), "as no cache directory is known");
  }));

Deno.test("tune fails if there is no adapter", async () => {
  const { navigator } = globalThis;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    const flags = { dryRun: true, quiet: true };
    await assertRejects(
      async () => getOrThrow(await runTuning(flags)()),
      Error,
      "as no WebGPU adapter was found",
    );
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  }
});

Deno.test("readTuning() notes a file that is not JSON, and ignores it", () =>
  withFolder(async (dir) => {
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    assertEquals(await readTuning(note, `${dir}/absent`), undefined);
    assertEquals(notes, []);
    await Deno.writeTextFile(`${dir}/bad`, "{");
    assertEquals(await readTuning(note, `${dir}/bad`), undefined);
    assertEquals(notes.length, 1);
    assert(notes[0]?.startsWith(`tuning: ${dir}/bad is ignored as it cannot be read: `));
    await Deno.writeTextFile(`${dir}/good`, '{"format":1}');
    assertEquals(await readTuning(note, `${dir}/good`), { format: 1 });
  }));

Deno.test("the backend's line says whether tuned programs are used", () => {
  const backend = { description: "WebGPU on X", reason: "found" } as Backend;
  assertEquals(describeBackend(backend), ["backend: WebGPU on X, found"]);
  assertEquals(describeBackend({ ...backend, tuning: { classes: 2 } }), [
    "backend: WebGPU on X, found, with tuned programs for 2 classes of products",
  ]);
  assertEquals(describeBackend({ ...backend, tuning: { ignored: "it is of format 0, not 1" } }), [
    "backend: WebGPU on X, found",
    "tuning: what deno task tune kept is ignored as it is of format 0, not 1; run it again",
  ]);
});

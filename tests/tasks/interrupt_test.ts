import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { filesOf, namesIn as names } from "./_run_folder.ts";
import { readTaskArgs, root, withFolder } from "./_task.ts";

const noSignals = Deno.build.os === "windows" && "no signals to other processes on Windows";

/** A program that waits for a signal, then a second in which others may come, and ends with the listener's code. */
const SCRIPT = `
  import { listenForInterrupt } from ${JSON.stringify(`file://${root}tasks/_cli/interrupt.ts`)};
  let said = 0;
  using interrupt = listenForInterrupt(() => console.log("first", ++said));
  console.log("ready");
  while (!interrupt.requested) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 700));
  console.log("saved");
  Deno.exit(interrupt.code);
`;

/** Starts a program that listens for signals. */
async function startScript(script: string): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--ext=ts", "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  return child;
}

/** Sends signals to a program that listens for them, each some time after the one before. */
async function sendSignals(...signals: Deno.Signal[]): Promise<[code: number, stdout: string]> {
  const child = await startScript(SCRIPT);
  let stdout = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const ready = !stdout.includes("ready") && (stdout + text).includes("ready");
    stdout += text;
    if (!ready) continue;
    for (const signal of signals) {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return [(await child.status).code, stdout.replace("ready\n", "")];
}

for (
  const [signals, code, saved] of [
    [["SIGINT"], 130, true],
    [["SIGTERM"], 143, true],
    [["SIGHUP"], 129, true],
    // A terminal that is closed, under `deno task`: both send it.
    [["SIGHUP", "SIGHUP"], 129, true],
    [["SIGHUP", "SIGTERM"], 129, true],
    [["SIGTERM", "SIGHUP"], 143, true],
    // Somebody insists.
    [["SIGINT", "SIGINT"], 130, false],
    [["SIGTERM", "SIGTERM"], 143, false],
    [["SIGHUP", "SIGINT"], 130, false],
  ] as [Deno.Signal[], number, boolean][]
) {
  testUnless(
    noSignals,
    `listenForInterrupt() ${saved ? "lets a program end" : "ends it at once"} after ${
      signals.join(", ")
    }`,
    async () => {
      const stdout = saved ? "first 1\nsaved\n" : "first 1\n";
      assertEquals(await sendSignals(...signals), [code, stdout]);
    },
  );
}

/** A program that works in steps of 300 ms, and tells at the end when it began each, and when each signal was answered. */
const WORK = `
  import { createBreather } from ${JSON.stringify(`file://${root}models/types/_breathe.ts`)};
  const [steps, signals] = [[], []];
  Deno.addSignalListener("SIGHUP", () => signals.push(Date.now()));
  const breathe = createBreather();
  console.log("ready");
  for (let step = 0; step < 14; step++) {
    steps.push(Date.now());
    for (const begin = performance.now(); performance.now() - begin < 300;);
    await breathe();
  }
  console.log(JSON.stringify({ steps, signals }));
  Deno.exit();
`;

testUnless(noSignals, "a signal is answered after the step under way", async () => {
  const child = await startScript(WORK);
  const sent: number[] = [];
  let stdout = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    stdout += text;
    for (let i = 0; stdout === "ready\n" && i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 730));
      sent.push(Date.now());
      child.kill("SIGHUP");
    }
  }
  await child.status;
  const { steps, signals }: Record<string, number[]> = JSON.parse(stdout.replace("ready\n", ""));
  assertEquals(signals?.length, sent.length, "not all were answered");
  const waited = sent.map((time, i) =>
    steps!.filter((at) => at > time && at < signals![i]!).length
  );
  // One may have begun while the signal was on its way.
  assert(Math.max(...waited) <= 1, `answered after ${waited} further steps`);
});

/** Starts a training of a small network. */
const startTraining = async (dir: string, args: readonly string[], shell = "") => {
  const command = [Deno.execPath(), ...await readTaskArgs("train"), "--backend", "wasm"]
    .concat("--threads", "1", "--preset", "quick", "--model", "lenet", "--batch-size", "4")
    .concat("--out", `${dir}/run`, ...args);
  return new Deno.Command("bash", {
    args: ["-c", `exec "$@" ${shell}`, "bash", ...command],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
};

testUnless(
  noSignals,
  "train saves when its terminal is closed, which nobody reads from any more",
  () =>
    withFolder(async (dir) => {
      const log = ["--log", `${dir}/log`, "--log-every", "1"];
      const child = await startTraining(dir, log);
      const steps = async () =>
        (await Deno.readTextFile(`${dir}/log`).catch(() => "")).split('"step",').length - 1;
      for (let i = 0; i < 600 && await steps() < 2; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await child.stdout.cancel();
      await child.stderr.cancel();
      child.kill("SIGHUP");
      child.kill("SIGHUP");
      assertEquals((await child.status).code, 129);
      assertEquals(await names(`${dir}/run`), [
        "config.json",
        ...filesOf(await steps()).toSpliced(1, 0, "log.jsonl"),
      ]);
    }),
);

testUnless(
  Deno.build.os !== "linux" && "/dev/full is Linux's",
  "train goes on where nothing can be printed",
  () =>
    withFolder(async (dir) => {
      const args = ["--images", "8", "--test-images", "8"];
      const child = await startTraining(dir, args, ">/dev/full 2>/dev/full");
      assertEquals((await child.output()).code, 0);
      const saved = await names(`${dir}/run`);
      assertEquals(saved.length, 7);
      assert(saved.includes("best.safetensors") && saved.includes("README.md"));
      const shown = await startTraining(dir, [...args, "--yes"], ">/dev/full");
      const { code, stderr } = await shown.output();
      const text = new TextDecoder().decode(stderr);
      assertEquals(code, 0, text);
      assertStringIncludes(text, "warning: Cannot print results, and goes on without: No space");
    }),
);

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { webgpuTest } from "../models/_webgpu.ts";
import { filesOf, namesIn as names, readTensors } from "./_run_folder.ts";
import { readTaskArgs, root, runTask, withFolder } from "./_task.ts";

/** Two epochs of three steps, a test pass after each. */
const SMALL = ["--backend", "wasm", "--images", "8", "--batch-size", "3", "--test-images", "8"];

for (const threads of ["1", "2"]) {
  testUnless(
    Deno.build.os === "windows" && "no signals to other processes on Windows",
    `train saves on Ctrl-C and says how to go on, with --threads ${threads}`,
    () => interrupted(threads),
  );
}

const interrupted = (threads: string) =>
  withFolder(async (dir) => {
    const args = await readTaskArgs("train");
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, "--backend", "wasm", "--preset", "quick", "--model", "lenet"]
        .concat("--batch-size", "4", "--out", `${dir}/run`)
        .concat("--log", `${dir}/log`, "--log-every", "1", "--threads", threads),
      cwd: root,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    const steps = async () =>
      (await Deno.readTextFile(`${dir}/log`).catch(() => "")).split('"step",').length - 1;
    for (let i = 0; i < 600 && await steps() < 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    child.kill("SIGINT");
    const { code, stderr } = await output;
    const text = new TextDecoder().decode(stderr);
    assertEquals(code, 130, text);
    const made = await steps();
    assertStringIncludes(
      text,
      `interrupted after step ${made}: saved to ${dir}/run; ` +
        `go on with: deno task train --resume ${dir}/run`,
    );
    assertEquals(
      await names(`${dir}/run`),
      ["config.json", ...filesOf(made).toSpliced(1, 0, "log.jsonl")],
    );
    const on = await runTask(
      ["train", "--resume", `${dir}/run`, "--steps", `${made + 1}`, "--backend", "wasm"],
    );
    assertEquals(on.code, 0, on.stderr);
    assertMatch(on.stdout, new RegExp(`^step ${made + 1}, `));
  });

/** The tensors that a run saved last: its parameters and its optimizer's. The metadata has the number of threads. */
async function readLast(dir: string) {
  const [params, optimizer] = await Promise.all(
    ["", ".optimizer"].map((kind) => readTensors(`${dir}/step-6${kind}.safetensors`)),
  );
  return { ...params!.tensors, ...optimizer!.tensors };
}

Deno.test("train gives the same bits with threads and without, and goes on with another number", () =>
  withFolder(async (dir) => {
    const args = ["train", ...SMALL, "--model", "lenet", "--epochs", "2"];
    const run = (...more: string[]) => runTask([...args, ...more]);
    const alone = await run("--threads", "1", "--out", `${dir}/a`);
    assertEquals([alone.code, alone.errors], [0, []], alone.stderr);
    assertMatch(alone.stderr, /^backend: WASM \(.*\), 1 thread, /);
    const together = await run("--threads", "2", "--out", `${dir}/b`, "--log", `${dir}/log`);
    assertEquals([together.code, together.errors], [0, []], together.stderr);
    assertMatch(together.stderr, /^backend: WASM \(.*\), 2 threads, /);
    const untimed = (text: string) => text.replaceAll(/, time .*/g, "");
    assertEquals(untimed(together.stdout), untimed(alone.stdout));
    const [event = ""] = (await Deno.readTextFile(`${dir}/log`)).split("\n");
    assertEquals(JSON.parse(event).threads, 2);

    const first = await run("--threads", "3", "--steps", "2", "--out", `${dir}/c`);
    assertEquals([first.code, first.errors], [0, []], first.stderr);
    const rest = ["train", "--resume", `${dir}/c`, "--test-images", "8", "--backend", "wasm"];
    for (const more of [["--threads", "2", "--steps", "4"], ["--threads", "1"]]) {
      const { code, errors, stderr } = await runTask([...rest, ...more]);
      assertEquals([code, errors], [0, []], stderr);
    }
    const expected = await readLast(`${dir}/a`);
    for (const other of ["b", "c"]) {
      assertEquals(await names(`${dir}/${other}`), await names(`${dir}/a`));
      const tensors = await readLast(`${dir}/${other}`);
      assertEquals(Object.keys(tensors), Object.keys(expected));
      for (const [name, { data }] of Object.entries(tensors)) {
        assert(
          data.every((value, i) => Object.is(value, expected[name]!.data[i])),
          `${name} of ${other}`,
        );
      }
    }
  }));

Deno.test("train with threads ends at a loss that is not finite, and saves nothing", () =>
  withFolder(async (dir) => {
    const { code, errors } = await runTask(
      ["train", ...SMALL, "--learning-rate", "1e30", "--threads", "2", "--out", `${dir}/run`],
    );
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(
      errors[0] ?? "",
      /^error: Cannot go on as the loss after step 2 is not finite, but NaN: it arose in step 2 in .*: try a lower --learning-rate$/,
    );
    assertEquals(await names(dir), []);
  }));

webgpuTest("train refuses threads on WebGPU", () =>
  withFolder(async (dir) => {
    const { code, errors } = await runTask(
      ["train", "--backend", "webgpu", "--threads", "2", "--out", `${dir}/run`],
    );
    assertEquals([code, errors.length], [2, 1]);
    assertMatch(errors[0] ?? "", /^error: Cannot use --threads 2 on WebGPU on /);
    assertEquals(await names(dir), []);
  }));

Deno.test("a run with threads that cannot begin has one error and leaves nothing", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/weights`, "no tensors");
    const { code, errors } = await runTask(
      ["train", "--backend", "wasm", "--threads", "2", "--weights", `${dir}/weights`]
        .concat("--out", `${dir}/run`),
    );
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(errors[0] ?? "", /^error: Cannot read .*weights/);
    assertEquals(await Array.fromAsync(Deno.readDir(dir), ({ name }) => name), ["weights"]);
  }));

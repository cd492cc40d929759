import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { decodeSafetensors } from "../../models/mod.ts";
import { root, runTask, withFolder } from "./_task.ts";
import { webgpuTest } from "../models/_webgpu.ts";

/** The smallest run that is the whole thing: two epochs of two steps, a test pass after each. */
const SMALL = ["--backend", "wasm", "--images", "8", "--batch-size", "4", "--test-images", "8"];

async function readTensors(path: string) {
  const decoded = decodeSafetensors(await Deno.readFile(path));
  assert(decoded._tag === "Right");
  return decoded.right;
}

const names = async (dir: string) =>
  (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();

Deno.test("train saves, logs, and goes on exactly where it was", () =>
  withFolder(async (dir) => {
    const straight = await runTask(
      ["train", ...SMALL, "--epochs", "2", "--out", `${dir}/a`, "--log", `${dir}/a.jsonl`]
        .concat("--log-every", "1"),
    );
    assertEquals([straight.code, straight.errors], [0, []], straight.stderr);
    const lines = straight.stdout.trim().split("\n");
    assertEquals(lines.length, 2);
    lines.forEach((line, i) =>
      assertMatch(
        line,
        new RegExp(
          `^epoch ${
            i + 1
          }, loss \\d+\\.\\d{4}, train acc [01]\\.\\d{3}, test acc [01]\\.\\d{3}, time \\d+\\.\\d sec$`,
        ),
      )
    );
    assertEquals(
      await names(`${dir}/a`),
      ["best.safetensors", "config.json", "last.safetensors", "optimizer-4.safetensors"],
    );
    const [head] = straight.stderr.split("\n");
    assertMatch(head, /^backend: WASM .*asked for by name$/);
    assertStringIncludes(straight.stderr, "--side 224 --batch-size 128 --epochs 5 --images 60000");

    const events = (await Deno.readTextFile(`${dir}/a.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(
      events.map(({ event }) => event),
      ["run", "step", "step", "epoch", "step", "step", "epoch"],
    );
    assertEquals(events[0].settings.images, 8);
    const [, first, second, epoch] = events;
    assertEquals([first.step, first.epoch, second.step, epoch.epoch], [1, 1, 2, 1]);
    const mean = (first.loss + second.loss) / 2;
    assert(
      Math.abs(epoch.loss - mean) < 1e-9 * mean,
      "an epoch's loss is the mean over its images",
    );
    assertEquals(epoch.trainAccuracy, (first.accuracy + second.accuracy) / 2);
    // The line's loss is the chapter's: the sum of the batches' mean losses over the number of images.
    assertStringIncludes(lines[0], `loss ${((first.loss + second.loss) / 8).toFixed(4)},`);

    // The same run in three pieces: stopped within the first epoch, in the second, and to the end.
    const rest = ["--resume", `${dir}/b`, "--test-images", "8", "--backend", "wasm"];
    const pieces = [
      await runTask(["train", ...SMALL, "--epochs", "2", "--steps", "1", "--out", `${dir}/b`]),
      await runTask(["train", ...rest, "--steps", "3"]),
      await runTask(["train", ...rest, "--quiet"]),
    ];
    for (const { code, stderr } of pieces) assertEquals(code, 0, stderr);
    assertMatch(pieces[0].stdout, /^step 1, loss \d+\.\d{4}, train acc \d\.\d{3}\n$/);
    assertStringIncludes(pieces[0].stderr, `--resume ${dir}/b`);
    const untimed = (text: string) => text.replace(/, time .*/, "");
    assertEquals(untimed(pieces[2].stdout.trim()), untimed(lines[1]));
    assertEquals(pieces[2].stderr, "");
    for (const file of ["last.safetensors", "optimizer-4.safetensors"]) {
      const [a, b] = await Promise.all(
        ["a", "b"].map((run) => readTensors(`${dir}/${run}/${file}`)),
      );
      assertEquals(Object.keys(a.tensors), Object.keys(b.tensors));
      for (const [name, { data }] of Object.entries(a.tensors)) {
        const other = b.tensors[name].data;
        assert(data.every((value, i) => Object.is(value, other[i])), `${file}: ${name} differs`);
      }
    }

    // An evaluation of what was saved gives the accuracy that the run printed.
    const evaluated = await runTask(
      ["evaluate", "--checkpoint", `${dir}/a/last.safetensors`, "--limit", "8", "--json"].concat(
        "--quiet",
        "--backend",
        "wasm",
      ),
    );
    assertEquals([evaluated.code, evaluated.stderr], [0, ""]);
    const report = JSON.parse(evaluated.stdout);
    assertEquals(report.accuracy, events[6].testAccuracy);
    assertEquals(report.examples, 8);

    // Parameters of a file are taken as they are: one step at a learning rate of nearly nothing leaves them.
    const warm = await runTask(
      ["train", ...SMALL, "--steps", "1", "--weights", `${dir}/a/last.safetensors`]
        .concat("--learning-rate", "1e-30", "--out", `${dir}/c`),
    );
    assertEquals(warm.code, 0, warm.stderr);
    const [before, after] = await Promise.all(
      ["a", "c"].map((run) => readTensors(`${dir}/${run}/last.safetensors`)),
    );
    assertEquals(after.tensors["fc.6.weight"], before.tensors["fc.6.weight"]);

    const clash = await runTask(["train", "--resume", `${dir}/a`, "--side", "99"]);
    assertEquals([clash.code, clash.errors.length], [1, 1]);
    assertStringIncludes(clash.errors[0], "Cannot use --side 99 with --resume");
    const overwrite = await runTask(["train", ...SMALL, "--out", `${dir}/a`]);
    assertEquals([overwrite.code, overwrite.errors.length], [1, 1]);
    assertStringIncludes(overwrite.errors[0], "holds a run already");
  }));

for (const threads of ["1", "2"]) {
  Deno.test(`train saves on Ctrl-C and says how to go on, with --threads ${threads}`, () =>
    interrupted(threads));
}

const interrupted = (threads: string) =>
  withFolder(async (dir) => {
    const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
    const [, ...args] = tasks.train.command.split(" ");
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args, "--backend", "wasm", "--batch-size", "4", "--out", `${dir}/run`]
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
      ["config.json", "last.safetensors", `optimizer-${made}.safetensors`],
    );
    const on = await runTask(
      ["train", "--resume", `${dir}/run`, "--steps", `${made + 1}`, "--backend", "wasm"],
    );
    assertEquals(on.code, 0, on.stderr);
    assertMatch(on.stdout, new RegExp(`^step ${made + 1}, `));
  });

Deno.test("train ends at a loss that is not finite, and saves nothing", () =>
  withFolder(async (dir) => {
    const { code, stdout, errors } = await runTask(
      ["train", ...SMALL, "--learning-rate", "1e30", "--out", `${dir}/run`],
    );
    assertEquals([code, stdout, errors.length], [1, "", 1]);
    assertMatch(errors[0], /^error: Cannot go on as the loss of step 2 is not finite/);
    assertEquals(await names(dir), []);
  }));

/** How far apart the numbers of two files are at the most. */
async function distance(a: string, b: string): Promise<number> {
  const [one, other] = await Promise.all([readTensors(a), readTensors(b)]);
  assertEquals(Object.keys(one.tensors), Object.keys(other.tensors));
  return Math.max(
    ...Object.entries(one.tensors).map(([name, { data }]) => {
      const compared = other.tensors[name].data;
      return data.reduce((most, value, i) => Math.max(most, Math.abs(value - compared[i])), 0);
    }),
  );
}

Deno.test("train gives the same with threads and without, and goes on with another number", () =>
  withFolder(async (dir) => {
    // SGD, since Adam makes of a gradient of nearly nothing, whatever its sign, a step of some length.
    const args = ["train", ...SMALL, "--batch-size", "3", "--optimizer", "sgd", "--epochs", "2"];
    const run = (...more: string[]) => runTask([...args, ...more]);
    const alone = await run("--threads", "1", "--out", `${dir}/a`);
    assertEquals([alone.code, alone.errors], [0, []], alone.stderr);
    assertMatch(alone.stderr, /^backend: WASM \(.*\), 1 thread, /);
    const together = await run("--threads", "2", "--out", `${dir}/b`, "--log", `${dir}/log`);
    assertEquals([together.code, together.errors], [0, []], together.stderr);
    assertMatch(together.stderr, /^backend: WASM \(.*\), 2 threads, /);
    const untimed = (text: string) => text.replaceAll(/, time .*/g, "");
    assertEquals(untimed(together.stdout), untimed(alone.stdout));
    const [event] = (await Deno.readTextFile(`${dir}/log`)).split("\n");
    assertEquals(JSON.parse(event).threads, 2);

    const first = await run("--threads", "3", "--steps", "2", "--out", `${dir}/c`);
    assertEquals([first.code, first.errors], [0, []], first.stderr);
    const rest = ["train", "--resume", `${dir}/c`, "--test-images", "8", "--backend", "wasm"];
    for (const more of [["--threads", "2", "--steps", "4"], ["--threads", "1"]]) {
      const { code, errors, stderr } = await runTask([...rest, ...more]);
      assertEquals([code, errors], [0, []], stderr);
    }
    // Not the momentum itself: where rounding takes a unit over a rectifier's edge, its gradient is another one.
    for (const other of ["b", "c"]) {
      assertEquals(await names(`${dir}/${other}`), await names(`${dir}/a`));
      const most = await distance(`${dir}/a/last.safetensors`, `${dir}/${other}/last.safetensors`);
      assert(most < 1e-5, `parameters of ${other}: ${most}`);
    }
  }));

Deno.test("train with threads ends at a loss that is not finite, and saves nothing", () =>
  withFolder(async (dir) => {
    const { code, errors } = await runTask(
      ["train", ...SMALL, "--learning-rate", "1e30", "--threads", "2", "--out", `${dir}/run`],
    );
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(errors[0], /^error: Cannot go on as the loss of step 2 is not finite/);
    assertEquals(await names(dir), []);
  }));

webgpuTest("train refuses threads on WebGPU", () =>
  withFolder(async (dir) => {
    const { code, errors } = await runTask(
      ["train", "--backend", "webgpu", "--threads", "2", "--out", `${dir}/run`],
    );
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(errors[0], /^error: Cannot use --threads 2 on WebGPU on /);
    assertEquals(await names(dir), []);
  }));

webgpuTest("train runs on WebGPU", () =>
  withFolder(async (dir) => {
    const { code, stdout, stderr } = await runTask(
      ["train", "--backend", "webgpu", "--side", "67", "--batch-size", "4", "--steps", "2"]
        .concat("--out", `${dir}/run`),
    );
    assertEquals(code, 0, stderr);
    assertMatch(stderr, /^backend: WebGPU on /);
    assertMatch(stdout, /^step 2, loss \d/);
  }));

Deno.test("train and evaluate with the library's own kernels say so, and agree with Rill's", () =>
  withFolder(async (dir) => {
    const made = ["--backend", "wasm", "--batch-size", "2", "--steps", "1", "--log-every", "1"];
    const losses = [];
    for (const kernels of ["stock", "rill"]) {
      const files = ["--kernels", kernels, "--out", `${dir}/${kernels}`, "--log", `${dir}/log`];
      const { code, stderr } = await runTask(["train", ...made, ...files]);
      assertEquals(code, 0, stderr);
      assertEquals(stderr.split("\n")[1].startsWith("kernels: tfjs's own"), kernels === "stock");
      const [run, step] = (await Deno.readTextFile(`${dir}/log`)).trim().split("\n")
        .map((line) => JSON.parse(line));
      assertEquals(run.kernels, kernels);
      losses.push(step.loss);
    }
    assertAlmostEquals(losses[0], losses[1], 1e-4);
    const { code, stderr } = await runTask(
      ["evaluate", "--checkpoint", `${dir}/stock/last.safetensors`, "--limit", "2", "--kernels"]
        .concat("stock", "--backend", "wasm"),
    );
    assertEquals(code, 0, stderr);
    assertMatch(stderr.split("\n")[1], /^kernels: tfjs's own/);
  }));

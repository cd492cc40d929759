import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeSafetensors } from "../../models/mod.ts";
import { webgpuTest, withFeature } from "../models/_webgpu.ts";
import { namesIn as names, readFolder, readTensors } from "./_run_folder.ts";
import { runTask, withFolder } from "./_task.ts";

/** The smallest run that is the whole thing: two epochs of two steps, a test pass after each. */
const RUN = ["--backend", "wasm", "--threads", "1", "--images", "8", "--test-images", "8"];
const SMALL = [...RUN, "--batch-size", "4"];

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
      [
        "README.md",
        "best.safetensors",
        "config.json",
        "last.json",
        "log.jsonl",
        ...["step-2.optimizer.safetensors", "step-2.safetensors"],
        ...["step-4.optimizer.safetensors", "step-4.safetensors"],
      ],
    );
    const [head = ""] = straight.stderr.split("\n");
    assertMatch(head, /^backend: WASM .*asked for by name$/);
    assertStringIncludes(straight.stderr, "--side 224 --batch-size 128 --epochs 5 --images 60000");
    assertMatch(
      straight.stderr,
      /\nmost often confused, of \d+ test images after epoch [12]:\n {2}is +taken for +images +of\n {2}-.*\n(?: {2}.*\n){1,4}saved to /,
    );
    // Nobody reads a curve in a log.
    assert(!/[▁-█]/.test(straight.stderr));

    const events = (await Deno.readTextFile(`${dir}/a.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line));
    assertEquals(
      events.map(({ event }) => event),
      ["run", "step", "step", "epoch", "save", "step", "step", "epoch", "save"],
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
    assertStringIncludes(lines[0] ?? "", `loss ${((first.loss + second.loss) / 8).toFixed(4)},`);

    // The same run in three pieces: stopped within the first epoch, in the second, and to the end.
    const rest = ["--resume", `${dir}/b`, "--backend", "wasm", "--threads", "1"];
    const one = await runTask(
      ["train", ...SMALL, "--epochs", "2", "--steps", "1", "--out", `${dir}/b`]
        .concat("--log-every", "1"),
    );
    const [, , ...flags] = rest;
    const two = await runTask(
      ["train", "--resume", `${dir}/b/last.json`, ...flags, "--steps", "3"],
    );
    const three = await runTask(["train", ...rest, "--quiet"]);
    for (const { code, stderr } of [one, two, three]) assertEquals(code, 0, stderr);
    assertMatch(one.stdout, /^step 1, loss \d+\.\d{4}, train acc \d\.\d{3}\n$/);
    assertStringIncludes(one.stderr, `--resume ${dir}/b`);
    const untimed = (text: string) => text.replace(/, time .*/, "");
    assertEquals(untimed(three.stdout.trim()), untimed(lines[1] ?? ""));
    assertEquals(three.stderr, "");
    assertEquals(
      await readFolder(`${dir}/b`, ["log.jsonl"]),
      await readFolder(`${dir}/a`, ["log.jsonl"]),
    );

    // An evaluation of what was saved gives the accuracy that the run printed.
    const evaluated = await runTask(
      ["evaluate", "--checkpoint", `${dir}/a/step-4.safetensors`, "--test-images", "8", "--json"]
        .concat(
          "--quiet",
          "--backend",
          "wasm",
        ),
    );
    assertEquals([evaluated.code, evaluated.stderr], [0, ""]);
    const report = JSON.parse(evaluated.stdout);
    assertEquals(report.accuracy, events[7].testAccuracy);
    assertEquals([report.examples, report.notFinite], [8, {}]);

    // A run's folder means its best. Of what holds NaN the result comes with a warning, and training from it is refused.
    const damaged = await readTensors(`${dir}/a/best.safetensors`);
    const { data, shape } = damaged.tensors["fc.6.weight"]!;
    data.fill(NaN, 0, 5);
    await Deno.mkdir(`${dir}/nan`);
    await Deno.writeFile(
      `${dir}/nan/best.safetensors`,
      await new Blob(encodeSafetensors(damaged.tensors, { rill: damaged.metadata["rill"]! }))
        .bytes(),
    );
    const warned = await runTask(
      ["evaluate", "--checkpoint", `${dir}/nan`, "--test-images", "8", "--json", "--quiet"]
        .concat("--backend", "wasm"),
    );
    const found = `5 of ${(shape[0]! * shape[1]!).toLocaleString("en-US")} in fc.6.weight`;
    assertEquals(warned.code, 0);
    assertEquals(
      warned.stderr,
      `warning: ${dir}/nan/best.safetensors holds values that are NaN or infinite, ` +
        `so the result means little: ${found}\n`,
    );
    const { checkpoint, notFinite } = JSON.parse(warned.stdout);
    assertEquals([checkpoint, notFinite], [`${dir}/nan/best.safetensors`, { "fc.6.weight": 5 }]);
    const refused = await runTask(
      ["train", ...SMALL, "--weights", `${dir}/nan`, "--out", `${dir}/d`],
    );
    assertEquals([refused.code, refused.errors.length], [1, 1]);
    assertStringIncludes(refused.errors[0] ?? "", found);

    // Parameters of a file are taken as they are: one step at a learning rate of nearly nothing leaves them.
    const warm = await runTask(
      ["train", ...SMALL, "--steps", "1", "--weights", `${dir}/a/step-4.safetensors`]
        .concat("--learning-rate", "1e-30", "--out", `${dir}/c`),
    );
    assertEquals(warm.code, 0, warm.stderr);
    const before = await readTensors(`${dir}/a/step-4.safetensors`);
    const after = await readTensors(`${dir}/c/step-1.safetensors`);
    assertEquals(after.tensors["fc.6.weight"], before.tensors["fc.6.weight"]);

    const clash = await runTask(["train", "--resume", `${dir}/a`, "--side", "99"]);
    assertEquals([clash.code, clash.errors.length], [2, 1]);
    assertStringIncludes(clash.errors[0] ?? "", "Cannot use --side 99 with --resume");
    const overwrite = await runTask(["train", ...SMALL, "--out", `${dir}/a`]);
    assertEquals([overwrite.code, overwrite.errors.length], [2, 1]);
    assertStringIncludes(overwrite.errors[0] ?? "", "holds a run already");
  }));

Deno.test("a finished run says so, and goes on with more epochs, exactly where that is interrupted", () =>
  withFolder(async (dir) => {
    const run = async (...args: string[]) => {
      const result = await runTask(["train", "--backend", "wasm", "--threads", "1", ...args]);
      assertEquals([result.code, result.errors], [0, []], result.stderr);
      return result;
    };
    // The preset's decay ends with the last epoch.
    await run(...SMALL.slice(4), "--preset", "quick", "--model", "lenet", "--out", `${dir}/my run`);
    const { settings } = JSON.parse(await Deno.readTextFile(`${dir}/my run/config.json`));
    assertEquals([settings.schedule, settings.epochs, settings.testImages], ["linear", 1, 8]);
    await Deno.mkdir(`${dir}/b`);
    for (const name of await names(`${dir}/my run`)) {
      await Deno.copyFile(`${dir}/my run/${name}`, `${dir}/b/${name}`);
    }
    const again = await run("--resume", `${dir}/my run`);
    assertEquals([again.stdout, again.stderr], [
      "",
      "finished: nothing is left of the run's 1 epoch (2 steps); " +
      `go on with: deno task train --resume '${dir}/my run' --epochs 2\n`,
    ]);

    const log = ["--log", `${dir}/log`];
    const straight = await run("--resume", `${dir}/my run`, "--epochs", "3", ...log);
    assertStringIncludes(
      straight.stderr,
      "schedule: the learning rate now falls to 0 over 3 epochs",
    );
    assertMatch(straight.stdout, /^epoch 2, .*\nepoch 3, .*\n$/);
    const [event = ""] = (await Deno.readTextFile(`${dir}/log`)).split("\n");
    assertEquals(JSON.parse(event).testImages, 8);
    await run("--resume", `${dir}/b`, "--epochs", "3", "--steps", "3");
    const rest = await run("--resume", `${dir}/b`);
    assertEquals(rest.stderr.includes("schedule:"), false, rest.stderr);
    assertEquals(
      await readFolder(`${dir}/b`, ["log.jsonl"]),
      await readFolder(`${dir}/my run`, ["log.jsonl"]),
    );
    const config = JSON.parse(await Deno.readTextFile(`${dir}/b/config.json`));
    assertEquals(config.settings.epochs, 3);
  }));

Deno.test("train ends at a loss that is not finite, and saves nothing", () =>
  withFolder(async (dir) => {
    const { code, stdout, errors } = await runTask(
      ["train", ...SMALL, "--learning-rate", "1e30", "--out", `${dir}/run`],
    );
    assertEquals([code, stdout, errors.length], [1, "", 1]);
    assertMatch(
      errors[0] ?? "",
      /^error: Cannot go on as the loss after step 2 is not finite, but NaN: it arose in step 2 in the output of conv\.3, Conv2d\(96, 256, kernel 5, padding 2\): try a lower --learning-rate$/,
    );
    assertEquals(await names(dir), []);

    // After one step the parameters are finite still, but nothing that is computed with them: before a test pass, and with none.
    for (const more of [["--batch-size", "8"], ["--batch-size", "4", "--steps", "1"]]) {
      const { code, stdout, errors } = await runTask(
        ["train", ...RUN, ...more, "--learning-rate", "1e30", "--out", `${dir}/run`],
      );
      assertEquals([code, stdout, errors.length], [1, "", 1]);
      assertMatch(
        errors[0] ?? "",
        /^error: Cannot go on as the loss of validation after step 1 is not finite, but NaN: it arose in the output of conv\.3, Conv2d\(96, 256, kernel 5, padding 2\): try a lower --learning-rate$/,
      );
      assertEquals(await names(dir), []);
    }
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

webgpuTest(
  "train in mixed precision says so, and goes on with its scale",
  () =>
    withFolder(async (dir) => {
      const mixed = ["train", "--backend", "webgpu", "--precision", "mixed"];
      const begin = ["--model", "lenet", "--batch-size", "4", "--steps", "2"];
      const scaling = async (step: number) => {
        const { tensors } = await readTensors(`${dir}/run/step-${step}.optimizer.safetensors`);
        return [...tensors["loss_scaling"]!.data];
      };
      const first = await runTask([
        ...mixed,
        ...begin,
        "--out",
        `${dir}/run`,
        "--log",
        `${dir}/log`,
      ]);
      assertEquals(first.code, 0, first.stderr);
      assertMatch(first.stderr, /^backend: WebGPU on .*, mixed precision, asked for by name/);
      const [line = ""] = (await Deno.readTextFile(`${dir}/log`)).split("\n");
      assertEquals(JSON.parse(line).precision, "mixed");
      assertEquals(await scaling(2), [65536, 2000, 2, 0, 0]);
      const second = await runTask([...mixed, "--resume", `${dir}/run`, "--steps", "3"]);
      assertEquals(second.code, 0, second.stderr);
      assertEquals(await scaling(3), [65536, 2000, 3, 0, 0]);
    }),
  withFeature("shader-f16"),
);

Deno.test("train refuses mixed precision on WASM", () =>
  withFolder(async (dir) => {
    const { code, errors } = await runTask(
      ["train", ...SMALL, "--precision", "mixed", "--out", `${dir}/run`],
    );
    assertEquals([code, errors], [2, [
      "error: Cannot use --precision mixed with --backend wasm: it computes in float32 only",
    ]]);
    assertEquals(await names(dir), []);
  }));

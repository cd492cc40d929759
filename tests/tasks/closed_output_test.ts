// What tasks do where nobody reads any more what they print: a pipe whose reader has ended, and a terminal that is closed.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { findProgram } from "../_package/find_program.ts";
import { nightly } from "../_nightly.ts";
import { testUnless } from "../_test_unless.ts";
import { picture, writeFiles } from "./_pictures.ts";
import { readTaskArgs, root, runTask, withFolder } from "./_task.ts";

const noShell = Deno.build.os === "windows" ? "no pipes of a shell on Windows" : undefined;
const noTerminal = await findProgram("script") && Deno.build.os === "linux"
  ? undefined
  : "no Linux with the program script";

/** Writes a small folder of pictures of two classes. */
const writePictures = async (dir: string) =>
  await writeFiles(
    dir,
    Object.fromEntries(
      await Promise.all(
        Array.from({ length: 24 }, async (_, i) =>
          [
            `${i % 8 < 6 ? "train" : "test"}/${i % 2 === 0 ? "a" : "b"}/${i}.png`,
            await encodePng(picture(i, 28)),
          ] as const),
      ),
    ),
  );

/** The flags of a training that takes long, of very short epochs. */
const TRAIN = ["--backend", "wasm", "--threads", "1", "--model", "lenet", "--batch-size", "4"]
  .concat("--activation", "relu", "--workers", "0");

/** Runs a task in a shell's line, in which `$@` is the task's command. */
async function runLine(line: string, [task = "", ...args]: readonly string[]) {
  const command = [Deno.execPath(), ...await readTaskArgs(task), ...args];
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", line, "bash", ...command],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(120_000),
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out!, stderr: err! };
}

/** The exit code of the first program of a pipe. */
const FIRST = "exit ${PIPESTATUS[0]}";

/** Resumes a run that was saved after so many steps, and makes one more. */
async function goOn(run: string, step: number) {
  const { code, stderr } = await runTask(["train", "--resume", run, "--steps", `${step + 1}`]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, new RegExp(`step ${step}\\b`));
}

const assertPlain = (text: string) => assert(!/\n\s+at |Uncaught|BrokenPipe/.test(text), text);

testUnless(
  noShell,
  "train saves and ends where nobody reads its results any more",
  () =>
    withFolder(async (dir) => {
      await writePictures(`${dir}/set`);
      const train = ["train", ...TRAIN, "--data", `folder:${dir}/set`, "--epochs", "100000"];
      const lines = [
        ['"$@" | head -3', "out", /^epoch 1, .*\nepoch 2, .*\nepoch 3, .*\n$/],
        ['"$@" 2>&1 | head -12', "both", /\nepoch 1, .*\n/],
      ] as const;
      for (const [line, name, shown] of lines) {
        const { code, stdout, stderr } = await runLine(`${line}; ${FIRST}`, [
          ...train,
          "--out",
          `${dir}/${name}`,
        ]);
        assertEquals(code, 141, stderr);
        assertMatch(stdout, shown);
        assertPlain(stderr);
        if (name === "out") {
          const [, step] = /\ninterrupted after step (\d+): saved to .*; go on/.exec(stderr) ?? [];
          assert(step, stderr);
          await goOn(`${dir}/${name}`, Number(step));
        }
      }
    }),
);

testUnless(
  noShell ?? nightly,
  "other tasks end in one line where nobody reads their results",
  () =>
    withFolder(async (dir) => {
      await writePictures(`${dir}/set`);
      const data = ["--data", `folder:${dir}/set`];
      await runTask(["train", ...TRAIN, ...data, "--epochs", "1", "--out", `${dir}/run`]);
      const checkpoint = ["--checkpoint", `${dir}/run`];
      const tasks = [
        ["evaluate", ...checkpoint, ...data, "--backend", "wasm"],
        ["predict", ...checkpoint, "--backend", "wasm", `${dir}/set/train/a`],
        ["pipeline", ...data, "--side", "28"],
        ["data", ...data],
      ];
      for (const task of tasks) {
        const { code, stderr } = await runLine(`"$@" | head -0; ${FIRST}`, task);
        assertEquals(code, 141, `${task[0]}: ${stderr}`);
        assertMatch(stderr, /(^|\n)ended early as nobody reads the results any more\n$/);
        assertPlain(stderr);
      }
      // Whatever is closed beside the results is no reason to end.
      const silent = await runLine(`"$@" 2> >(head -0)`, tasks[1]!);
      assertEquals(silent.code, 0, silent.stderr);
      assert(silent.stdout.includes("a/0.png"), silent.stdout);
    }),
);

testUnless(
  noTerminal,
  "train saves when its terminal is closed under it",
  () =>
    withFolder(async (dir) => {
      await writePictures(`${dir}/set`);
      const command = [Deno.execPath(), ...await readTaskArgs("train"), ...TRAIN].concat(
        ...["--data", `folder:${dir}/set`, "--epochs", "100000", "--out", `${dir}/run`],
      );
      // It goes on for a moment after its terminal and the shell there: another one writes down how it ended.
      const words = command.map((word) => `'${word}'`).join(" ");
      await Deno.writeTextFile(
        `${dir}/line.sh`,
        `(trap "" HUP; (trap - HUP; exec ${words}); echo $? >'${dir}/code')\ntrue\n`,
      );
      const terminal = new Deno.Command("script", {
        args: ["-q", "-c", `bash ${dir}/line.sh`, "/dev/null"],
        cwd: root,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let shown = "";
      for await (const text of terminal.stdout.pipeThrough(new TextDecoderStream())) {
        shown += text;
        if (shown.includes("epoch 2,")) break;
      }
      terminal.kill("SIGKILL");
      await terminal.status;
      let code = "";
      for (let i = 0; i < 300 && code === ""; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        code = await Deno.readTextFile(`${dir}/code`).catch(() => "");
      }
      assertEquals(code, "129\n", shown);
      const { code: evaluated, stderr } = await runTask(["evaluate", "--checkpoint", `${dir}/run`]
        .concat("--data", `folder:${dir}/set`, "--backend", "wasm"));
      assertEquals(evaluated, 0, stderr);
    }),
);

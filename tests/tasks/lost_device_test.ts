// A GPU's device that is lost in the middle of a task: one line, and the run goes on from what was saved.
import { assertEquals, assertMatch } from "@std/assert";
import { webgpuTest } from "../models/_webgpu.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { picture, writeFiles } from "./_pictures.ts";
import { readTaskArgs, root, runTask, withFolder } from "./_task.ts";

/** Has each device go away at its submission of that number. */
const LOSE = (submissions: number) => `
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await requestDevice.apply(this, given);
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    let left = ${submissions};
    queue.submit = (commands) => {
      if (left-- === 0) device.destroy();
      submit(commands);
    };
    return device;
  };
`;

/** Runs a task whose device is lost so. */
async function lose(dir: string, submissions: number, [task = "", ...args]: readonly string[]) {
  await Deno.writeTextFile(`${dir}/lose.js`, LOSE(submissions));
  const [command = "", ...flags] = await readTaskArgs(task);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, "--preload", `${dir}/lose.js`, ...flags, ...args, "--backend", "webgpu"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(120_000),
  }).output();
  const text = new TextDecoder().decode(stderr);
  const errors = text.split("\n").filter((line) => line.startsWith("error:"));
  assertEquals([code, errors.length], [1, 1], text);
  assertMatch(errors[0]!, /^error: Cannot go on as the WebGPU device was lost/);
  assertEquals(/\n\s+at /.test(text), false, text);
}

webgpuTest(
  "tasks end in one line with the loss of their device, and a run goes on",
  () =>
    withFolder(async (dir) => {
      for (let i = 0; i < 16; i++) {
        const name = `set/${i % 2 === 0 ? "a" : "b"}/${i}.png`;
        await writeFiles(dir, { [name]: await encodePng(picture(i, 28)) });
      }
      const data = ["--data", `folder:${dir}/set`];
      const run = `${dir}/run`;
      const train = ["train", ...data, "--model", "lenet", "--batch-size", "4", "--epochs", "2"]
        .concat("--save-every", "1", "--workers", "0", "--out", run);
      await lose(dir, 40, train);
      const resumed = await runTask(["train", "--resume", run]);
      assertEquals(resumed.code, 0, resumed.stderr);
      await lose(dir, 0, ["evaluate", "--checkpoint", run, ...data]);
      await lose(dir, 0, ["predict", "--checkpoint", run, `${dir}/set/a`]);
    }),
);

// A signal while the best parameters are scored on the test images: it is answered at once, and the resumed run scores them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { readTaskArgs, root, runTask, withFolder } from "./_task.ts";

const noSignals = Deno.build.os === "windows" && "no signals to other processes on Windows";

testUnless(
  noSignals,
  "an interrupt while test images are scored ends the run, which scores them later",
  () =>
    withFolder(async (dir) => {
      const run = `${dir}/run`;
      const child = new Deno.Command(Deno.execPath(), {
        args: [...await readTaskArgs("train"), "--backend", "wasm", "--threads", "1", "--out", run]
          .concat("--model", "lenet", "--activation", "relu", "--batch-size", "16", "--epochs", "1")
          .concat("--images", "64", "--validation", "0.25", "--workers", "0"),
        cwd: root,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const stderr = new Response(child.stderr).text();
      let stdout = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        stdout += text;
        if (stdout.includes("epoch 1,")) child.kill("SIGINT");
      }
      assertEquals((await child.status).code, 130, await stderr);
      assert(!stdout.includes("test acc"), stdout);
      assertMatch(
        await stderr,
        /\ninterrupted (while the test images were scored|after step \d+): saved to .*; go on with: .*train --resume/,
      );
      const resumed = await runTask(["train", "--resume", run]);
      assertEquals(resumed.code, 0, resumed.stderr);
      assertMatch(resumed.stdout, /test acc 0\.\d+/);
    }),
);

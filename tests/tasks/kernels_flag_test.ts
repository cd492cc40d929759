import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { runTask, withFolder } from "./_task.ts";

Deno.test("train and evaluate with other kernels say so, and the library's agree with Rill's", () =>
  withFolder(async (dir) => {
    const made = ["--backend", "wasm", "--preset", "quick", "--model", "lenet"]
      .concat("--batch-size", "2", "--steps", "1", "--log-every", "1");
    const losses = [];
    for (const kernels of ["stock", "rill"]) {
      const files = ["--kernels", kernels, "--out", `${dir}/${kernels}`, "--log", `${dir}/log`];
      const { code, stderr } = await runTask(["train", ...made, ...files]);
      assertEquals(code, 0, stderr);
      assertEquals(stderr.split("\n")[1]?.startsWith("kernels: tfjs's own"), kernels === "stock");
      const [run, step] = (await Deno.readTextFile(`${dir}/log`)).trim().split("\n")
        .map((line) => JSON.parse(line));
      assertEquals(run.kernels, kernels);
      losses.push(step.loss);
    }
    assertAlmostEquals(losses[0], losses[1], 1e-4);
    const { code, stderr } = await runTask(
      [
        "evaluate",
        "--checkpoint",
        `${dir}/stock/step-1.safetensors`,
        "--test-images",
        "2",
        "--kernels",
      ]
        .concat("direct", "--backend", "wasm"),
    );
    assertEquals(code, 0, stderr);
    assertMatch(stderr.split("\n")[1] ?? "", /^kernels: Rill's, convolutions the direct way/);
  }));

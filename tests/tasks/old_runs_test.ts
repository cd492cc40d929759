import { assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { writePictures } from "./_checkpoints.ts";
import { namesIn, readFolder } from "./_run_folder.ts";
import { runTask, withFolder } from "./_task.ts";

/** Runs as they were saved by what was before, and the files that each has once it has gone on. */
const OLD_RUNS = {
  /** In the second version: the last state in one file, and no log. */
  one_file: ["step-9.optimizer.safetensors", "step-9.safetensors"],
  /** In the third: as generations. */
  generations: [
    ...["step-6.optimizer.safetensors", "step-6.safetensors"],
    ...["step-9.optimizer.safetensors", "step-9.safetensors"],
  ],
};

/** The network's file; the runs know its hash. */
const NET = `import { batchNorm2d, flatten, linear, sequential } from "@rill/rill/models";
export default ({ classes }: { readonly classes: number }) =>
  sequential({ norm: batchNorm2d(), net: sequential([flatten(), linear(classes)]) });
`;

for (const [name, saved] of Object.entries(OLD_RUNS)) {
  Deno.test(`a run that was saved as ${name} is used, exported, told of, and goes on as then`, () =>
    withFolder(async (dir) => {
      await writePictures(`${dir}/photos`, ["ants", "bees"], 6);
      await Deno.writeTextFile(`${dir}/net.ts`, NET);
      const run = `${dir}/run`;
      await Deno.mkdir(run);
      const fixture = new URL(`./_old_runs/${name}/`, import.meta.url);
      for await (const file of Deno.readDir(fixture)) {
        await Deno.copyFile(new URL(file.name, fixture), `${run}/${file.name}`);
      }
      const before = await readFolder(run, []);
      const options = { cwd: dir, env: { DENO_WEBGPU_BACKEND: "none" } };
      const succeed = async (...args: string[]) => {
        const { code, stdout, stderr } = await runTask(args, options);
        assertEquals(code, 0, stderr);
        return stdout;
      };

      // The numbers are those that the program of then has told.
      const picture = await succeed(
        "predict",
        "--checkpoint",
        "run",
        "--json",
        "photos/ants/1.png",
      );
      const [first] = JSON.parse(picture).predictions;
      assertEquals(first.class, "ants");
      assertAlmostEquals(first.probability, 0.617286, 2e-6);
      const program = await succeed(
        "export",
        "--checkpoint",
        "run",
        "--pytorch",
        "--onnx",
        "a.onnx",
      );
      assertStringIncludes(
        program,
        'self.add("norm", nn.BatchNorm2d(3, eps=0.00001, affine=True))',
      );
      await succeed("report", "run", "--out", "report.html");
      assertEquals(await readFolder(run, []), before, "looking at a run has changed it");

      const told = await succeed("train", "--resume", "run", "--epochs", "3", "--quiet");
      assertEquals(
        told.replace(/, time .*/s, ""),
        "epoch 3, loss 0.9472, train acc 0.400, val acc 0.500",
      );
      assertEquals(
        await namesIn(run),
        ["README.md", "best.safetensors", "config.json", "last.json", "log.jsonl", ...saved],
      );
    }));
}

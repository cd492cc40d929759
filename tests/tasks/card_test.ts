import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as models from "../../models/mod.ts";
import { formatCard } from "../../tasks/_card/format_card.ts";
import { formatNetwork, formatProgram } from "../../tasks/_card/format_program.ts";
import { describeKnown, type ModelConfig } from "../../tasks/_model/model_config.ts";
import { networkNames, networks } from "../../tasks/_model/networks.ts";
import type { RunRecord } from "../../tasks/_report/read_run_folder.ts";
import { listSettings } from "../../tasks/_report/render_settings.ts";
import { chapter } from "../../tasks/_train/settings/train_settings.ts";
import { parseModel } from "../../tasks/_model/read_model.ts";
import { writeCheckpoint, writePictures } from "./_checkpoints.ts";
import { root, runTask, withFolder } from "./_task.ts";

Deno.test("the program on a run's page describes each network as the tasks do", () => {
  for (const name of networkNames) {
    const { side, channels } = networks[name];
    for (const activation of name === "lenet" ? ["relu", "sigmoid"] as const : [undefined]) {
      const model: ModelConfig = {
        ...{ name, side, channels, classes: 7, ...activation && { activation } },
        ...{ mean: 0, std: 1, resize: "stretch", orientation: "apply" },
      } as ModelConfig;
      const describe = new Function("models", `return models.${formatNetwork(model)}`);
      const list = (layer: models.Layer) =>
        models.getOrThrow(models.build(layer, [side, side, channels])).layers
          .map(({ layer, outputShape }) => `${layer} ${outputShape}`)
          .filter((line) => !line.startsWith("Dropout"));
      assertEquals(list(describe(models)), list(describeKnown(model)), name);
    }
  }
});

Deno.test("a run's page tells of the settings that have a part in the training", () => {
  const list = (name: "alexnet" | "resnet18", optimizer: string) => {
    const model = {
      ...{ name, side: 67, channels: 1, classes: 2, mean: 0, std: 1 },
      ...{ resize: "stretch", orientation: "apply" },
    } as ModelConfig;
    const settings = { optimizer, momentum: 0.9, dropout: 0.5, mixup: 0, rho: 0.9, seed: 0 };
    // The report lists the same, and those that the page is too short for.
    const facts = { settings: { ...chapter, ...settings, model: name } };
    const reported = listSettings([{ facts } as RunRecord]).map(({ name }) => name);
    assertEquals(
      ["momentum", "nesterov", "dropout", "activation", "rho", "epsilon", "mixup", "clip"]
        .filter((name) => reported.includes(name)),
      name === "alexnet" ? ["momentum", "nesterov", "dropout", "activation"] : [],
    );
    const unknown = { images: 55, test: undefined, license: undefined, file: undefined };
    const text = formatCard({ model, settings, history: [], ...unknown });
    assertStringIncludes(text, "\n55 training images of `");
    const skipping = { ...settings, onBadRecord: "skip" };
    const skipped = formatCard({ model, settings: skipping, history: [], ...unknown });
    assertStringIncludes(skipped, "\n55 training images, less the broken ones, of `");
    const [, recipe = ""] = /## Recipe\n([^#]+)/.exec(text) ?? [];
    return [...recipe.matchAll(/^\| (\w+) \| (?!value)/gm)].map(([, name]) => name);
  };
  assertEquals(list("alexnet", "sgd"), ["optimizer", "momentum", "dropout", "seed"]);
  assertEquals(list("resnet18", "adamw"), ["optimizer", "seed"]);
});

Deno.test("the program on a run's page tells what predict tells, in an empty folder", () =>
  withFolder(async (dir) => {
    const classNames = [..."abcdefghij"];
    const pictures = await writePictures(`${dir}/pictures`, ["x", "y", "z"], 3);
    const own = `${dir}/net.ts`;
    await Deno.writeTextFile(
      own,
      'import { lenet } from "@rill/rill/models";\n' +
        "export default ({ classes }: { readonly classes: number }) =>\n" +
        '  lenet({ classes, activation: "relu" });\n',
    );
    for (const facts of [{}, { name: own, resize: "crop", shorterSide: 30, views: "flip" }]) {
      const path = `${dir}/best.safetensors`;
      await writeCheckpoint(path, { classNames, model: facts });
      const { metadata } = models.getOrThrow(models.decodeSafetensors(await Deno.readFile(path)));
      const model = models.getOrThrow(parseModel(metadata.rill!, path));
      await Deno.writeTextFile(`${dir}/predict.ts`, formatProgram(model, "best.safetensors"));
      const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-prompt", "--config", `${root}deno.json`]
          .concat("--allow-read", "predict.ts", ...pictures),
        cwd: dir,
        env: { NO_COLOR: "1", DENO_WEBGPU_BACKEND: "none" },
        stdin: "null",
      }).output();
      assertEquals(status, 0, new TextDecoder().decode(stderr));
      const told = new TextDecoder().decode(stdout).trim().split("\n");
      const args = ["--checkpoint", path, "--json", "--quiet", "--backend", "wasm", ...pictures];
      const predicted = await runTask(["predict", ...args]);
      assertEquals(predicted.code, 0, predicted.stderr);
      const expected = predicted.stdout.trim().split("\n").map((line) => {
        const { file, predictions } = JSON.parse(line);
        return `${file} ${predictions[0].class}`;
      });
      assertEquals(told, expected);
      assert(new Set(told.map((line) => line.at(-1))).size > 1, "all pictures are of one class");
    }
  }));

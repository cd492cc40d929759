import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as models from "../../models/mod.ts";
import { readRun } from "../../tasks/_train/read_run.ts";
import { presets } from "../../tasks/_train/presets.ts";
import type { RunConfig } from "../../tasks/_train/run_config.ts";
import { openRunFolder } from "../../tasks/_train/run_folder.ts";
import { namesIn as names, readTensors } from "./_run_folder.ts";
import { withFolder } from "./_task.ts";

const model = {
  name: "alexnet",
  side: 67,
  channels: 1,
  classes: 10,
  classNames: [..."abcdefghij"],
  dropout: 0.5,
  mean: 0,
  std: 1,
  resize: "stretch",
  orientation: "apply",
} as const;
const settings = presets.quick;
const data = { images: 1, labels: "0" };
const config: RunConfig = { version: 2, model, settings, data };

/** Where a training is after so many steps. */
const positionAt = (step: number): models.TrainingPosition => ({
  epoch: 0,
  index: step,
  step,
  updates: step,
  seed: 0,
  sums: { steps: step, examples: step, metrics: {} },
  history: [],
});

function linear(units: number, features: number): models.Network {
  return models.getOrThrow(models.build(models.linear(units), [features]));
}

Deno.test("openRunFolder() refuses a place without the space, and leaves nothing", () =>
  withFolder(async (dir) => {
    // 2^60 parameters are 4 EiB.
    const network = linear(2 ** 30, 2 ** 30);
    await assertRejects(
      () => openRunFolder(`${dir}/run`, network, models.adam(), config),
      Error,
      `Cannot save to ${dir}/run as its disk has `,
    );
    assertEquals(await names(dir), []);
  }));

Deno.test("a run folder holds what was saved last, and what was best", () =>
  withFolder(async (dir) => {
    const backend = await models.openBackend("wasm");
    const network = linear(2, 3);
    const optimizer = models.adam();
    const step = models.trainStep(network, optimizer);
    const batch = {
      images: { data: Float32Array.of(1, 2, 3), shape: [1, 3] },
      labels: Int32Array.of(1),
      size: 1,
    };
    const folder = await openRunFolder(`${dir}/run`, network, optimizer, config);
    assertEquals(await names(`${dir}/run`), ["config.json"]);
    let state = models.initTrainState(network, optimizer, models.randomKey(0));
    for (let i = 1; i <= 2; i++) {
      const [next, metrics] = step(state, batch);
      state = next;
      await models.readMetrics([metrics]);
      await folder.save({
        network,
        state,
        variables: state,
        position: positionAt(i),
        best: i === 1,
        permanent: true,
        validates: true,
        gather: models.singleProcess,
      });
    }
    assertEquals(
      await names(`${dir}/run`),
      ["best.safetensors", "config.json", "last.safetensors", "optimizer-2.safetensors"],
    );
    const { params, optimizer: running, position, ...saved } = models.getOrThrow(
      await readRun(`${dir}/run`)(),
    );
    assertEquals(position, positionAt(2));
    assertEquals(saved, config);
    assertEquals(params, await models.exportParams(network, state));
    assertEquals(Object.keys(running), ["m/weight", "m/bias", "v/weight", "v/bias"]);
    const best = await readTensors(`${dir}/run/best.safetensors`);
    assertEquals(JSON.parse(best.metadata["rill_training"] ?? "").position.step, 1);
    // What has been saved is not discarded.
    await folder.discard();
    assertEquals((await names(`${dir}/run`)).length, 4);
    await backend.close();
  }));

Deno.test("readRun() reads a run that was saved before the first release, when std was called deviation", () =>
  withFolder(async (dir) => {
    const { side, channels, classes, dropout } = model;
    const { batchSize, epochs, images, learningRate, warmup, init } = settings;
    const old = { side, batchSize, epochs, images, learningRate, warmup, dropout: 0.2, init };
    const run = {
      model: { name: "alexnet", side, channels, classes, dropout, mean: 0, deviation: 0.3 },
      settings: { ...old, decay: "linear", deviation: 0.3 },
      progress: {
        epoch: 2,
        index: 64,
        step: 1602,
        sums: { batchLosses: 1.5, losses: 48, correct: 40, images: 64, seconds: 2 },
        bestAccuracy: 0.75,
        seconds: 9,
      },
      optimizerFile: "optimizer-0.safetensors",
    };
    const write = async (name: string, metadata: Record<string, string>) => {
      const tensors = { weight: { shape: [1], data: Float32Array.of(1) } };
      const file = new Blob(models.encodeSafetensors(tensors, metadata));
      await Deno.writeFile(`${dir}/${name}`, new Uint8Array(await file.arrayBuffer()));
    };
    await write("last.safetensors", { rill: JSON.stringify(run) });
    await write(run.optimizerFile, {});
    const saved = models.getOrThrow(await readRun(dir)());
    const { classNames, ...others } = saved.model;
    assertEquals([classNames?.[0], classNames?.length], ["T-shirt/top", 10]);
    assertEquals({ ...others, classNames: model.classNames }, { ...model, std: 0.3 });
    assertEquals(saved.settings, { ...settings, std: 0.3 });
    const { epoch, index, step, updates, sums: { metrics, examples }, history } = saved.position;
    assertEquals([epoch, index, step, updates, examples], [2, 64, 1602, 1602, 64]);
    assertEquals(metrics.loss, { sum: 48, weight: 64, stepMeans: 1.5 });
    assertEquals(history.map(({ validation }) => validation?.accuracy), [0.75]);
  }));

Deno.test("readRun() says why a folder holds no run", () =>
  withFolder(async (dir) => {
    const reasonOf = async () => {
      const read = await readRun(dir)();
      return read._tag === "Left" ? read.left.message : "";
    };
    const path = `${dir}/last.safetensors`;
    const write = async (metadata: Record<string, string>) => {
      const file = new Blob(models.encodeSafetensors({}, metadata));
      await Deno.writeFile(path, new Uint8Array(await file.arrayBuffer()));
    };
    assertEquals(
      await reasonOf(),
      `Cannot go on from ${dir} as the folder holds no run: it has no last.safetensors`,
    );
    await write({});
    assertStringIncludes(await reasonOf(), `Cannot go on from ${path} as it holds no run`);
    await write({ rill: "{" });
    assertStringIncludes(
      await reasonOf(),
      `Cannot go on from ${path} as its metadata is damaged: SyntaxError`,
    );
    const run = { optimizerFile: "absent", model: {}, settings: {}, progress: {} };
    await write({ rill: JSON.stringify(run) });
    assertStringIncludes(await reasonOf(), "as its metadata is damaged: it describes no run");
    await write({ rill: JSON.stringify({ ...run, version: 3 }) });
    assertEquals(
      await reasonOf(),
      `Cannot go on from ${path} as it is of version 3: this reads up to 2`,
    );
    const position = JSON.stringify({ version: 1, position: positionAt(1) });
    await write({ rill: JSON.stringify(run), rill_training: position });
    assertEquals(await reasonOf(), `Cannot read ${dir}/absent as there is no such file`);
  }));

Deno.test("a run folder without a save is discarded", () =>
  withFolder(async (dir) => {
    const folder = await openRunFolder(`${dir}/run`, linear(2, 3), models.adam(), config);
    await folder.discard();
    assertEquals(await names(dir), []);
  }));

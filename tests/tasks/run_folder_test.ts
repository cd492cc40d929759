import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as models from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { readCheckpoint } from "../../tasks/_model/checkpoint.ts";
import { findParamsFile } from "../../tasks/_model/run_files.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import { openRequest } from "../../tasks/_train/open_request.ts";
import { readConfig } from "../../tasks/_train/read_config.ts";
import { readRun } from "../../tasks/_train/read_run.ts";
import { openRunFolder, type RunFolderOptions } from "../../tasks/_train/run_folder.ts";
import {
  checkpointAt,
  createConfig,
  filesOf,
  namesIn as names,
  readTensors,
} from "./_run_folder.ts";
import { withFolder } from "./_task.ts";

/** The model of runs from before the first release. */
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

const config = createConfig();
const settings = presets.quick;

const linear = (units: number, features: number): models.Network =>
  models.getOrThrow(models.build(models.linear(units), [features]));

/** Opens a folder for a run of a small network. */
const open = (dir: string, options: RunFolderOptions = {}) =>
  openRunFolder(dir, linear(2, 3), models.adam(), config, options);

/** Saves checkpoints to a folder. */
async function save(dir: string, ...checkpoints: models.CopiedCheckpoint[]): Promise<void> {
  const folder = await open(dir);
  for (const checkpoint of checkpoints) await folder.save(checkpoint);
  await folder.close();
}

Deno.test("openRunFolder() refuses a place without the space, and leaves nothing", () =>
  withFolder(async (dir) => {
    // 2^60 parameters are 4 EiB.
    const network = linear(2 ** 30, 2 ** 30);
    await assertRejects(
      () => openRunFolder(`${dir}/runs/new/run`, network, models.adam(), config),
      Error,
      `Cannot save to ${dir}/runs/new/run as its disk has `,
    );
    assertEquals(await names(dir), []);
  }));

Deno.test("a run folder holds what was saved last, and what was best", () =>
  withFolder(async (dir) => {
    // By another path, with a space and an umlaut in it.
    await Deno.mkdir(`${dir}/my runs ü`);
    await Deno.symlink(`${dir}/my runs ü`, `${dir}/link`);
    const run = `${dir}/link/run`;
    const folder = await open(run);
    assertEquals(await names(run), ["config.json", "lock"]);
    await folder.save(checkpointAt(1, { best: true }));
    await folder.save(checkpointAt(2, { best: false }));
    await folder.save(checkpointAt(3, { best: false }));
    // What has been saved is not discarded.
    await folder.discard();
    await folder.close();
    assertEquals(await names(`${dir}/my runs ü/run`), [
      "best.safetensors",
      "config.json",
      "last.json",
      ...filesOf(2).slice(1),
      ...filesOf(3).slice(1),
    ]);
    const { saved, warnings } = models.getOrThrow(await readRun(run)());
    assert(saved);
    const { params, optimizer, position, ...facts } = saved;
    assertEquals([{ params, optimizer, position }, warnings], [
      checkpointAt(3, { best: false }).training,
      [],
    ]);
    assertEquals(facts, config);
    const best = await readTensors(`${run}/best.safetensors`);
    assertEquals(JSON.parse(best.metadata["rill_training"] ?? "").position.step, 1);
  }));

Deno.test("readRun() names each file that is damaged, and goes on from the newest that is whole", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const read = async () => models.getOrThrow(await readRun(run)());
    await save(run, ...[1, 2, 3].map((step) => checkpointAt(step, { best: step === 1 })));
    assertEquals((await read()).saved?.position.step, 3);
    for (const name of ["step-3.safetensors", "step-3.optimizer.safetensors", "last.json"]) {
      const bytes = await Deno.readFile(`${run}/${name}`);
      for (const at of [9, Math.floor(bytes.length / 2), bytes.length - 2]) {
        await Deno.writeFile(`${run}/${name}`, bytes.with(at, bytes[at]! ^ 4));
        const { saved, warnings } = await read();
        assertEquals([saved?.position.step, warnings.length], [name === "last.json" ? 3 : 2, 1]);
        assertMatch(
          warnings[0] ?? "",
          new RegExp(`^warning: Cannot read ${run}/${name} as .*; step-\\d.safetensors is used`),
        );
      }
      await Deno.writeFile(`${run}/${name}`, bytes);
    }
    await Deno.remove(`${run}/step-3.optimizer.safetensors`);
    assertEquals((await read()).saved?.position.step, 2);
    await Deno.truncate(`${run}/step-2.safetensors`, 100);
    const refused = await readRun(run)();
    assert(refused._tag === "Left");
    assertStringIncludes(
      refused.left.message,
      `Cannot go on from ${run} as no checkpoint in it is whole: Cannot read ${run}/step-3`,
    );
  }));

Deno.test("findParamsFile() passes over a best that is damaged", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const find = async () => models.getOrThrow(await findParamsFile(run)());
    await save(run, checkpointAt(1, { best: true }), checkpointAt(2, { best: false }));
    assertEquals(await find(), { path: `${run}/best.safetensors`, warnings: [] });
    const bytes = await Deno.readFile(`${run}/best.safetensors`);
    await Deno.writeFile(`${run}/best.safetensors`, bytes.with(-1, 77));
    const read = await readCheckpoint(`${run}/best.safetensors`)();
    assert(read._tag === "Left");
    assertStringIncludes(read.left.message, "as it is damaged: its checksum is ");
    const { path, warnings } = await find();
    assertEquals(path, `${run}/step-2.safetensors`);
    assertEquals(warnings, [`warning: ${read.left.message}; step-2.safetensors is used instead`]);
    // As it is for a moment, or where a run was killed then.
    await Deno.writeFile(`${run}/best-1.safetensors`, bytes);
    assertEquals(await find(), { path: `${run}/best-1.safetensors`, warnings: [] });
    // As where it was removed.
    await Deno.remove(`${run}/best.safetensors`);
    await Deno.remove(`${run}/best-1.safetensors`);
    assertEquals(await find(), {
      path: `${run}/step-2.safetensors`,
      warnings: [
        `warning: Cannot read ${run}/best.safetensors: it is missing; step-2.safetensors is used instead`,
      ],
    });
    const { training: { position, ...training }, ...rest } = checkpointAt(1, { best: false });
    const sums = { steps: 1, examples: 1, metrics: {} };
    const early = { ...position!, epoch: 0, index: 1, sums, history: [] };
    await save(`${dir}/other`, { ...rest, training: { ...training, position: early } });
    const none = await findParamsFile(`${dir}/other`)();
    assert(none._tag === "Left");
    assertStringIncludes(
      none.left.message,
      `the run has no best.safetensors before its first epoch has ended: name ${dir}/other/step-1.safetensors`,
    );
  }));

Deno.test("where last.json is older than what is whole beside it, the newest is used, and a line says so", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    await save(run, checkpointAt(1, { best: true }));
    const pointer = await Deno.readFile(`${run}/last.json`);
    const later = await open(run, { begin: "over", resume: run });
    for (const step of [2, 3, 4]) await later.save(checkpointAt(step, { best: step === 3 }));
    await later.close();
    await Deno.writeFile(`${run}/last.json`, pointer);
    const warning = `warning: Cannot go by ${run}/last.json as it names step 1 as the newest ` +
      "checkpoint, and is older than that of step 4, which is whole; ";
    const { saved, warnings } = models.getOrThrow(await readRun(run)());
    assertEquals(saved?.position.step, 4);
    assertEquals(warnings, [`${warning}step-4.safetensors is used instead`]);
    assertEquals(models.getOrThrow(await findParamsFile(run)()), {
      path: `${run}/best.safetensors`,
      warnings: [`${warning}best.safetensors is used instead`],
    });
  }));

Deno.test("readRun() refuses a position that the batches don't lead to", () =>
  withFolder(async (dir) => {
    const { batchSize } = settings;
    const at = (index: number, steps: number): models.CopiedCheckpoint => {
      const { training, ...rest } = checkpointAt(steps, { best: false });
      const sums = { steps, examples: index, metrics: {} };
      const position = { ...training.position!, epoch: 0, index, sums, history: [] };
      return { ...rest, training: { ...training, position } };
    };
    for (
      const [index, steps, reason] of [
        [2 * batchSize + 7, 3, `is image ${2 * batchSize + 7} of an epoch, between two batches`],
        [2 * batchSize, 3, `is image ${2 * batchSize} of an epoch after 3 batches of ${batchSize}`],
        [settings.images + batchSize, 9, `is image ${settings.images + batchSize} of`],
      ] as const
    ) {
      await save(`${dir}/${index}`, at(index, steps));
      const read = await readRun(`${dir}/${index}`)();
      assert(read._tag === "Left");
      assertStringIncludes(
        read.left.message,
        `/step-${steps}.safetensors as its position ${reason}`,
      );
    }
    await save(`${dir}/fine`, at(2 * batchSize, 2));
    assertEquals(models.getOrThrow(await readRun(`${dir}/fine`)()).saved?.position.step, 2);
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
    const { saved } = models.getOrThrow(await readRun(dir)());
    assert(saved);
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
      `Cannot go on from ${dir} as the folder holds no run: it has no config.json`,
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
    await write({ rill: JSON.stringify({ ...run, version: 4 }) });
    assertEquals(
      await reasonOf(),
      `Cannot go on from ${path} as it is of version 4: this reads up to 3`,
    );
    const position = JSON.stringify({ version: 1, position: positionAt(1) });
    await write({ rill: JSON.stringify(run), rill_training: position });
    assertEquals(await reasonOf(), `Cannot read ${dir}/absent as there is no such file`);
  }));

Deno.test("a folder in the place of a run's file is named before anything is read or written", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    await save(run, checkpointAt(1, { best: true }));
    for (const name of ["config.json", "last.json", "step-1.safetensors", "best.safetensors"]) {
      const path = `${run}/${name}`;
      const bytes = await Deno.readFile(path);
      await Deno.remove(path);
      await Deno.mkdir(path);
      const read = await readRun(run)();
      assertEquals(
        read._tag === "Left" ? read.left.message : read.right,
        `Cannot go on from ${run} as ${path} is a folder, not a file: move it away`,
      );
      await assertRejects(
        () => open(run, { begin: "over" }),
        UsageError,
        `Cannot save to ${run} as ${path} is a folder, not a file: move it away, or name another folder`,
      );
      await Deno.remove(path);
      await Deno.writeFile(path, bytes);
    }
    assertEquals(models.getOrThrow(await readRun(run)()).saved?.position.step, 1);
    // A pipe is not waited for.
    assert((await new Deno.Command("mkfifo", { args: [`${run}/log.jsonl`] }).output()).success);
    const read = await readRun(run)();
    assertEquals(
      read._tag === "Left" ? read.left.message : read.right,
      `Cannot go on from ${run} as ${run}/log.jsonl is a device or pipe, not a file: move it away`,
    );
    // Not the system's words for a file in the place of a folder.
    const request = openRequest(
      { resume: `${run}/config.json` } as Parameters<typeof openRequest>[0],
      () => {},
      () => {},
    );
    await assertRejects(
      () => request,
      Error,
      `Cannot go on from ${run}/config.json as it is not a run's folder: name that, or with --weights`,
    );
    const config = await readConfig(`${run}/config.json/config.json`)();
    assert(config._tag === "Left");
    assertStringIncludes(config.left.message, "config.json as there is no such file");
    await Deno.mkdir(`${dir}/config.json`);
    const folder = await readConfig(dir)();
    assert(folder._tag === "Left");
    assertEquals(
      folder.left.message,
      `Cannot read ${dir}/config.json as it is a folder, not a file`,
    );
  }));

Deno.test("a run folder without a save is discarded", () =>
  withFolder(async (dir) => {
    const folder = await open(`${dir}/run`);
    await folder.discard();
    assertEquals(await names(dir), []);
  }));

import { assert, assertEquals, assertRejects } from "@std/assert";
import { openRunFolder } from "../../tasks/_train/run_folder.ts";
import { readRun } from "../../tasks/_train/read_run.ts";
import { initialCounters } from "../../tasks/_train/run_counters.ts";
import { cpuPreset } from "../../tasks/_train/train_settings.ts";
import { withFolder } from "./_task.ts";

import * as models from "../../models/mod.ts";

const model = {
  name: "alexnet",
  side: 67,
  channels: 1,
  classes: 10,
  dropout: 0.5,
  mean: 0,
  std: 1,
} as const;
const config = { model, settings: cpuPreset };

function linear(units: number, features: number): models.Network {
  const built = models.build(models.linear(units), [features]);
  assert(built._tag === "Right");
  return built.right;
}

const names = async (dir: string) =>
  (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();

Deno.test("openRunFolder refuses a place without the space, and leaves nothing", () =>
  withFolder(async (dir) => {
    // 2^60 parameters are 4 EiB.
    const network = linear(2 ** 30, 2 ** 30);
    await assertRejects(
      () => openRunFolder(`${dir}/run`, network, models.adam(), config),
      Error,
      `Cannot use --out ${dir}/run as it has `,
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
      await folder.save(state, { ...initialCounters, step: i }, { best: i === 1 });
    }
    assertEquals(
      await names(`${dir}/run`),
      ["best.safetensors", "config.json", "last.safetensors", "optimizer-2.safetensors"],
    );
    const { params, optimizer: running, progress, settings } = await readRun(`${dir}/run`);
    assertEquals([progress.step, settings], [2, cpuPreset]);
    assertEquals(params, await models.exportParams(network, state.params));
    assertEquals(Object.keys(running), ["m/weight", "m/bias", "v/weight", "v/bias"]);
    const best = models.decodeSafetensors(await Deno.readFile(`${dir}/run/best.safetensors`));
    assert(best._tag === "Right");
    assertEquals(JSON.parse(best.right.metadata.rill).progress.step, 1);
    // What has been saved is not discarded.
    await folder.discard();
    assertEquals((await names(`${dir}/run`)).length, 4);
    await backend.close();
  }));

Deno.test("a run folder of which nothing came is discarded", () =>
  withFolder(async (dir) => {
    const folder = await openRunFolder(`${dir}/run`, linear(2, 3), models.adam(), config);
    await folder.discard();
    assertEquals(await names(dir), []);
  }));

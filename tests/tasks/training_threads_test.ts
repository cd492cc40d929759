import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import {
  adam,
  type Backend,
  getOrThrow,
  initTrainState,
  openBackend,
  randomKey,
  trainStep,
} from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { explain } from "../../tasks/_model/explain.ts";
import { buildModel } from "../../tasks/_model/model_config.ts";
import { chooseThreads } from "../../tasks/_train/choose_threads.ts";
import { cpuPreset } from "../../tasks/_train/train_settings.ts";
import { singleThread, startThreads } from "../../tasks/_train/training_threads.ts";
import { runTask, withFolder } from "./_task.ts";

const model = {
  name: "alexnet",
  side: 67,
  channels: 1,
  classes: 10,
  dropout: 0.5,
  mean: 0,
  std: 1,
} as const;

const batchOf = (size: number) => ({
  images: { data: new Float32Array(size * 67 * 67), shape: [size, 67, 67, 1] },
  labels: new Int32Array(size),
  size,
});

const choose = (...args: Parameters<typeof chooseThreads>) => getOrThrow(chooseThreads(...args));

Deno.test("chooseThreads() takes the cores that get some images each, or what is asked for", () => {
  const wasm = { name: "wasm" } as Backend;
  const webgpu = { name: "webgpu", description: "WebGPU on a card" } as Backend;
  assertEquals([128, 32, 17, 15, 1].map((size) => choose(undefined, wasm, size, 8)), [
    8,
    4,
    2,
    1,
    1,
  ]);
  assertEquals(choose(undefined, wasm, 65536, 2000), 64);
  assertEquals(choose(3, wasm, 1, 1), 3);
  assertEquals([undefined, 1].map((given) => choose(given, webgpu, 128, 8)), [1, 1]);
  assertThrows(
    () => choose(2, webgpu, 128, 8),
    UsageError,
    "Cannot use --threads 2 on WebGPU on a card",
  );
});

Deno.test("one thread starts no other", async () => {
  const threads = startThreads(1, 4, { model, settings: cpuPreset });
  assertEquals(threads, singleThread);
  await threads.ready;
  threads.step(batchOf(1));
  threads.save();
  assertEquals(await threads.evaluate(batchOf(1)), []);
});

Deno.test("a thread that cannot begin says why", async () => {
  const weights = "/nonexistent/weights.safetensors";
  using threads = startThreads(2, 4, { model, settings: cpuPreset, weights });
  await assertRejects(
    () => threads.ready,
    Error,
    `Cannot go on as thread 2 failed: Cannot read ${weights} as there is no such file`,
  );
});

/** Starts a thread with another network than this one's; and a batch that only that one refuses. */
const startMismatched = () =>
  startThreads(2, 4, { model: { ...model, classes: 3 }, settings: cpuPreset });
const unfit = { ...batchOf(4), labels: Int32Array.of(0, 1, 2, 3) };

Deno.test("a thread that fails in an evaluation ends it with its reason", async () => {
  using threads = startMismatched();
  await threads.ready;
  await assertRejects(
    () => threads.evaluate(unfit),
    Error,
    "Cannot go on as thread 2 failed: Cannot take label 3 of example 1 for a class",
  );
});

Deno.test("a thread that fails in a step ends that of the first, with its reason", async () => {
  const backend = await openBackend("wasm");
  const network = getOrThrow(buildModel(model));
  const optimizer = adam();
  using threads = startMismatched();
  const { communicator } = threads;
  const state = initTrainState(network, optimizer, randomKey(0), { communicator });
  await threads.ready;
  const error = assertThrows(() => {
    threads.step(unfit);
    trainStep(network, optimizer, { communicator })(state, unfit);
  });
  assertMatch(
    String(explain(backend, error)),
    /^Error: Cannot go on as thread 2 failed: Cannot take label 3 of example 3 /,
  );
  await backend.close();
});

Deno.test("a run with threads that cannot begin has one error and leaves nothing", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/weights`, "no tensors");
    const { code, errors } = await runTask(
      ["train", "--backend", "wasm", "--threads", "2", "--weights", `${dir}/weights`]
        .concat("--out", `${dir}/run`),
    );
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(errors[0] ?? "", /^error: Cannot read .*weights/);
    assertEquals(await Array.fromAsync(Deno.readDir(dir), ({ name }) => name), ["weights"]);
  }));

Deno.test("a lack of memory in a thread is reported as such", async () => {
  const backend = await openBackend("wasm");
  const reason = "Cannot go on as thread 2 failed: not enough memory in the WASM heap for 9 bytes";
  assertEquals((backend.toBackendError(new Error(reason)) as Error).name, "DeviceMemoryError");
  await backend.close();
});

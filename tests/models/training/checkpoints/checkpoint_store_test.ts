import { assertEquals } from "@std/assert";
import {
  type CheckpointStore,
  openCheckpointReader,
  openCheckpointStore,
  type TrainingCopy,
  type TrainingPosition,
} from "@rill/rill/models";
import { createMemoryFiles } from "./_memory_files.ts";

/** Makes a position in the first epoch, or at the end of it. */
const positionAt = (step: number, epoch = 0): TrainingPosition => ({
  epoch,
  index: epoch > 0 ? 0 : step,
  step,
  updates: step,
  seed: 0,
  sums: { steps: epoch > 0 ? 0 : step, examples: epoch > 0 ? 0 : step, metrics: {} },
  history: [],
});

/** Makes a training whose numbers tell after how many steps it was copied. */
const trainingAt = (step: number, number = step): TrainingCopy => ({
  params: { weight: { shape: [2], data: Float32Array.of(number, 1) } },
  optimizer: { "m/weight": { shape: [2], data: Float32Array.of(-number, 2) } },
  position: positionAt(step),
});

const stepsOf = async (store: Pick<CheckpointStore, "list">) =>
  (await store.list()).map(({ step }) => step);

Deno.test("a store keeps the newest generations, and the best parameters", async () => {
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory);
  for (const step of [10, 20, 30]) {
    await store.save(trainingAt(step), { best: step === 20, data: { step } });
  }
  assertEquals([...memory.files.keys()].sort(), [
    "best.safetensors",
    "last.json",
    "step-20.optimizer.safetensors",
    "step-20.safetensors",
    "step-30.optimizer.safetensors",
    "step-30.safetensors",
  ]);
  for (const reader of [store, openCheckpointReader(memory)]) {
    assertEquals(await stepsOf(reader), [20, 30]);
    const { checkpoint, refused } = await reader.load();
    assertEquals(refused, []);
    const { params, optimizer, position, data } = checkpoint!;
    assertEquals({ params, optimizer, position }, trainingAt(30));
    assertEquals(data, { step: 30 });
    const best = await reader.loadBest();
    assertEquals(best.refused, []);
    assertEquals([best.checkpoint?.params, best.checkpoint?.data], [
      trainingAt(20).params,
      { step: 20 },
    ]);
  }
});

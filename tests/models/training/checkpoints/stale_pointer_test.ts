// A pointer of another time than the files beside it, as where one of the two was put back from a backup.
import { assert, assertEquals } from "@std/assert";
import {
  type CheckpointReader,
  openCheckpointReader,
  openCheckpointStore,
  type TrainingCopy,
} from "@rill/rill/models";
import { createDraw, createFaultyFiles } from "./_faulty_files.ts";
import { createMemoryFiles, type MemoryFiles } from "./_memory_files.ts";
import { assertHolds, assertTidy, type Expected, trainingAt } from "./_scenario.ts";

/** Saves a training after such steps, and gives the files as they were after each. */
async function saveSteps(steps: readonly number[]): Promise<MemoryFiles["files"][]> {
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory);
  const after: MemoryFiles["files"][] = [];
  for (const step of steps) {
    await store.save(trainingAt(step), { best: true });
    after.push(new Map(memory.files));
  }
  return after;
}

/** Loads what a training goes on from, and the best, by their steps; and the reasons why files are passed over. */
async function load(reader: CheckpointReader) {
  const [newest, best] = [await reader.load(), await reader.loadBest()];
  const stepOf = ({ checkpoint }: typeof newest) => checkpoint?.position?.step;
  return {
    newest: stepOf(newest),
    best: stepOf(best),
    reasons: [...new Set([...newest.refused, ...best.refused].map(({ reason }) => reason))],
  };
}

/** Mixes the files of two times: the pointer of one, and all else of the other. */
const mix = (
  pointer: MemoryFiles["files"],
  rest: MemoryFiles["files"],
): MemoryFiles => createMemoryFiles(new Map([...rest, ["last.json", pointer.get("last.json")!]]));

Deno.test("where the pointer is older than whole generations, the newest of them counts, and it is told", async () => {
  const times = await saveSteps([10, 20, 30, 40]);
  const latest = times[3]!;
  // It names none of what is there, or one of the two.
  for (const [time, step] of [[0, 10], [1, 20], [2, 30]] as const) {
    const memory = mix(times[time]!, latest);
    const describe = (file: string) => `run/${file}`;
    const expected = {
      newest: 40,
      best: 40,
      reasons: [
        `Cannot go by run/last.json as it names step ${step} as the newest checkpoint, ` +
        "and is older than that of step 40, which is whole",
      ],
    };
    assertEquals(await load(openCheckpointReader(memory, { describe })), expected);
    const store = await openCheckpointStore(memory, { describe });
    assertEquals(await load(store), expected);
    // It is as if the pointer had never been another one.
    assertEquals(memory.files, latest);
    await store.save(trainingAt(50), { best: true });
    assertEquals((await store.list()).map(({ step }) => step), [40, 50]);
    assertEquals((await load(await openCheckpointStore(memory))).reasons, []);
  }
});

Deno.test("of generations that are newer than the pointer, those that are damaged are named and not used", async () => {
  const times = await saveSteps([10, 20, 30, 40]);
  for (const name of ["step-40.safetensors", "step-40.optimizer.safetensors"]) {
    const memory = mix(times[1]!, times[3]!);
    memory.files.set(name, memory.files.get(name)!.slice(0, -1));
    const { newest, reasons } = await load(await openCheckpointStore(memory));
    assertEquals([newest, reasons.length], [30, 2]);
    assert(reasons[0]?.startsWith("Cannot go by last.json as it names step 20"));
    assert(reasons[1]?.startsWith(`Cannot read ${name} as `));
  }
  // What is newer isn't whole, and what the pointer names isn't there.
  const memory = mix(times[1]!, times[3]!);
  for (const name of memory.files.keys()) {
    if (name.startsWith("step-")) memory.files.set(name, Uint8Array.of(1));
  }
  const before = new Map(memory.files);
  assertEquals((await load(await openCheckpointStore(memory))).newest, undefined);
  assertEquals(memory.files, before, "nothing is removed");
});

Deno.test("where nothing is whole of what the pointer names, whatever is whole counts", async () => {
  const times = await saveSteps([10, 20, 30, 40]);
  // The files are older than the pointer: its generations are missing, or one of an earlier time lies in the place of another.
  const older = mix(times[3]!, times[1]!);
  const reader = openCheckpointReader(older);
  const expected = {
    newest: 20,
    best: 20,
    reasons: [40, 30].map((step) => `Cannot read step-${step}.safetensors: it is missing`),
  };
  assertEquals(await load(reader), expected);
  assertEquals(await load(await openCheckpointStore(older)), expected);

  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory, { keep: 1 });
  await store.save(trainingAt(10));
  const pointer = memory.files.get("last.json")!;
  await store.save(trainingAt(10, 7));
  memory.files.set("last.json", pointer);
  const loaded = await openCheckpointReader(memory).load();
  assertEquals(loaded.checkpoint?.params, trainingAt(10, 7).params);
  assertEquals(loaded.refused, [{
    file: "step-10.safetensors",
    reason: "Cannot read step-10.safetensors as it belongs to another checkpoint",
  }]);
});

Deno.test("generations that a training has gone back from, or that were another's, never count again, whenever power is lost", async () => {
  const before: Expected = { newest: trainingAt(30), best: trainingAt(30) };
  const cases: [step: number, replace: boolean, best: TrainingCopy | undefined][] = [
    [25, false, trainingAt(30)],
    [5, true, undefined],
    [20, true, undefined],
  ];
  for (const [step, replace, best] of cases) {
    const training = trainingAt(step, 7);
    // Also once all is done, several times: which changes of names are lost then is drawn.
    for (let at = 0, ended = 0; ended < 8; at++) {
      let files = createFaultyFiles(createDraw(100 * step + at));
      const first = await openCheckpointStore(files);
      for (const step of [10, 20, 30]) await first.save(trainingAt(step), { best: step === 30 });
      const store = await openCheckpointStore(files, { replace });
      files.setFault({ at, kind: "crash" });
      const isSaved = await store.save(training).then(() => true, () => false);
      if (isSaved) ended++;
      files = files.restart();
      const found = await openCheckpointStore(files);
      const after = { newest: training, best };
      await assertHolds(files, found, isSaved ? [after] : [before, after]);
      await assertTidy(files, found);
      const text = new TextDecoder().decode(files.files().get("last.json"));
      assert(!text.includes("dropped"), text);
    }
  }
});

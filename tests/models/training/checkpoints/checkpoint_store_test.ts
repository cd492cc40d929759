import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  CheckpointError,
  type CheckpointStore,
  encodeCheckpoint,
  type FileSystem,
  openCheckpointReader,
  openCheckpointStore,
  type TrainingCopy,
} from "@rill/rill/models";
import { createMemoryFiles, type MemoryFiles } from "./_memory_files.ts";
import { trainingAt } from "./_scenario.ts";

const stepsOf = async (store: Pick<CheckpointStore, "list">) =>
  (await store.list()).map(({ step }) => step);

const namesOf = ({ files }: MemoryFiles) => [...files.keys()].sort();

/** Loads what a store has, without what describes it. */
async function load(store: Pick<CheckpointStore, "load">): Promise<TrainingCopy | undefined> {
  const { checkpoint, refused } = await store.load();
  assertEquals(refused, []);
  if (!checkpoint) return;
  const { params, optimizer, position } = checkpoint;
  return { params, optimizer, position };
}

/** Makes a store with generations of such steps. */
async function createStore(steps: readonly number[], best?: number): Promise<MemoryFiles> {
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory);
  for (const step of steps) await store.save(trainingAt(step), { best: step === best });
  return memory;
}

Deno.test("a store keeps the newest generations, and the best parameters", async () => {
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory);
  assertEquals([await load(store), await stepsOf(store)], [undefined, []]);
  for (const step of [10, 20, 30]) {
    const metadata = { title: `after ${step}` };
    await store.save(trainingAt(step), { best: step === 20, data: { step }, metadata });
  }
  assertEquals(namesOf(memory), [
    "best.safetensors",
    "last.json",
    "step-20.optimizer.safetensors",
    "step-20.safetensors",
    "step-30.optimizer.safetensors",
    "step-30.safetensors",
  ]);
  for (const reader of [store, openCheckpointReader(memory), await openCheckpointStore(memory)]) {
    assertEquals(await stepsOf(reader), [20, 30]);
    assertEquals(await load(reader), trainingAt(30));
    const { checkpoint } = await reader.load({ optimizer: false });
    assertEquals([checkpoint?.optimizer, checkpoint?.data], [undefined, { step: 30 }]);
    assertEquals(checkpoint?.metadata["title"], "after 30");
    const best = await reader.loadBest();
    assertEquals([best.refused, best.checkpoint?.params], [[], trainingAt(20).params]);
    assertEquals([best.checkpoint?.data, best.checkpoint?.metadata["title"]], [
      { step: 20 },
      "after 20",
    ]);
  }
});

Deno.test("a store whose bytes are hashed by somebody else saves the same bytes", async () => {
  const hash = async (bytes: Uint8Array<ArrayBuffer>) => {
    hashed += bytes.length;
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  };
  let hashed = 0;
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory, { hash });
  await store.save(trainingAt(10), { best: true });
  assertEquals(memory.files, (await createStore([10], 10)).files);
  const saved = [...memory.files].filter(([name]) => name.endsWith(".safetensors"));
  assert(hashed >= saved.reduce((sum, [, bytes]) => sum + bytes.length, 0));
});

Deno.test("what is permanent stays, and what isn't gives way", async () => {
  const run = async (keep: number, steps: readonly number[], saves: readonly number[]) => {
    const memory = createMemoryFiles();
    const store = await openCheckpointStore(memory, { keep });
    const kept: number[][] = [];
    for (const step of [...steps, ...saves].sort((a, b) => a - b)) {
      await store.save(trainingAt(step), { permanent: steps.includes(step) });
      kept.push(await stepsOf(store));
    }
    return { kept, files: memory.files };
  };
  assertEquals((await run(2, [10, 20], [3, 4, 5, 12, 13])).kept, [
    [3],
    [3, 4],
    [4, 5],
    // The first permanent one: nothing of before it is needed, in this run or in another.
    [10],
    [10, 12],
    [10, 13],
    [10, 20],
  ]);
  assertEquals((await run(3, [10, 20, 30], [25])).kept.slice(2), [[10, 20, 25], [10, 20, 30]]);
  assertEquals((await run(1, [10, 20], [15])).kept, [[10], [15], [20]]);
  // Two runs of one training end with the same files, however often they were saved in between.
  const [quiet, busy] = [await run(2, [10, 20, 30], []), await run(2, [10, 20, 30], [5, 15, 29])];
  assertEquals(
    quiet.files,
    new Map([...quiet.files.keys()].map((name) => [name, busy.files.get(name)!])),
  );
  assertEquals(busy.files.size, quiet.files.size);
});

Deno.test("a training that goes back drops what came after", async () => {
  const memory = await createStore([10, 20, 30], 30);
  const store = await openCheckpointStore(memory);
  await store.save(trainingAt(25, 7));
  assertEquals(await stepsOf(store), [20, 25]);
  // The best of one step may be another's.
  await store.save(trainingAt(25, 8), { best: trainingAt(5, 3) });
  assertEquals(await load(store), trainingAt(25, 8));
  assertEquals((await store.loadBest()).checkpoint?.params, trainingAt(5, 3).params);
  await store.discard(25);
  assertEquals(await load(store), trainingAt(20));
  assertEquals(namesOf(memory), [
    "best.safetensors",
    "last.json",
    "step-20.optimizer.safetensors",
    "step-20.safetensors",
  ]);
});

Deno.test("another training takes the place of one once it has saved, best and all", async () => {
  const memory = await createStore([10, 20, 30], 20);
  const store = await openCheckpointStore(memory, { replace: true });
  assertEquals(await load(store), trainingAt(30));
  await store.save(trainingAt(20, 5));
  assertEquals(await load(store), trainingAt(20, 5));
  assertEquals((await store.loadBest()).checkpoint, undefined);
  assertEquals(namesOf(memory), [
    "last.json",
    "step-20.optimizer.safetensors",
    "step-20.safetensors",
  ]);
  await store.save(trainingAt(40, 6), { best: true });
  assertEquals(await stepsOf(store), [20, 40]);
});

Deno.test("the averages are the best where a training has them, and no optimizer needs no file", async () => {
  const memory = createMemoryFiles();
  const store = await openCheckpointStore(memory);
  const averages = trainingAt(7).params;
  const { optimizer: _, ...training } = trainingAt(5);
  await store.save({ ...training, averages }, { best: true });
  assertEquals((await store.loadBest()).checkpoint?.params, averages);
  const { checkpoint } = await store.load();
  assertEquals([checkpoint?.params, checkpoint?.optimizer], [training.params, undefined]);
  assertEquals(namesOf(memory), ["best.safetensors", "last.json", "step-5.safetensors"]);
  await assertRejects(
    () => store.save({ params: training.params }),
    RangeError,
    "Cannot save a training without a position",
  );
  for (const keep of [0, 1.5, NaN]) {
    await assertRejects(
      () => openCheckpointStore(memory, { keep }),
      RangeError,
      `Cannot keep ${keep} checkpoints: it must be an integer of at least 1`,
    );
  }
});

Deno.test("saves come one after the other, and what else lies there stays", async () => {
  const memory = createMemoryFiles();
  const others = [
    "config.json",
    "last.safetensors",
    "step-x.safetensors",
    "notes.tmp",
    "log.jsonl",
  ];
  for (const name of others) memory.files.set(name, Uint8Array.of(1));
  const store = await openCheckpointStore(memory);
  await Promise.all([10, 20, 30].map((step) => store.save(trainingAt(step))));
  assertEquals(await stepsOf(store), [20, 30]);
  assertEquals(others.filter((name) => !memory.files.has(name)), []);
});

Deno.test("the best parameters of a folder without a store stay until there are better ones", async () => {
  for (const isOurs of [true, false]) {
    const memory = createMemoryFiles();
    const parts = isOurs ? encodeCheckpoint(trainingAt(3)) : [Uint8Array.of(1, 2)];
    const file = await new Blob(await collect(parts)).bytes();
    memory.files.set("best.safetensors", file);
    const store = await openCheckpointStore(memory);
    await store.save(trainingAt(10));
    assertEquals(memory.files.get("best.safetensors"), file);
    await store.save(trainingAt(20), { best: true });
    assertEquals((await store.loadBest()).checkpoint?.params, trainingAt(20).params);
  }
});

async function collect<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

Deno.test("a reader changes nothing, and reads what a save that was broken off has left", async () => {
  const memory = await createStore([10, 20], 20);
  const refuse = () => Promise.reject(new Error("it is read only"));
  const files: FileSystem = {
    ...memory,
    write: refuse,
    rename: refuse,
    remove: refuse,
    sync: refuse,
  };
  // The best parameters have not got their name yet, and something else has it.
  memory.files.set("best-20.safetensors", memory.files.get("best.safetensors")!);
  memory.files.set("best.safetensors", memory.files.get("step-10.safetensors")!);
  memory.files.set("step-30.optimizer.safetensors", Uint8Array.of(1));
  const reader = openCheckpointReader(files);
  assertEquals(await load(reader), trainingAt(20));
  assertEquals((await reader.loadBest()).checkpoint?.params, trainingAt(20).params);
  const store = await openCheckpointStore(memory);
  assertEquals((await store.loadBest()).checkpoint?.params, trainingAt(20).params);
  assert(!memory.files.has("best-20.safetensors"));
  assert(!memory.files.has("step-30.optimizer.safetensors"));
});

Deno.test("a reader looks again where files go while it reads", async () => {
  const memory = await createStore([10, 20]);
  const store = await openCheckpointStore(memory);
  let left = 1;
  const reader = openCheckpointReader({
    ...memory,
    async read(name) {
      if (name === "step-20.safetensors" && left-- > 0) {
        await store.save(trainingAt(30));
        await store.save(trainingAt(40));
      }
      return await memory.read(name);
    },
  });
  assertEquals(await load(reader), trainingAt(40));
});

const POINTER = /^\{"version":1,"generations":\[.*\],"best":.*,"rill_checksum":"[0-9a-f]{64}"\}\n$/;

Deno.test("a pointer is one line, and that of a newer version is left alone", async () => {
  const memory = await createStore([10, 20], 10);
  const text = new TextDecoder().decode(memory.files.get("last.json"));
  assertMatch(text, POINTER);
  assertEquals(JSON.parse(text).generations.map(({ step }: { step: number }) => step), [10, 20]);
  const { encodePointer } = await import(
    "../../../../models/training/checkpoints/_pointer.ts"
  );
  const { setChecksum, computeChecksum, NO_CHECKSUM } = await import(
    "../../../../models/training/checkpoints/_checksum.ts"
  );
  const encoded = new TextDecoder().decode(
    await encodePointer({ generations: [], best: null, dropped: [] }),
  );
  const newer = new TextEncoder().encode(
    encoded.replace('"version":1', '"version":2').replace(/[0-9a-f]{64}/, NO_CHECKSUM),
  );
  setChecksum(newer, await computeChecksum([newer]));
  memory.files.set("last.json", newer);
  const before = new Map(memory.files);
  const describe = (file: string) => `runs/a/${file}`;
  const message = "Cannot read runs/a/last.json as it is of version 2: this reads up to 1";
  await assertRejects(() => openCheckpointStore(memory, { describe }), CheckpointError, message);
  await assertRejects(
    () => openCheckpointReader(memory, { describe }).load(),
    CheckpointError,
    message,
  );
  assertEquals(memory.files, before);
});

/** Damages a file: a bit of it, its end, or all of it. */
const damages = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("bit" as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("end" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("all" as const), at: fc.constant(0) }) },
);

function damage(
  bytes: Uint8Array<ArrayBuffer>,
  { kind, at }: { readonly kind: "bit" | "end" | "all"; readonly at: number },
): Uint8Array<ArrayBuffer> | undefined {
  if (kind === "all") return undefined;
  if (kind === "end") return bytes.slice(0, at % bytes.length);
  const damaged = bytes.slice();
  const bit = at % (8 * bytes.length);
  damaged[bit >> 3]! ^= 1 << (bit & 7);
  return damaged;
}

Deno.test("a damaged file is named, and the checkpoint before is used", async () => {
  const whole = (await createStore([10, 20], 20)).files;
  const names = fc.constantFrom(...whole.keys());
  await fc.assert(
    fc.asyncProperty(names, damages, fc.boolean(), async (name, how, isRead) => {
      const memory = createMemoryFiles(new Map(whole));
      const damaged = damage(whole.get(name)!, how);
      if (damaged) memory.files.set(name, damaged);
      else memory.files.delete(name);
      const describe = (file: string) => `run/${file}`;
      const store = isRead
        ? openCheckpointReader(memory, { describe })
        : await openCheckpointStore(memory, { describe });
      const { checkpoint, refused } = await store.load();
      const best = await store.loadBest();
      const [all, isNewest] = [[...refused, ...best.refused], name.startsWith("step-20.")];
      assertEquals(checkpoint?.position?.step, isNewest ? 10 : 20);
      const expected = trainingAt(isNewest ? 10 : 20);
      assertEquals([checkpoint?.params, checkpoint?.optimizer], [
        expected.params,
        expected.optimizer,
      ]);
      const isBest = name === "best.safetensors";
      assertEquals(best.checkpoint?.params, isBest ? undefined : trainingAt(20).params);
      // What isn't read isn't missed.
      if (name.startsWith("step-10.")) return assertEquals(all, []);
      assert(all.length > 0 && all.every(({ file }) => file === name), JSON.stringify(all));
      assertMatch(all[0]!.reason, new RegExp(`^Cannot read run/${name}(?: as |: )`));
      if (isRead) return;
      // It goes on from there.
      const again = await openCheckpointStore(memory);
      const step = isNewest ? 10 : 20;
      await again.save(trainingAt(step + 5), { best: true });
      assertEquals(await stepsOf(again), [step, step + 5]);
      assertEquals(await load(again), trainingAt(step + 5));
      assertEquals((await again.loadBest()).checkpoint?.params, trainingAt(step + 5).params);
    }),
    { numRuns: 300 },
  );
});

Deno.test("a file of another training is named, whole as it is", async () => {
  const own = await createStore([10, 20], 20);
  const other = createMemoryFiles();
  const store = await openCheckpointStore(other);
  for (const step of [10, 20]) await store.save(trainingAt(step, 50 + step), { best: true });
  for (const name of ["step-20.safetensors", "step-20.optimizer.safetensors", "best.safetensors"]) {
    const memory = createMemoryFiles(new Map(own.files));
    memory.files.set(name, other.files.get(name)!);
    const reader = openCheckpointReader(memory);
    const [{ checkpoint, refused }, best] = [await reader.load(), await reader.loadBest()];
    assertEquals(checkpoint?.position?.step, name === "best.safetensors" ? 20 : 10);
    assertEquals([...refused, ...best.refused], [{
      file: name,
      reason: `Cannot read ${name} as it belongs to another checkpoint`,
    }]);
  }
  // One of another step under this one's name.
  const memory = createMemoryFiles(new Map(own.files));
  memory.files.delete("last.json");
  memory.files.set("step-20.safetensors", own.files.get("step-10.safetensors")!);
  const { refused } = await openCheckpointReader(memory).load();
  assertEquals(
    refused.at(-1)?.reason,
    "Cannot read step-20.safetensors as the checkpoint after step 20: it is that of step 10",
  );
});

Deno.test("where all is damaged nothing is used, and nothing removed", async () => {
  const memory = await createStore([10, 20], 20);
  for (const [name, bytes] of memory.files) memory.files.set(name, bytes.slice(0, -1));
  const before = new Map(memory.files);
  const store = await openCheckpointStore(memory);
  const { checkpoint, refused } = await store.load();
  assertEquals(checkpoint, undefined);
  assertEquals(refused.map(({ file }) => file), [
    "last.json",
    "step-10.safetensors",
    "step-20.safetensors",
  ]);
  assertEquals(memory.files, before);
  await store.save(trainingAt(5));
  assertEquals(await load(await openCheckpointStore(memory)), trainingAt(5));
});

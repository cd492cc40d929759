// Checkpoints on an object store, whose rename is a copy and then a removal, in a program that ends at every moment of it.
import { assert, assertEquals } from "@std/assert";
import { type FileSystem, openCheckpointStore } from "@rill/rill/models";
import { trainingAt } from "./_scenario.ts";

type Objects = Map<string, Uint8Array<ArrayBuffer>>;

/** Makes files of a bucket, for a program that ends at the call of such a number, before it is done or after. */
function createBucketFiles(objects: Objects, end: { at: number; isDone: boolean }): FileSystem {
  let calls = 0;
  /** Asks the server for something that is done as a whole or not at all. */
  const request = async <T>(body: () => T): Promise<T> => {
    const number = calls++;
    await Promise.resolve();
    if (number > end.at || number === end.at && !end.isDone) {
      throw new Error("the program has ended");
    }
    const answer = body();
    if (number === end.at) throw new Error("the program has ended");
    return answer;
  };
  const get = (name: string) => {
    const object = objects.get(name);
    if (!object) throw new Error(`there is no ${name}`);
    return object;
  };
  return {
    list: () => request(() => [...objects.keys()]),
    read: (name) => request(() => get(name).slice()),
    async write(name, parts) {
      const copies: Uint8Array<ArrayBuffer>[] = [];
      for await (const part of parts) copies.push(part.slice());
      const object = await new Blob(copies).bytes();
      await request(() => objects.set(name, object));
    },
    async rename(from, to) {
      await request(() => objects.set(to, get(from)));
      await request(() => objects.delete(from));
    },
    remove: (name) => request(() => void objects.delete(name)),
    sync: () => Promise.resolve(),
  };
}

const NEVER = { at: Infinity, isDone: true };

/** What is saved: twice after the same step, as where an epoch ends with one that was saved. */
const SAVES = [
  { step: 1, number: 1, best: true },
  { step: 2, number: 2, best: false },
  { step: 2, number: 3, best: true },
  { step: 3, number: 4, best: true },
];

Deno.test("an object store has the last checkpoint and the best, whenever the program ends", async () => {
  for (const isDone of [false, true]) {
    for (let at = 0, hasEnded = true; hasEnded; at++) {
      const objects: Objects = new Map();
      let saved = 0;
      try {
        const store = await openCheckpointStore(createBucketFiles(objects, { at, isDone }));
        for (const { step, number, best } of SAVES) {
          await store.save(trainingAt(step, number), { best });
          saved++;
        }
        hasEnded = false;
      } catch {
        // The next program finds what there is.
      }
      const store = await openCheckpointStore(createBucketFiles(objects, NEVER));
      const { checkpoint, refused } = await store.load();
      const { checkpoint: best, refused: others } = await store.loadBest();
      assertEquals([...refused, ...others], [], `call ${at}`);
      // That of the save under way may count before it is over.
      const found = checkpoint?.params["weight"]?.data[0] ?? 0;
      assert(found === saved || found === saved + 1, `call ${at}: ${found} of ${saved}`);
      const bests = SAVES.filter(({ number, best }) => best && number <= found);
      assertEquals(best?.params["weight"]?.data[0], bests.at(-1)?.number, `call ${at}`);
      // Nothing is left over.
      const steps = (await store.list()).map(({ step }) => step);
      const own = steps.flatMap((step) => [
        `step-${step}.optimizer.safetensors`,
        `step-${step}.safetensors`,
      ]);
      assertEquals(
        [...objects.keys()].filter((name) => name !== "last.json").sort(),
        [...bests.length > 0 ? ["best.safetensors"] : [], ...own],
        `call ${at}`,
      );
      if (!hasEnded) assert(at > 40, `${at} calls`);
    }
  }
});

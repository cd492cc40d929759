import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  collect,
  createWorkerPool,
  drain,
  type Example,
  inWorkers,
  type InWorkersOptions,
  randomCrop,
  readIndexed,
  resize,
  type Stage,
  StageError,
  WorkerError,
  type WorkerPool,
} from "@rill/rill/pipelines";
import { test, workers } from "./_count_workers.ts";
import { counting, range, settled } from "../_helpers.ts";

const module = new URL("../_in_workers.ts", import.meta.url);

const named = <I, O>(
  name: string,
  n: number,
  pool: WorkerPool,
  options: InWorkersOptions = {},
): Stage<I, O> => inWorkers<I, O>(n, module, { name, ...options, pool });

test("createWorkerPool() keeps workers and their modules for the next stream", async () => {
  using pool = createWorkerPool();
  const loads = named<number, number>("loads", 1, pool);
  assertEquals(workers.started, 0);
  for (const epoch of range(3)) {
    const calls = await collect(loads(counting(range(4))));
    assertEquals(calls, range(4).map((i) => epoch * 4 + i + 1));
    assertEquals([workers.started, workers.alive], [1, 1]);
  }
});

test("createWorkerPool() changes nothing of what is drawn in each epoch", async () => {
  using pool = createWorkerPool();
  const examples = range(7).map((label): Example => ({
    image: { data: Uint8Array.from(range(16), (i) => i * label), height: 4, width: 4, channels: 1 },
    label,
  }));
  const source = { length: 7, get: (i: number) => examples[i]! };
  const parameters = { height: 3, width: 3 };
  const here = flow(resize({ height: 5, width: 5 }), randomCrop(parameters));
  const there = named<Example, Example>("crop", 2, pool, { kind: "stage", parameters });
  const seen: unknown[] = [];
  for (const epoch of range(3)) {
    const read = () => pipe(source, readIndexed({ seed: 7, epoch }));
    const expected = await collect(here(read()));
    assertEquals(await collect(there(read())), expected);
    assert(!seen.some((other) => JSON.stringify(other) === JSON.stringify(expected)));
    seen.push(expected);
  }
  assertEquals(workers.started, 2);
});

test("createWorkerPool() gives a worker other modules, exports and parameters", async () => {
  using pool = createWorkerPool();
  const add = (term: number) =>
    named<number, number>("add", 1, pool, { parameters: { term } })(counting([1, 2]));
  assertEquals(await collect(add(10)), [11, 12]);
  assertEquals(await collect(add(20)), [21, 22]);
  assertEquals(await collect(named("echo", 1, pool)(counting([3]))), [3]);
  const other = "data:text/javascript,export default (n) => -n;";
  assertEquals(await collect(inWorkers(1, other, { pool })(counting([3]))), [-3]);
  assertEquals(workers.started, 1);
});

test("createWorkerPool() serves streams side by side, each with workers of its own", async () => {
  using pool = createWorkerPool();
  const slow = named<number, number>("slow", 2, pool);
  const items = [20, 1, 1, 20, 1, 1];
  const both = await Promise.all([collect(slow(counting(items))), collect(slow(counting(items)))]);
  assertEquals(both, [items, items]);
  assertEquals([workers.started, workers.alive], [4, 4]);
  assertEquals(await collect(slow(counting(items))), items);
  assertEquals(workers.started, 4);
});

test("createWorkerPool() ends a worker that is at an item when its stream is closed", async () => {
  using pool = createWorkerPool();
  const forever = named<number, number>("forever", 1, pool);
  for await (const n of forever(counting(range(50)))) {
    await settled(); // The next one is sent.
    if (n === 1) break;
  }
  assertEquals(workers.alive, 0);
  assertEquals(await collect(named("echo", 1, pool)(counting([1, 2]))), [1, 2]);
  assertEquals([workers.started, workers.alive], [2, 1]);
});

test("createWorkerPool() goes on after an item that failed", async () => {
  using pool = createWorkerPool();
  for (const _ of range(2)) {
    await assertRejects(
      () => drain(named("fail", 2, pool)(counting(range(9)))),
      StageError,
      "Cannot map item 2: no good",
    );
    assertEquals(await collect(named("echo", 2, pool)(counting(range(5)))), range(5));
  }
});

for (const name of ["none", "end", "exit", "failLater", "rejectAside"]) {
  test(`createWorkerPool() keeps no worker that failed, by ${name}`, async () => {
    using pool = createWorkerPool();
    await collect(named("echo", 1, pool)(counting([1])));
    const source = counting(range(9));
    const error = await assertRejects(() => drain(named(name, 1, pool)(source)), WorkerError);
    assertEquals(error.module, module.href);
    assertEquals(workers.alive, 0);
    assertEquals(await collect(named("echo", 1, pool)(counting([1, 2]))), [1, 2]);
    assertEquals(workers.started, 2);
  });
}

test("createWorkerPool() gives no stream a worker that failed while it waited", async () => {
  using pool = createWorkerPool();
  const late = `data:text/javascript,${
    encodeURIComponent(
      "export default (n) => (setTimeout(() => { throw new Error('late') }, 1), n)",
    )
  }`;
  assertEquals(await collect(inWorkers(1, late, { pool })(counting([1]))), [1]);
  for (let i = 0; i < 500 && workers.alive > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assertEquals(workers.alive, 0);
  assertEquals(await collect(named("echo", 1, pool)(counting([2]))), [2]);
  assertEquals(workers.started, 2);
});

test("createWorkerPool() ends those that wait when it is closed, and then those that come back", async () => {
  const pool = createWorkerPool();
  const echo = named<number, number>("echo", 2, pool);
  assertEquals(await collect(echo(counting(range(5)))), range(5));
  const items = echo(counting(range(5)))[Symbol.asyncIterator]();
  await items.next();
  const besides = named<number, number>("echo", 1, pool);
  assertEquals(await collect(besides(counting([7]))), [7]);
  assertEquals(workers.alive, 3);
  pool.close();
  assertEquals(workers.alive, 2);
  assertEquals((await items.next()).value, 1);
  await items.return!();
  await settled();
  assertEquals(workers.alive, 0);
  // A stream that begins then has workers that end with it.
  assertEquals(await collect(echo(counting(range(5)))), range(5));
  pool.close();
});

Deno.test("inWorkers() refuses a pool that createWorkerPool() hasn't made", () => {
  const pool = { close() {}, [Symbol.dispose]() {} };
  assertThrows(
    () => inWorkers(1, module, { pool }),
    TypeError,
    "Cannot work in workers with a pool that createWorkerPool() hasn't made",
  );
});

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { flow } from "fp-ts/lib/function.js";
import {
  collect,
  drain,
  type Example,
  inWorkers,
  type InWorkersOptions,
  map,
  prefetch,
  randomCrop,
  resize,
  resumeFrom,
  type Stage,
  StageError,
  take,
  withPosition,
  WorkerError,
} from "@rill/rill/pipelines";
import { test, workers } from "./_count_workers.ts";
import { assertResumes, counting, indexed, range, saved, settled, testStage } from "../_helpers.ts";

const module = new URL("../_in_workers.ts", import.meta.url);

const named = <I, O>(name: string, workers = 1, options: InWorkersOptions = {}): Stage<I, O> =>
  inWorkers<I, O>(workers, module, { name, ...options });

for (const n of [1, 3]) {
  testStage({
    name: `inWorkers(${n})`,
    stage: inWorkers<number, string>(n, module),
    input: [3, 1, 2, 0, 4, 9, 8],
    output: ["0: 3", "1: 1", "2: 2", "3: 0", "4: 4", "5: 9", "6: 8"],
    pulled: (given) => given + 2 * n - 1,
  });
}

test("inWorkers() leaves no worker of the stage tests", () => Promise.resolve());

test("inWorkers() starts workers at the first pull, and no more than it needs", async () => {
  const slow = named<number, number>("slow", 3);
  await drain(slow(counting<number>([])));
  assertEquals(workers.started, 0);
  await drain(slow(counting([1])));
  assertEquals(workers.started, 1);
  const items = slow(counting([1, 1, 1, 1, 1]))[Symbol.asyncIterator]();
  await settled();
  assertEquals(workers.started, 1);
  await items.next();
  assertEquals([workers.started, workers.alive], [4, 3]);
  await items.return!();
});

test("inWorkers() loads the module once in each worker", async () => {
  assertEquals(await collect(named("loads")(counting(range(4)))), [1, 2, 3, 4]);
});

test("inWorkers() gives the parameters beside item and index, as they were", async () => {
  const parameters = { term: 10 };
  const add = named<number, number>("add", 2, { parameters });
  parameters.term = 20;
  assertEquals(await collect(add(counting([1, 2, 3]))), [11, 12, 13]);
});

test("inWorkers() keeps the order where later items are faster", async () => {
  const items = [40, 1, 1, 20, 1, 1, 1, 1];
  assertEquals(await collect(named("slow", 3)(counting(items))), items);
});

test("inWorkers() runs a stage of the module by the items' places in the whole stream", async () => {
  const parameters = { height: 3, width: 3, seed: 7 };
  const examples = range(7).map((label): Example => ({
    image: { data: Uint8Array.from(range(16), (i) => i * label), height: 4, width: 4, channels: 1 },
    label,
  }));
  const crop = flow(resize({ height: 5, width: 5 }), randomCrop(parameters));
  const expected = await collect(crop(indexed(examples)));
  for (const n of [1, 2, 3]) {
    const stage = named<Example, Example>("crop", n, { kind: "stage", parameters });
    assertEquals(await assertResumes(() => stage(indexed(examples))), expected);
  }
});

test("inWorkers() awaits what gives the stage, and every part of it", async () => {
  const late = named("late", 2, { kind: "stage", parameters: 1 });
  assertEquals(await collect(late(counting([1, 2, 3]))), [20, 30, 40]);
});

test("inWorkers() resumes with another number of workers, behind prefetch too", async () => {
  const build = (n: number) => prefetch(2)(inWorkers<number, string>(n, module)(indexed(range(9))));
  const position = (await collect(take(3)(withPosition()(build(3)))))[2]![1];
  assertEquals(position, {
    stage: "inWorkers",
    index: 3,
    source: { stage: "read", index: 3, length: 9, seed: null },
  });
  const rest = range(9).slice(3).map((n) => `${n}: ${n}`);
  for (const n of [1, 2]) {
    assertEquals(await collect(resumeFrom(saved(position))(build(n))), rest);
  }
});

test("inWorkers() sends plain data of any kind there and back", async () => {
  const shared = Uint16Array.of(1, 2);
  const items: unknown[] = [
    undefined,
    null,
    "text",
    { nested: [{ data: Float32Array.of(0.5), list: [1n] }], when: new Date(5) },
    [shared, shared],
    new Map([["key", Uint8Array.of(1)]]),
    new DataView(Uint8Array.of(1, 2, 3).buffer),
    Uint8Array.of(1, 2).buffer,
    new Uint8Array(new SharedArrayBuffer(2)),
    JSON.parse('{ "__proto__": 1 }'),
  ];
  const sent = structuredClone(items.slice(0, 8));
  const got = await collect(named("echo")(counting(items)));
  assertEquals(got.slice(0, 8), sent);
  assertEquals(items.slice(0, 8), sent);
  assertEquals((got[8] as Uint8Array).buffer instanceof SharedArrayBuffer, true);
  assertEquals(Object.keys(got[9] as object), ["__proto__"]);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const [round] = await collect(named<unknown, typeof circle>("echo")(counting([circle])));
  assert(round!.self === round);
});

for (const transfer of [false, true]) {
  test(`inWorkers() ${transfer ? "hands arrays over" : "copies arrays"}`, async () => {
    const whole = new Uint8Array(8);
    const large = new Uint8Array(1000);
    const item = { a: whole, b: large.subarray(10, 15) };
    const sizes = named<typeof item, number[]>("sizes", 1, { transfer });
    assertEquals(await collect(sizes(counting([item]))), [[8, 8, 5, 5]]);
    assertEquals([whole.length, large.length], [transfer ? 0 : 8, 1000]);
    const error = await assertRejects(
      () => drain(named("echo", 1, { transfer: true })(counting([large, large]))),
      StageError,
      "Cannot send item 1: ",
    );
    assertEquals(error.position, 1);
  });
}

test("inWorkers() gets no more of an output's buffer than the output shows", async () => {
  const [output] = await collect(named<number, Uint8Array>("part")(counting([3])));
  assertEquals([output!.buffer.byteLength, ...output!], [3, 3, 3, 3]);
});

for (
  const [what, name] of [["an output that cannot be sent", "give"], [
    "an array twice",
    "same",
  ]] as const
) {
  test(`inWorkers() refuses ${what}`, async () => {
    const position = name === "same" ? 1 : 0;
    const error = await assertRejects(
      () => drain(named(name)(counting(range(3)))),
      StageError,
      `Cannot send item ${position}: `,
    );
    assertEquals(error.stage, "send");
  });
}

test("inWorkers() refuses an item that cannot be sent", async () => {
  const source = counting([1, () => {}, ...range(50)]);
  const seen: unknown[] = [];
  await assertRejects(
    async () => {
      for await (const item of named("echo", 2)(source)) seen.push(item);
    },
    StageError,
    "Cannot send item 1: ",
  );
  assertEquals([seen, source.closed], [[1], 1]);
});

for (const n of [1, 3]) {
  test(`inWorkers() names the item of an error in one of ${n}, and closes its source`, async () => {
    const source = counting([0, 1, 2, ...range(50)]);
    const seen: unknown[] = [];
    const error = await assertRejects(
      async () => {
        for await (const item of named("fail", n)(source)) seen.push(item);
      },
      StageError,
      "Cannot map item 2: no good",
    );
    assertEquals([error.stage, error.position, source.closed], ["map", 2, 1]);
    assertEquals(seen, [0, 1]);
    assert(source.pulled < 12);
    const cause = error.cause as RangeError & { code: string; more?: unknown };
    assert(cause instanceof RangeError);
    assertEquals([cause.name, cause.message, cause.code], ["RangeError", "no good", "E_BAD"]);
    assertEquals(cause.more, undefined);
    assert(cause.stack!.includes("_in_workers.ts"));
    const inner = cause.cause as Error & { offset: number };
    assertEquals([inner.message, inner.offset], ["the file is cut", 7]);
    assert(inner.stack!.includes("_in_workers.ts"));
  });
}

test("inWorkers() passes on what is thrown that is no error", async () => {
  const error = await assertRejects(() => drain(named("failWithText")(counting([1]))), StageError);
  assertEquals(error.message, "Cannot map item 0: something that is no Error");
  assertEquals(error.cause, "something that is no Error");
});

test("inWorkers() gives a stage's errors as the stage does", async () => {
  const error = await assertRejects(
    () => drain(named("picky", 2, { kind: "stage" })(counting(range(5)))),
    StageError,
    "Cannot map item 2: no good",
  );
  assert(error.cause instanceof TypeError);
});

for (
  const [what, name, reason] of [
    ["calls close()", "end", "it ended itself"],
    ["calls Deno.exit()", "exit", "it ended itself"],
    ["throws where nobody catches", "failLater", "it failed: nobody waits for this"],
    ["rejects where nobody waits", "rejectAside", "it failed: nobody waits for this either"],
  ] as const
) {
  test(`inWorkers() fails when a worker ${what}`, async () => {
    const source = counting(range(50));
    const error = await assertRejects(
      () => drain(named(name, 2)(source)),
      WorkerError,
      `Cannot go on at item 2 in a worker with ${module}: ${reason}`,
    );
    assertEquals([error.name, error.module, error.position], ["WorkerError", module.href, 2]);
    assertEquals(error.cause instanceof TypeError, reason.includes("nobody"));
    assertEquals(source.closed, 1);
  });
}

const wrongModules: [what: string, address: string | URL, InWorkersOptions, reason: string][] = [
  ["that isn't there", new URL("none.ts", import.meta.url), {}, "it cannot be loaded: Module not"],
  ["that fails", "data:text/javascript,throw new RangeError('no luck')", {}, "no luck"],
  ["without the export", module, { name: "none" }, 'it has no export "none"'],
  [
    "whose export is wrong",
    module,
    { name: "noFunction" },
    'its export "noFunction" is not a func',
  ],
  [
    "whose stage is none",
    module,
    { kind: "stage" },
    'what its export "default" gives is not a stage that makes one output of each item by itself',
  ],
  ["whose stage isn't one to one", module, { name: "even", kind: "stage" }, "is not a stage that"],
  ["whose stage cannot be made", module, { name: "crop", kind: "stage" }, "it cannot be loaded: "],
];
for (const [what, address, options, reason] of wrongModules) {
  test(`inWorkers() fails with a module ${what}`, async () => {
    const error = await assertRejects(
      () => drain(inWorkers(2, address, options)(counting(range(9)))),
      WorkerError,
      reason,
    );
    assertEquals(error.module, String(address));
  });
}

test("inWorkers() shows the beginning of a long address", async () => {
  const address = `data:text/javascript,throw 1;${"/".repeat(999)}`;
  const error = await assertRejects(() => drain(inWorkers(1, address)(counting([1]))), WorkerError);
  assert(error.message.length < 300);
  assertEquals(error.module, address);
});

test("inWorkers() fails where there are no workers", async () => {
  const counted = globalThis.Worker;
  Reflect.deleteProperty(globalThis, "Worker");
  try {
    await assertRejects(
      () => drain(inWorkers(1, module)(counting([1]))),
      WorkerError,
      "it cannot be started: Worker is not defined",
    );
  } finally {
    globalThis.Worker = counted;
  }
});

test("inWorkers() ends its workers when it is closed, in the middle of an item too", async () => {
  const source = counting(range(50));
  let given = NaN;
  for await (const n of named("forever", 2)(source)) {
    given = performance.now();
    if (n === 1) break;
  }
  assert(performance.now() - given < 10_000, "it waited for the item");
  assertEquals(source.closed, 1);
});

/**
 * Runs a program that closes a stream while its worker is at an item, and then does as told.
 *
 * @returns Its exit code; undefined where it goes on.
 */
async function exitCodeOf(
  work: string,
  { then = "", patience = 60_000 } = {},
): Promise<number | undefined> {
  const module = `data:text/javascript,${encodeURIComponent(`export default ${work}`)}`;
  const program = `
    const { inWorkers } = await import(${
    JSON.stringify(import.meta.resolve("@rill/rill/pipelines/in-workers"))
  });
    const stage = inWorkers(1, ${JSON.stringify(module)});
    for await (const n of stage(ReadableStream.from([1, 2, 3]))) break;
    ${then}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", program],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, patience);
  const { code } = await child.status;
  clearTimeout(timer);
  return late ? undefined : code;
}

Deno.test("inWorkers() lets the program end when its workers wait or come to an end", async () => {
  assertEquals(
    await exitCodeOf("(n) => n === 1 ? n : new Promise(() => setInterval(() => {}, 9))"),
    0,
  );
  const busy =
    "(n) => { const end = Date.now() + 500; while (n > 1 && Date.now() < end); return n; }";
  assertEquals(await exitCodeOf(busy), 0);
});

Deno.test("inWorkers() says that an endless loop goes on, and that Deno.exit() ends it", async () => {
  const endless = "(n) => { while (n > 1); return n; }";
  assertEquals(await exitCodeOf(endless, { patience: 3000 }), undefined);
  assertEquals(await exitCodeOf(endless, { then: "Deno.exit(3);" }), 3);
});

test("inWorkers() that is closed in the middle of a pull doesn't wait for an item", async () => {
  for (const stage of [prefetch(2)<number>, map((n: number) => n, { concurrency: 3 })]) {
    const source = counting(range(50));
    for await (const n of stage(named<number, number>("forever", 1)(source))) if (n === 1) break;
    await settled();
    assertEquals(source.closed, 1);
  }
  const items = named<number, number>("forever")(counting([2]))[Symbol.asyncIterator]();
  const pull = items.next();
  await settled();
  await items.return!();
  assertEquals(await pull, { done: true, value: undefined });
});

test("inWorkers() ends its workers when its source or its consumer fails", async () => {
  const failure = new Error("the source failed");
  await assertRejects(() => drain(named("echo", 2)(counting(range(3), failure))), Error, "source");
  const fails = map((n: number) => {
    if (n === 1) throw new Error("the consumer failed");
  });
  await assertRejects(() => drain(fails(named<number, number>("echo", 2)(counting(range(9))))));
});

Deno.test("inWorkers() refuses what cannot be", () => {
  for (const n of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => inWorkers(n, module),
      RangeError,
      `Cannot work in ${n} workers: the number must be an integer of at least 1`,
    );
  }
  assertThrows(
    () => inWorkers(1, "./work.ts"),
    TypeError,
    'Cannot work in workers with "./work.ts": the module\'s address must be absolute',
  );
  assertThrows(
    () => inWorkers(1, module, { kind: "class" as "stage" }),
    TypeError,
    'Cannot work in workers with the kind "class": it must be function or stage',
  );
  assertThrows(
    () => inWorkers(1, module, { parameters: () => {} }),
    TypeError,
    "Cannot copy the parameters for workers: ",
  );
});

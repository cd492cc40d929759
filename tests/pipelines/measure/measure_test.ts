import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  batch,
  cache,
  collect,
  drain,
  type Example,
  filter,
  inWorkers,
  map,
  measure,
  type Meter,
  prefetch,
  readIndexed,
  reportTable,
  resize,
  type StageReport,
  take,
  tap,
} from "@rill/rill/pipelines";
import {
  assertResumes,
  counting,
  indexed,
  isResumable,
  range,
  testStage,
  tiny,
} from "../_helpers.ts";

testStage({
  name: "map() measured",
  stage: measure().stage("map", map((n: number) => n * 10)),
  input: [3, 1, 2, 0],
  output: [30, 10, 20, 0],
  pulled: (given) => given,
});

testStage({
  name: "prefetch(2) measured",
  stage: measure().stage("prefetch", prefetch(2)<number>),
  input: range(6),
  output: range(6),
  pulled: (given) => given + 2,
});

testStage({
  name: "take(3) measured",
  stage: measure().stage("take", take(3)<number>),
  input: range(5),
  output: range(3),
  pulled: (given) => given,
  endsFirst: true,
});

/** A clock that stands still until work is done. */
function fakeClock() {
  let time = 1000;
  return {
    now: () => time,
    /** Work of so many milliseconds. */
    spend: (ms: number) => void (time += ms),
  };
}

const seconds = (
  { name, ownSeconds, upstreamSeconds, downstreamSeconds }: StageReport,
) => [name, ...[ownSeconds, upstreamSeconds, downstreamSeconds].map((s) => Math.round(s * 1000))];

Deno.test("measure() tells own time from waiting", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const dataset = { length: 10, get: (index: number) => (spend(1), index) };
  await pipe(
    meter.source("read", readIndexed()(dataset)),
    meter.stage("slow", map((n: number) => (spend(6), n))),
    meter.stage("odd", filter((n: number) => (spend(1), n % 2 === 1))),
    meter.stage("cheap", map((n: number) => n)),
    map(() => spend(4)),
    drain,
  );
  const { seconds: whole, stages, bottleneck } = meter.report();
  assertEquals(whole, 0.1);
  assertEquals(stages.map(seconds), [
    ["read", 10, 0, 90],
    ["slow", 60, 10, 30],
    ["odd", 10, 70, 20],
    ["cheap", 0, 80, 20],
  ]);
  assertEquals(stages.map(({ items }) => items), [10, 10, 5, 5]);
  assertEquals(stages.map(({ itemsPerSecond }) => itemsPerSecond), [100, 100, 50, 50]);
  assertEquals(
    stages.map(({ itemsPerSecondAlone: alone }) => alone && Math.round(alone)),
    [1000, 167, 500, undefined],
  );
  assertEquals(stages.map(({ queued }) => queued), [undefined, undefined, undefined, undefined]);
  assertEquals(bottleneck, { kind: "stage", name: "slow", share: 0.6 });
});

Deno.test("measure() finds the bottleneck at either end", async () => {
  for (
    const [source, consumer, kind, name] of [
      [5, 1, "source", "first"],
      [1, 5, "consumer", "last"],
    ] as const
  ) {
    const { now, spend } = fakeClock();
    const meter = measure({ now });
    await pipe(
      { length: 4, get: (index: number) => (spend(source), index) },
      readIndexed(),
      meter.stage("first", map((n: number) => (spend(1), n))),
      meter.stage("last", map((n: number) => (spend(1), n))),
      tap(() => spend(consumer)),
      drain,
    );
    assertEquals(meter.report().bottleneck, { kind, name, share: 5 / 8 });
  }
});

Deno.test("measure() counts a source that it measures as a stage", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const source = readIndexed()({ length: 4, get: (index) => (spend(5), index) });
  await pipe(meter.source("read", source), meter.stage("last", map((n) => n)), drain);
  assertEquals(meter.report().bottleneck, { kind: "stage", name: "read", share: 1 });
});

Deno.test("measure() shows how full a queue is, where there is one", async () => {
  const { now, spend } = fakeClock();
  const run = async (consumerIsSlow: boolean) => {
    const meter = measure({ now });
    const work = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
    await pipe(
      indexed(range(20)),
      meter.stage(
        "map",
        map(async (n: number) => {
          if (!consumerIsSlow) await work();
          return n;
        }),
      ),
      meter.stage("prefetch", prefetch(4)),
      tap(async () => {
        spend(1);
        if (consumerIsSlow) await work();
      }),
      drain,
    );
    const [mapped, prefetched] = meter.report().stages;
    assertEquals(mapped!.queued, undefined);
    return prefetched!.queued!;
  };
  assert(await run(true) > 3);
  assert(await run(false) < 1);
});

Deno.test("measure() counts time in which nobody asks as waiting for downstream", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const ahead = meter.stage("prefetch", prefetch(1))(indexed(range(3)));
  const items = ahead[Symbol.asyncIterator]();
  spend(100); // Before the first pull.
  await items.next();
  spend(10);
  assertEquals(meter.report().stages.map(seconds), [["prefetch", 0, 0, 10]]);
  spend(10);
  await items.return!();
  spend(100); // After the end.
  const report = meter.report();
  assertEquals(report.stages.map(seconds), [["prefetch", 0, 0, 20]]);
  assertEquals(report.seconds, 0.02);
});

Deno.test("measure() adds up what runs under one name, epoch by epoch", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const epoch = () =>
    pipe(indexed(range(3)), meter.stage("work", map((n: number) => (spend(2), n))), drain);
  await epoch();
  spend(4); // A test pass.
  await epoch();
  const { seconds: whole, stages } = meter.report();
  assertEquals([whole, ...stages.map(seconds)], [0.016, ["work", 12, 0, 0]]);
  assertEquals(stages[0]!.items, 6);
});

Deno.test("measure() measures two iterations of one pipeline at a time", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const work = meter.stage("work", map((n: number) => (spend(2), n)))(indexed(range(2)));
  const [first, second] = [work[Symbol.asyncIterator](), work[Symbol.asyncIterator]()];
  await first.next();
  await second.next();
  await first.next();
  assertEquals((await first.next()).done, true);
  await second.next();
  assertEquals((await second.next()).done, true);
  assertEquals(meter.report().stages.map(seconds), [["work", 8, 0, 0]]);
});

Deno.test("measure() stops the clock of a stage that fails", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  const failure = new Error("the source failed");
  const items = meter.stage("work", map((n: number) => n))(counting([1], failure));
  assertStrictEquals(await assertRejects(() => collect(items)), failure);
  spend(50);
  assertEquals(meter.report().seconds, 0);
});

Deno.test("measure() keeps positions as they are", async () => {
  const build = (meter: Meter) => () =>
    pipe(
      meter.source("read", indexed(range(7).map(tiny))),
      meter.stage("resize", resize({ height: 2, width: 2 })),
      meter.stage("batch", batch(2)),
      meter.stage("prefetch", prefetch(2)),
    );
  const meter = measure();
  const plain = await assertResumes(build(measure({ enabled: false })));
  assertEquals(await assertResumes(build(meter)), plain);
  assert(meter.report().stages.every(({ items }) => items > 0));
  assert(isResumable(build(meter)()));
});

Deno.test("measure() leaves a stage its memory between two iterations", async () => {
  let calls = 0;
  const cached = pipe(
    counting(range(3)),
    map(() => calls++),
    measure().stage("cache", cache()),
  );
  assertEquals(await collect(cached), await collect(cached));
  assertEquals(calls, 3);
});

Deno.test("measure() sees workers as the stage that they work for", async () => {
  const module = new URL("../_in_workers.ts", import.meta.url);
  const meter = measure();
  const slow = inWorkers<number, number>(2, module, { name: "slow" });
  await pipe(indexed([5, 5, 5, 5]), meter.stage("work", slow), drain);
  const { stages: [stage], bottleneck } = meter.report();
  const { queued } = stage!;
  assertEquals(bottleneck?.name, "work");
  assert(queued! > 0);
});

Deno.test("measure() that is off changes nothing", () => {
  const meter = measure({ enabled: false });
  const stage = resize({ height: 1, width: 1 });
  const source: AsyncIterable<Example> = counting([tiny(1)]);
  assertStrictEquals<unknown>(meter.stage("resize", stage), stage);
  assertStrictEquals(meter.source("read", source), source);
  assertEquals(meter.report(), { seconds: 0, stages: [], bottleneck: undefined });
});

Deno.test("reportTable() aligns its columns and names the bottleneck", async () => {
  const { now, spend } = fakeClock();
  const meter = measure({ now });
  await pipe(
    meter.source("read", indexed(range(2000))),
    meter.stage("a longer name", map((n: number) => (spend(0.5), n))),
    drain,
  );
  assertEquals(reportTable(meter.report()).split("\n"), [
    "stage          items  items/s  alone/s    own  waits up  waits down  queue",
    "-------------  -----  -------  -------  -----  --------  ----------  -----",
    "read           2,000    2,000        -    0 %       0 %       100 %      -",
    "a longer name  2,000    2,000    2,000  100 %       0 %         0 %      -",
    "The bottleneck is a longer name: it is at work itself 100 % of the time",
  ]);
});

Deno.test("reportTable() says where the pipeline waits for what isn't measured", () => {
  const line = (kind: "source" | "consumer") =>
    reportTable({ seconds: 1, stages: [], bottleneck: { kind, name: "it", share: 0.5 } })
      .split("\n").at(-1);
  assertEquals(
    line("source"),
    "The bottleneck is what comes before it: it is waited for 50 % of the time",
  );
  assertEquals(
    line("consumer"),
    "The bottleneck is what comes after it: it asks for nothing 50 % of the time",
  );
});

Deno.test("reportTable() of nothing says so", () => {
  const { now } = fakeClock();
  const meter = measure({ now });
  meter.stage("idle", map((n: number) => n));
  assertEquals(reportTable(meter.report()).split("\n").slice(2), [
    "idle       0        0        -    -         -           -      -",
    "Nothing was measured",
  ]);
});

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  drain,
  flatMap,
  httpSource,
  inWorkers,
  map,
  prefetch,
  shuffle,
  skipRecords,
  type Stage,
  stageOf,
  tap,
  tapEvery,
  untilAborted,
  window,
  withRecordPolicy,
  zip,
} from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";
import { counting, range, testStage } from "../_helpers.ts";

testStage<number, number>({
  name: "untilAborted()",
  stage: untilAborted(new AbortController().signal),
  input: range(5),
  output: range(5),
  pulled: (given) => given,
});

const reason = new Error("no more");

/** What a stream fails with, and after how many milliseconds. */
async function failureOf(stream: AsyncIterable<unknown>): Promise<[error: unknown, time: number]> {
  const begin = performance.now();
  const error = await drain(stream).then(() => "it ended", (error) => error);
  return [error, performance.now() - begin];
}

/** A web stream that gives some numbers and then nothing, and says how it was cancelled. */
function stuckStream(count: number) {
  const cancelled: unknown[] = [];
  let next = 0;
  const stream = new ReadableStream<number>({
    pull(controller) {
      if (next < count) controller.enqueue(next++);
      else return new Promise(() => {});
    },
    cancel: (why) => void cancelled.push(why),
  }, { highWaterMark: 0 });
  return { stream, cancelled };
}

Deno.test("untilAborted() begins nothing where the signal is aborted before", async () => {
  const source = counting(range(3));
  const stage = untilAborted(AbortSignal.abort(reason));
  assertStrictEquals((await failureOf(stage(source)))[0], reason);
  assertEquals([source.pulled, source.closed], [0, 1]);
});

/** Stages, and compositions of them, that wait for a source. */
const chains: Readonly<Record<string, Stage<number, unknown>>> = {
  "nothing": (source) => source,
  "map()": map((n) => n),
  "two stages": (source) => pipe(source, map((n) => n), map((n) => n)),
  "a stage of several items": window(4),
  "a generator": stageOf({
    name: "pass",
    async *begin({ input }) {
      for await (const item of input) yield item;
    },
  }),
  "a generator of one's own below stageOf()": (source) =>
    map((n) => n)(async function* () {
      yield* source;
    }()),
  "flatMap()": flatMap((n: number) => [n, n]),
  "prefetch()": prefetch(3),
  "map() of several at a time": map((n: number) => Promise.resolve(n), { concurrency: 2 }),
  "shuffle()": shuffle({ bufferSize: 5, seed: 1 }),
  "zip()": zip(counting(range(9))),
  "a policy for bad records": withRecordPolicy(map((n: number) => n), skipRecords({ limit: 9 })),
  "untilAborted()": untilAborted(new AbortController().signal),
};

for (const [name, chain] of Object.entries(chains)) {
  Deno.test(`untilAborted() ends a read that is under way, through ${name}`, async () => {
    const { stream, cancelled } = stuckStream(2);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 10);
    const [error, time] = await failureOf(untilAborted(controller.signal)(chain(stream)));
    assertStrictEquals(error, reason);
    if (name.includes("one's own")) return; // It can't be reached through.
    assertEquals(cancelled, [reason]);
    assert(time < 400, `${time} ms`);
    assert(!stream.locked);
  });
}

Deno.test("untilAborted() lets no stage take a source that is cut short for one that ended", async () => {
  const { stream } = stuckStream(3);
  const seen: unknown[] = [];
  const watch = stageOf<number, number>({
    name: "watch",
    async *begin({ input }) {
      try {
        for await (const item of input) yield item;
        seen.push("ended");
      } catch (error) {
        seen.push(error);
        throw error;
      }
    },
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 10);
  const items = pipe(
    stream,
    watch,
    window(2),
    untilAborted(controller.signal),
  );
  const given: (readonly number[])[] = [];
  await assertRejects(
    () => drain(tap((item: readonly number[]) => given.push(item))(items)),
    Error,
    "no more",
  );
  assertEquals(given, [[0, 1]]);
  assertEquals(seen, [reason]);
});

Deno.test("untilAborted() waits half a second for a source that can't be ended, and closes it then", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  async function* source() {
    try {
      yield 1;
      await promise;
      yield 2;
    } finally {
      closed.resolve();
    }
  }
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 10);
  const [error, time] = await failureOf(untilAborted(controller.signal)(map((n) => n)(source())));
  assertStrictEquals(error, reason);
  assert(time >= 500 && time < 5000, `${time} ms`);
  resolve();
  await closed.promise;
});

Deno.test("untilAborted() throws when the source is closed", async () => {
  const events: string[] = [];
  const stream = new ReadableStream({
    pull: () => new Promise(() => {}),
    cancel: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      events.push("closed");
    },
  });
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 1);
  const [error] = await failureOf(untilAborted(controller.signal)(map((n) => n)(stream)));
  events.push("failed");
  assertStrictEquals(error, reason);
  assertEquals(events, ["closed", "failed"]);
});

Deno.test("untilAborted() closes its source while the consumer is busy", async () => {
  const source = counting(range(9));
  const controller = new AbortController();
  const iterator = untilAborted(controller.signal)(source)[Symbol.asyncIterator]();
  await iterator.next();
  controller.abort(reason);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([source.pulled, source.closed], [1, 1]);
  assertStrictEquals(await iterator.next().catch((error) => error), reason);
  assertEquals(await iterator.next(), { done: true, value: undefined });
  assertEquals([source.pulled, source.closed], [1, 1]);
});

Deno.test("untilAborted() gives timers their turn while items come without a pause", async () => {
  function* numbers() {
    for (let n = 0;; n++) yield n;
  }
  const source = {
    [Symbol.asyncIterator]: () => {
      const items = numbers();
      return {
        next: () => Promise.resolve(items.next()),
        return: () => Promise.resolve(items.return()),
      };
    },
  };
  const items = pipe(source, map((n: number) => n), untilAborted(AbortSignal.timeout(20)));
  const [error, time] = await failureOf(items);
  assert(error instanceof DOMException && error.name === "TimeoutError", `${error}`);
  assert(time < 10_000, `${time} ms`);
});

Deno.test("untilAborted() leaves no listener behind, however it ends", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const active = new Set<unknown>();
  signal.addEventListener = (...[type, listener]: Parameters<typeof addEventListener>) => {
    listeners++;
    active.add(listener);
    addEventListener.call(signal, type, listener);
  };
  signal.removeEventListener = (...[type, listener]: Parameters<typeof removeEventListener>) => {
    active.delete(listener);
    removeEventListener.call(signal, type, listener);
  };
  const stage = untilAborted(signal);
  for (let i = 0; i < 300; i++) {
    await collect(stage(counting(range(2))));
    for await (const _ of stage(counting(range(2)))) break;
    await collect(stage(counting([1], new Error("it failed")))).catch(() => {});
    await stage(counting(range(2)))[Symbol.asyncIterator]().return!();
    assertEquals(active.size, 0);
  }
  assertEquals(listeners, 900);
});

Deno.test("untilAborted() leaves no part of a cache's file", async () => {
  const dir = await Deno.makeTempDir();
  const { stream, cancelled } = stuckStream(5);
  const controller = new AbortController();
  const cached = pipe(
    stream,
    tapEvery(5, () => setTimeout(() => controller.abort(reason), 100)),
    cacheFile(`${dir}/numbers`, { key: "1" }),
    untilAborted(controller.signal),
  );
  assertStrictEquals((await failureOf(cached))[0], reason);
  assertEquals(cancelled, [reason]);
  assertEquals([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
});

Deno.test("untilAborted() ends workers in the middle of their work", async () => {
  const module = "data:text/javascript,export default (n) => { while (n > 0); return n; }";
  const controller = new AbortController();
  let given = 0;
  const items = pipe(
    counting([0, 1, 2]),
    inWorkers<number, number>(1, module),
    tap(() => {
      given++;
      setTimeout(() => controller.abort(reason), 50);
    }),
    untilAborted(controller.signal),
  );
  const [error] = await failureOf(items);
  assertStrictEquals(error, reason);
  assertEquals(given, 1);
});

Deno.test("untilAborted() ends a request that is under way", async () => {
  let request: AbortSignal | undefined;
  const fetch = (_: string, { signal }: RequestInit) => {
    request = signal!;
    return new Promise<Response>((_, reject) => {
      request!.addEventListener("abort", () => reject(request!.reason));
    });
  };
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 10);
  const bytes = httpSource("https://example.org/file", { fetch });
  const [error, time] = await failureOf(untilAborted(controller.signal)(map((b) => b)(bytes)));
  assertStrictEquals(error, reason);
  assert(time < 400, `${time} ms`);
  assert(request?.aborted);
});

Deno.test("untilAborted() leaves timers their turn", async () => {
  const start = performance.now();
  async function* numbers() {
    for (let n = 0;; n++) yield n;
  }
  const { name } = await assertRejects(
    () => drain(pipe(numbers(), map(Math.sqrt), untilAborted(AbortSignal.timeout(20)))),
    DOMException,
  );
  assertEquals(name, "TimeoutError");
  // It was half a second where messages came before timers.
  assert(performance.now() - start < 400, `${performance.now() - start} ms`);
});

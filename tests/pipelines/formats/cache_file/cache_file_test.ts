import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { toTransformStream } from "@std/streams";
import fc from "fast-check";
import { CacheFileError, collect, drain, StageError } from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";
import { damage } from "../../_fuzz.ts";
import { counting, nothing, range, settled, tiny } from "../../_helpers.ts";
import { damaged } from "../../_sources.ts";

/** A directory of its own, in which `test` may have a file. */
async function withFile(test: (path: string, dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "rill-cache-" });
  try {
    await test(`${dir}/items.cache`, dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const filesIn = (dir: string): string[] => [...Deno.readDirSync(dir)].map(({ name }) => name);

const examples = range(5).map(tiny);

Deno.test("cacheFile() passes items on the first time, and reads them later", async () => {
  await withFile(async (path, dir) => {
    const reasons: string[] = [];
    const cached = cacheFile(path, { key: "1", onBuild: (reason) => reasons.push(reason) });
    const first = counting(examples);
    assertEquals(await collect(cached(first)), examples);
    assertEquals([first.pulled, first.closed, reasons], [5, 0, ["it does not exist"]]);
    assertEquals(filesIn(dir), ["items.cache"]);
    for (let i = 0; i < 2; i++) {
      const later = counting(examples);
      assertEquals(await collect(cached(later)), examples);
      assertEquals([later.pulled, later.closed, reasons.length], [0, 1, 1]);
    }
  });
});

Deno.test("cacheFile() keeps nothing, too", async () => {
  await withFile(async (path) => {
    assertEquals(await collect(cacheFile(path, { key: "" })(nothing())), []);
    const later = counting(examples);
    assertEquals(await collect(cacheFile(path, { key: "" })(later)), []);
    assertEquals(later.pulled, 0);
  });
});

const typed = fc.constantFrom(
  Uint8Array,
  Float32Array,
  Int32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Uint16Array,
  Uint32Array,
  Uint8ClampedArray,
).chain((Type) => fc.array(fc.double({ noNaN: true }), { maxLength: 9 }).map((n) => Type.from(n)));

const item = fc.letrec((tie) => ({
  any: fc.oneof(
    fc.constantFrom(null, undefined, true, false, NaN, Infinity, -0),
    fc.double(),
    fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed()),
    typed,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).any;

Deno.test("cacheFile() gives back any plain values, in memory of their own", async () => {
  await withFile(async (path) => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 5 }), async (items) => {
        await Deno.remove(path).catch(() => {});
        assertEquals(await collect(cacheFile(path, { key: "" })(counting(items))), items);
        assertEquals(await collect(cacheFile(path, { key: "" })(nothing())), items);
      }),
      { numRuns: 100 },
    );
    const views = [new Uint8Array(16).subarray(3, 6), new Float32Array(8).subarray(1, 3)];
    const cached = cacheFile(path, { key: "views" });
    await drain(cached(counting(views)));
    const read = await collect(cached(counting(views)));
    assertEquals(read, views);
    assertEquals(read.map(({ buffer }) => buffer.byteLength), [3, 8]);
  });
});

Deno.test("cacheFile() keeps items larger than its buffer", async () => {
  await withFile(async (path) => {
    const items = [1, 300_000, 5, 262_144 - 20, 600_000, 2].map((size) =>
      Uint8Array.from({ length: size }, (_, i) => i * size >> 5)
    );
    const cached = cacheFile(path, { key: "" });
    await drain(cached(counting(items)));
    assertEquals(await collect(cached(nothing())), items as never);
  });
});

Deno.test("cacheFile() pulls only when pulled from, and one item at a time", async () => {
  await withFile(async (path, dir) => {
    const source = counting(examples);
    const outputs = cacheFile(path, { key: "" })(source)[Symbol.asyncIterator]();
    await settled();
    assertEquals([source.pulled, filesIn(dir)], [0, []]);
    for (let given = 1; given <= 5; given++) {
      await outputs.next();
      await settled();
      assertEquals(source.pulled, given);
    }
    await outputs.return!();
  });
});

Deno.test("cacheFile() works in pipeThrough()", async () => {
  await withFile(async (path) => {
    const cached = cacheFile(path, { key: "" });
    for (let i = 0; i < 2; i++) {
      const piped = ReadableStream.from(range(4)).pipeThrough(toTransformStream(cached<number>));
      assertEquals(await collect(piped), range(4));
    }
  });
});

Deno.test("cacheFile() leaves nothing where it doesn't come to the end", async () => {
  await withFile(async (path, dir) => {
    const cached = cacheFile(path, { key: "" });
    const source = counting(examples);
    await cached(source)[Symbol.asyncIterator]().return!();
    assertEquals([source.pulled, source.closed, filesIn(dir)], [0, 1, []]);
    for await (const _ of cached(source)) {
      assertEquals(filesIn(dir).length, 1);
      break;
    }
    assertEquals([source.closed, filesIn(dir)], [2, []]);
    const failure = new Error("the source failed");
    const failing = counting(examples, failure);
    assertStrictEquals(await assertRejects(() => drain(cached(failing))), failure);
    assertEquals([failing.closed, filesIn(dir)], [0, []]);
  });
});

Deno.test("cacheFile() closes its source and its file when it is closed while reading", async () => {
  await withFile(async (path) => {
    const cached = cacheFile(path, { key: "" });
    await drain(cached(counting(examples)));
    const source = counting(examples);
    for await (const _ of cached(source)) break;
    assertEquals([source.pulled, source.closed], [0, 1]);
  });
});

Deno.test("cacheFile() builds anew for another key", async () => {
  await withFile(async (path) => {
    await drain(cacheFile(path, { key: "size 28" })(counting([1])));
    const reasons: string[] = [];
    const onBuild = (reason: string) => reasons.push(reason);
    for (const key of ["size 29", "size 2", "size 280000"]) {
      assertEquals(await collect(cacheFile(path, { key, onBuild })(counting([2]))), [2]);
      await drain(cacheFile(path, { key, onBuild })(counting([2])));
    }
    assertEquals(reasons.length, 3);
    assertEquals(reasons[0], "it has another key or version");
  });
});

Deno.test("cacheFile() builds anew what is cut short, wherever", async () => {
  await withFile(async (path, dir) => {
    const cached = cacheFile(path, { key: "k" });
    await drain(cached(counting(examples)));
    const whole = await Deno.readFile(path);
    for (let end = 0; end < whole.length; end += 5) {
      await Deno.writeFile(path, whole.slice(0, end));
      assertEquals(await collect(cached(counting(examples))), examples, `at ${end}`);
      assertEquals(await Deno.readFile(path), whole);
    }
    await Deno.writeFile(path, new Uint8Array([...whole, 0]));
    assertEquals(await collect(cached(counting(examples))), examples);
    assertEquals(await Deno.readFile(path), whole);
    assertEquals(filesIn(dir), ["items.cache"]);
  });
});

Deno.test("cacheFile() gives each item once where one in the middle is damaged", async () => {
  await withFile(async (path) => {
    const reasons: string[] = [];
    const cached = cacheFile(path, { key: "k", onBuild: (reason) => reasons.push(reason) });
    await drain(cached(counting(examples)));
    const whole = await Deno.readFile(path);
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = whole.slice();
      bytes[at]! ^= 0x10;
      await Deno.writeFile(path, bytes);
      const source = counting(examples);
      assertEquals(await collect(cached(source)), examples, `at ${at}`);
      assertEquals(source.pulled, 5, `at ${at}`);
      assertEquals(await Deno.readFile(path), whole);
    }
    assertEquals(
      new Set(reasons),
      new Set([
        "it does not exist",
        "it has another key or version",
        "it is damaged",
        "it is cut short",
      ]),
    );
  });
});

Deno.test("cacheFile() survives any damage", async () => {
  await withFile(async (path) => {
    const cached = cacheFile(path, { key: "k" });
    await drain(cached(counting(examples)));
    const whole = await Deno.readFile(path);
    await fc.assert(
      fc.asyncProperty(damage, async (damage) => {
        await Deno.writeFile(path, damaged(whole, damage));
        assertEquals(await collect(cached(counting(examples))), examples);
      }),
      { numRuns: 100 },
    );
  });
});

Deno.test("cacheFile() removes what crashed runs have left long ago, and nothing else", async () => {
  await withFile(async (path, dir) => {
    const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
    for (const name of ["items.cache.1.tmp", "items.cache.2.tmp", "other.tmp", "items.cache.bak"]) {
      await Deno.writeTextFile(`${dir}/${name}`, "");
      if (!name.includes("2")) await Deno.utime(`${dir}/${name}`, old, old);
    }
    await drain(cacheFile(path, { key: "" })(counting([1])));
    assertEquals(filesIn(dir).sort(), [
      "items.cache",
      "items.cache.2.tmp",
      "items.cache.bak",
      "other.tmp",
    ]);
  });
});

Deno.test("cacheFile() may be built by two at a time", async () => {
  await withFile(async (path, dir) => {
    const cached = cacheFile(path, { key: "" });
    const both = await Promise.all([1, 2].map(() => collect(cached(counting(examples)))));
    assertEquals(both, [examples, examples]);
    assertEquals(await collect(cached(nothing())), examples as never);
    assertEquals(filesIn(dir), ["items.cache"]);
  });
});

Deno.test("cacheFile() refuses items that cannot be kept, and leaves nothing", async () => {
  await withFile(async (path, dir) => {
    const circle: unknown[] = [];
    circle.push(circle);
    const wrong: [unknown, string][] = [
      [1n, "the item has a bigint in it"],
      [{ f: () => 1 }, "the item has a function in it"],
      [[new Date()], "the item has a Date in it"],
      [new Map(), "the item has a Map in it"],
      [circle, "the item is more than 64 levels deep"],
      // Its bytes take no memory, as nobody writes any.
      [new Uint8Array(2 ** 31 - 1), "the item has more than 2147483647 bytes"],
    ];
    for (const [bad, reason] of wrong) {
      const source = counting([1, bad]);
      const error = await assertRejects(
        () => drain(cacheFile(path, { key: "" })(source)),
        StageError,
        `Cannot cache item 1: ${reason}`,
      );
      assertEquals([error.position, source.closed, filesIn(dir)], [1, 1, []]);
    }
  });
});

Deno.test("cacheFile() says what it cannot read or write", async () => {
  await withFile(async (_, dir) => {
    for (const path of [dir, `${dir}/none/items.cache`]) {
      const source = counting(examples);
      const error = await assertRejects(
        () => drain(cacheFile(path, { key: "" })(source)),
        CacheFileError,
        `Cannot use cache file ${path}: `,
      );
      assertEquals([error.path, source.pulled, source.closed], [path, 0, 1]);
      assert(error.cause instanceof Error);
    }
  });
  assertThrows(
    () => cacheFile("", { key: "" }),
    TypeError,
    "Cannot use a cache file without a path",
  );
});

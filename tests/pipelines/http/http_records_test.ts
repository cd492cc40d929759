import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { collect, HttpError, httpRecords, readHttpRange, readIndexed } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import { serveFile } from "./_http_server.ts";

const file = Uint8Array.from(range(1016), (i) => i * 7 >> 3);
const patience = { timeout: 150, stallTimeout: 150, retryDelay: 1, retries: 2 };

Deno.test("readHttpRange() reads a part, however often it is interrupted", async () => {
  await using server = serveFile(file, [{ reset: 100 }, { stall: 50 }, { most: 30 }, {
    status: 500,
  }]);
  const bytes = await readHttpRange(server.url, { from: 10, to: 700 }, patience);
  assertEquals(bytes, file.slice(10, 700));
  assertEquals(server.requests, [
    "bytes=10-699",
    "bytes=110-699",
    "bytes=160-699",
    "bytes=190-699",
    "bytes=190-699",
  ]);
});

Deno.test("readHttpRange() takes the beginning of a server without ranges, and no more of it", async () => {
  await using server = serveFile(file, [{ whole: true }]);
  assertEquals(await readHttpRange(server.url, { from: 0, to: 5 }), file.slice(0, 5));
});

Deno.test("readHttpRange() requests nothing for an empty range", async () => {
  await using server = serveFile(file);
  assertEquals(await readHttpRange(server.url, { from: 5, to: 5 }), new Uint8Array());
  assertEquals(server.requests, []);
});

Deno.test("readHttpRange() refuses a file that has fewer bytes", async () => {
  await using server = serveFile(file, [{}, { whole: true }]);
  for (const from of [1000, 0]) {
    const error = await assertRejects(
      () => readHttpRange(server.url, { from, to: 1017 }, patience),
      HttpError,
      `Cannot read ${server.url} at byte 1016 as it has 1016 bytes: 1017 are needed`,
    );
    assertEquals(error.position, 1016);
  }
  const { message } = await assertRejects(
    () => readHttpRange(server.url, { from: 2000, to: 2001 }, patience),
    HttpError,
  );
  assert(message.endsWith("at byte 2000 as it has 1016 bytes"), message);
});

Deno.test("readHttpRange() refuses invalid ranges", () => {
  for (const [from, to] of [[-1, 5], [5, 4], [0, 1.5], [NaN, 1]] as const) {
    assertThrows(() => readHttpRange("http://127.0.0.1/", { from, to }), RangeError);
  }
  assertThrows(() => readHttpRange("a", { from: 0, to: 1 }), TypeError);
});

Deno.test("httpRecords() reads records in any order, through troubles", async () => {
  await using server = serveFile(file, [{}, { reset: 60 }, { status: 503 }]);
  const options = { ...patience, recordSize: 100, offset: 16 };
  const records = await httpRecords(server.url, options);
  assertEquals(records.length, 10);
  assertEquals(server.requests, ["bytes=0-0"]);
  assertEquals(await records.get(9), file.slice(916));
  assertEquals(server.requests.at(-1), "bytes=976-1015");
  assertEquals(server.lastHeaders().get("if-range"), '"1"');
  assertEquals(
    await collect(readIndexed()(records)),
    range(10).map((i) => file.slice(16 + 100 * i, 116 + 100 * i)),
  );
});

Deno.test("httpRecords() refuses records of a file that has changed since it was opened", async () => {
  await using server = serveFile(file, [{}, {}, { headers: { etag: '"2"' } }]);
  const records = await httpRecords(server.url, { ...patience, recordSize: 8 });
  await records.get(3);
  const { message, position } = await assertRejects(async () => await records.get(7), HttpError);
  assert(message.endsWith('it has changed: its ETag was "1" and is "2"'), message);
  assertEquals(position, 56);
});

Deno.test("httpRecords() refuses a file whose size is not a multiple of the records, or of unknown size", async () => {
  await using server = serveFile(file, [{}, {}, { total: "*" }]);
  const open = (recordSize: number, offset = 0) =>
    assertRejects(() => httpRecords(server.url, { recordSize, offset }), HttpError);
  assert((await open(100)).message.endsWith(
    "it has 1016 bytes, not a multiple of records of 100 bytes from byte 0 on",
  ));
  assert((await open(100, 1116)).message.endsWith(
    "it has 1016 bytes, not a multiple of records of 100 bytes from byte 1116 on",
  ));
  assert((await open(8)).message.endsWith("the server does not say how many bytes it has"));
});

Deno.test("httpRecords() refuses invalid arguments", async () => {
  for (const recordSize of [0, -1, 1.5]) {
    assertThrows(() => httpRecords("http://127.0.0.1/", { recordSize }), RangeError);
  }
  assertThrows(() => httpRecords("http://127.0.0.1/", { recordSize: 1, offset: -1 }), RangeError);
  assertThrows(() => httpRecords("a", { recordSize: 1 }), TypeError);
  await using server = serveFile(file);
  const records = await httpRecords(server.url, { recordSize: 8 });
  for (const index of [-1, 127, 0.5]) assertThrows(() => records.get(index), RangeError);
});

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  decodeCsv,
  decodeIdx,
  decodeTar,
  drain,
  encodeTar,
  gunzip,
  HttpError,
  httpSource,
  type HttpSourceOptions,
  take,
  webDataset,
} from "@rill/rill/pipelines";
import { encodeIdx, range } from "../_helpers.ts";
import { serveFile, type Trouble } from "./_http_server.ts";
import { gzip, joined, utf8 } from "../_sources.ts";

const file = Uint8Array.from(range(10_000), (i) => i * 7 >> 3);
const patience = { timeout: 150, stallTimeout: 150, retryDelay: 1, retries: 2 };

/** Reads the file through troubles. Tells the bytes and what was asked for. */
async function through(troubles: readonly Trouble[], options?: HttpSourceOptions) {
  await using server = serveFile(file, troubles);
  const bytes = joined(await collect(httpSource(server.url, { ...patience, ...options })));
  return { bytes, requests: server.requests, headers: server.lastHeaders() };
}

/** The error of reading through troubles. */
async function failure(troubles: readonly Trouble[], options?: HttpSourceOptions) {
  await using server = serveFile(file, troubles);
  const error = await assertRejects(
    () => drain(httpSource(server.url, { ...patience, ...options })),
    HttpError,
  );
  const prefix = `Cannot read ${server.url} at byte ${error.position} as `;
  assert(error.message.startsWith(prefix), error.message);
  assertEquals(error.url, server.url);
  const reason = error.message.slice(prefix.length);
  return { reason, position: error.position, error, requests: server.requests };
}

Deno.test("httpSource() reads a file, from its beginning or from where it is told", async () => {
  const whole = await through([]);
  assertEquals(whole.bytes, file);
  assertEquals(whole.requests, ["all"]);
  const rest = await through([], { from: 9000, headers: { "x-key": "abc" } });
  assertEquals(rest.bytes, file.slice(9000));
  assertEquals(rest.requests, ["bytes=9000-"]);
  assertEquals(rest.headers.get("x-key"), "abc");
  assertEquals(rest.headers.get("if-range"), null);
  assertEquals((await through([], { from: 10_000 })).bytes.length, 0);
});

Deno.test("httpSource() goes on where a connection broke", async () => {
  const { bytes, requests, headers } = await through([{ reset: 3000 }, { reset: 2000 }]);
  assertEquals(bytes, file);
  assertEquals(requests, ["all", "bytes=3000-", "bytes=5000-"]);
  assertEquals(headers.get("if-range"), '"1"');
});

Deno.test("httpSource() goes on where a connection stalled, or no answer came", async () => {
  const { bytes, requests } = await through([{ silent: true }, { stall: 1500 }, { silent: true }]);
  assertEquals(bytes, file);
  assertEquals(requests, ["all", "all", "bytes=1500-", "bytes=1500-"]);
});

Deno.test("httpSource() tries again where the server asks for it, or fails itself", async () => {
  for (const status of [408, 425, 429, 500, 503]) {
    const { bytes, requests } = await through([{ status }, { reset: 500 }, { status }]);
    assertEquals(bytes, file);
    assertEquals(requests.length, 4);
  }
});

Deno.test("httpSource() takes ranges that are shorter than it asked for", async () => {
  const { bytes, requests } = await through([{ reset: 1000 }, { most: 2000 }, { most: 1 }]);
  assertEquals(bytes, file);
  assertEquals(requests, ["all", "bytes=1000-", "bytes=3000-", "bytes=3001-"]);
});

const date = "Tue, 24 Nov 2015 22:51:02 GMT";

/** The headers of servers by which no two responses can be told to be of one file. */
const UNSURE: readonly NonNullable<Trouble["headers"]>[] = [
  { etag: undefined },
  { etag: undefined, "last-modified": date },
  { etag: 'W/"1"', "last-modified": date },
  { etag: "1" },
];

Deno.test("httpSource() begins anew where no strong ETag tells that the file is the same", async () => {
  for (const headers of UNSURE) {
    const troubles = [{ reset: 3000, headers }, { reset: 3500, headers }, { headers }];
    for (const whole of [false, true]) {
      const result = await through(troubles.map((trouble) => ({ ...trouble, whole })));
      assertEquals(result.bytes, file);
      assertEquals(result.requests, ["all", "all", "all"]);
      assertEquals(result.headers.get("if-range"), null);
    }
    const part = await through(troubles, { from: 5 });
    assertEquals(part.bytes, file.slice(5));
    assertEquals(part.requests, ["bytes=5-", "bytes=5-", "bytes=5-"]);
    assertEquals(part.headers.get("if-range"), null);
  }
});

Deno.test("httpSource() refuses to go on in another file, whatever its ETag and date are", async () => {
  const last = file.slice();
  last[2999]! ^= 1;
  for (const headers of UNSURE) {
    for (const other of [file.map((byte) => byte ^ 1), last]) {
      const changed = await failure([{ reset: 3000, headers }, { headers, file: other }]);
      assertEquals(changed.reason, "it has changed: its first bytes are others");
      assertEquals(changed.position, 3000);
    }
    const short = { headers, file: file.slice(0, 2000), early: 2000 };
    const ended = await failure([{ early: 0, reset: 3000, headers }, short]);
    assertEquals(ended.reason, "it has changed: it ends at byte 2000");
  }
  // The bytes that have not been given do not have to be the same: all are of the second file.
  const second = file.slice();
  second[3000]! ^= 1;
  const { bytes } = await through([{ reset: 3000, headers: UNSURE[0]! }, {
    headers: UNSURE[0]!,
    file: second,
  }]);
  assertEquals(bytes, second);
  const dates = ["Tue, 24 Nov 2026 22:51:02 GMT", "Tue, 24 Nov 2026 22:51:03 GMT"];
  const [before, after] = dates.map((time) => ({
    headers: { etag: undefined, "last-modified": time },
  }));
  assertEquals(
    (await failure([{ ...before!, reset: 1000 }, after!])).reason,
    `it has changed: it was of ${dates[0]} and is of ${dates[1]}`,
  );
});

Deno.test("httpSource() does not join a part without the strong ETag of the bytes before it", async () => {
  const first = { reset: 3000, headers: { "last-modified": date } };
  for (const etag of [undefined, 'W/"1"']) {
    const headers = { etag, "last-modified": date };
    // The file again, with its ETag: the same.
    const result = await through([first, { headers }, {}]);
    assertEquals(result.bytes, file);
    assertEquals(result.requests, ["all", "bytes=3000-", "all"]);
    for (const other of [file, file.map((byte) => byte ^ 1)]) {
      const { reason, position } = await failure([first, { headers, file: other }, { headers }]);
      assertEquals(
        reason,
        "the server answered 200 without the strong ETag that would show it to be the same file",
      );
      assertEquals(position, 3000);
    }
  }
});

Deno.test("httpSource() takes another file where it has given no byte of the first", async () => {
  const other = file.map((byte) => byte ^ 1);
  const { bytes } = await through([{ reset: 0 }, { headers: { etag: '"2"' }, file: other }]);
  assertEquals(bytes, other);
});

Deno.test("httpSource() gives up after as many tries in a row as it is told, where it was", async () => {
  const reset = { reset: 0 };
  const troubles = [{ reset: 2000 }, ...Array(9).fill(reset)];
  const { reason, position, error, requests } = await failure(troubles);
  assert(/^the connection .*, 3 times in a row$/.test(reason), reason);
  assertEquals(position, 2000);
  assertEquals(requests.length, 3);
  assert(error.cause instanceof Error);
  const stalled = await failure(Array(9).fill({ stall: 0 }));
  assertEquals(stalled.reason, "nothing more came for 0.15 s, 3 times in a row");
  const silent = await failure(Array(9).fill({ silent: true }), { retries: 0 });
  assertEquals(silent.reason, "no answer came for 0.15 s");
  const busy = await failure(Array(9).fill({ status: 503 }));
  assertEquals(busy.reason, "the server answered 503 Service Unavailable, 3 times in a row");
  assertEquals(busy.error.status, 503);
});

Deno.test("httpSource() starts to count anew when something came", async () => {
  const { bytes, requests } = await through(range(15).map(() => ({ reset: 500 })));
  assertEquals(bytes, file);
  assertEquals(requests.length, 16);
});

Deno.test("httpSource() waits longer with each try, and as long as it is told at most", async () => {
  const start = performance.now();
  await failure(Array(9).fill({ status: 503 }), { retries: 3, retryDelay: 20 });
  assert(performance.now() - start >= 20 + 40 + 80);
  const asked = performance.now();
  const later = { status: 429, headers: { "retry-after": "60" } };
  await failure(Array(9).fill(later), { retries: 1, maxRetryDelay: 30 });
  const time = performance.now() - asked;
  assert(time >= 29 && time < 5000, `${time}`);
});

Deno.test("httpSource() refuses a response of 200 to a part, but for the same file again", async () => {
  const resumed = await through([{ reset: 1000 }, { whole: true, reset: 2000 }, { whole: true }]);
  assertEquals(resumed.bytes, file);
  assertEquals(resumed.requests, ["all", "bytes=1000-", "bytes=2000-"]);
  const { reason, error } = await failure([{ whole: true }], { from: 5 });
  assertEquals(reason, "the server answered 200, with all of it, where a part was asked for");
  assertEquals(error.status, 200);
});

Deno.test("httpSource() refuses to put two files together", async () => {
  const changed = { headers: { etag: '"2"' } };
  for (const whole of [true, false]) {
    const { reason, position } = await failure([{ reset: 1000 }, { ...changed, whole }]);
    assertEquals(reason, 'it has changed: its ETag was "1" and is "2"');
    assertEquals(position, 1000);
  }
  const size = await failure([{ reset: 1000 }, { total: 10_001 }]);
  assertEquals(size.reason, "it has changed: it had 10000 bytes and has 10001");
  const gone = await failure([{ reset: 1000 }, {
    status: 416,
    headers: { "content-range": "bytes */7" },
  }]);
  assertEquals(gone.reason, "it has 7 bytes");
});

Deno.test("httpSource() refuses a range that it did not ask for", async () => {
  const { reason } = await failure([{ reset: 1000 }, { shift: 5 }]);
  assertEquals(reason, "the server answered bytes 1005 to 10004 where others were asked for");
  const none = { headers: { "content-range": undefined } };
  assertEquals(
    (await failure([{ reset: 1000 }, none])).reason,
    "the server answered 206 without saying what part it is",
  );
  const unknown = await through([{ reset: 1000 }, { total: "*" }]);
  assertEquals(unknown.bytes, file);
});

Deno.test("httpSource() refuses other responses at once", async () => {
  for (const status of [204, 304, 400, 403, 404, 410]) {
    const { reason, error, requests } = await failure([{ status }]);
    assert(reason.startsWith(`the server answered ${status}`), reason);
    assertEquals([error.status, requests.length], [status, 1]);
  }
});

Deno.test("httpSource() tells that no server answers", async () => {
  await using server = serveFile(file);
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const error = await assertRejects(() => drain(httpSource(url, patience)), HttpError);
  assert(error.message.includes("the connection failed: "), error.message);
  assert(error.message.endsWith(", 3 times in a row"), error.message);
});

Deno.test("httpSource() refuses to resume a compressed transfer, whose bytes have no position", async () => {
  let requests = 0;
  const fetch = () => {
    requests++;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(file.slice(0, 3000)),
      pull: (controller) => controller.error(new TypeError("reset")),
    }, { highWaterMark: 0 });
    return Promise.resolve(new Response(body, { headers: { "content-encoding": "gzip" } }));
  };
  const error = await assertRejects(
    () => drain(httpSource("http://127.0.0.1/a", { ...patience, fetch })),
    HttpError,
    "the connection failed: reset, and a compressed transfer cannot be resumed",
  );
  assertEquals(requests, 1);
  assertEquals(error.position, 3000);
});

Deno.test("httpSource() requests nothing before it is read, and holds one chunk", async () => {
  await using server = serveFile(file);
  const reader = httpSource(server.url).getReader();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(server.requests, []);
  await reader.read();
  assertEquals(server.requests, ["all"]);
  await reader.cancel();
});

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert(tries < 200, "it never holds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("httpSource() closes its connection when it is closed, also while it waits", async () => {
  for (const trouble of [{ stall: 600 }, {}]) {
    await using server = serveFile(new Uint8Array(50_000_000), [trouble]);
    for await (const _ of httpSource(server.url)) break;
    await until(() => server.open() === 0);
  }
  await using server = serveFile(file, [{ stall: 0 }, { status: 503 }]);
  const stalled = httpSource(server.url).getReader();
  const read = stalled.read();
  await until(() => server.open() === 1);
  await stalled.cancel();
  assertEquals((await read).done, true);
  await until(() => server.open() === 0);
  const waiting = httpSource(server.url, { retryDelay: 60_000, maxRetryDelay: 60_000 }).getReader();
  const never = waiting.read();
  await until(() => server.requests.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await waiting.cancel();
  assertEquals((await never).done, true);
});

Deno.test("httpSource() fails with the reason of its signal", async () => {
  for (const trouble of [{ stall: 600 }, { silent: true }, { status: 503 }]) {
    await using server = serveFile(file, [trouble]);
    const controller = new AbortController();
    const reason = new Error("enough");
    const options = { signal: controller.signal, retryDelay: 60_000, maxRetryDelay: 60_000 };
    const end = assertRejects(() => drain(httpSource(server.url, options)));
    await until(() => server.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    assertStrictEquals(await end, reason);
    await until(() => server.open() === 0);
  }
});

Deno.test("httpSource() does not take the consumer's time for the server's", async () => {
  await using server = serveFile(file);
  let received = 0;
  for await (const { length } of httpSource(server.url, { ...patience, stallTimeout: 50 })) {
    if (received === 0) await new Promise((resolve) => setTimeout(resolve, 120));
    received += length;
  }
  assertEquals([received, server.requests], [file.length, ["all"]]);
});

Deno.test("httpSource() refuses invalid addresses and numbers", () => {
  for (const url of ["", "file.bin", "ftp://127.0.0.1/a", "file:///a", "http://"]) {
    assertThrows(
      () => httpSource(url),
      TypeError,
      `Cannot read ${url}: the address must be one of HTTP or HTTPS`,
    );
  }
  const names = ["from", "timeout", "stallTimeout", "retries", "retryDelay", "maxRetryDelay"];
  for (const name of names) {
    for (const value of [-1, 1.5, NaN]) {
      assertThrows(() => httpSource("http://127.0.0.1/", { [name]: value }), RangeError);
    }
  }
});

Deno.test("any decoder reads over HTTP, whatever the connection does", async () => {
  const troubles = [{ reset: 400 }, { stall: 90 }, { status: 503 }, { reset: 1 }];
  const serve = (bytes: Uint8Array<ArrayBuffer>) => serveFile(bytes, troubles);

  await using csv = serve(utf8("path,label\n" + range(100).map((i) => `${i}.png,${i}\n`).join("")));
  const rows = pipe(httpSource(csv.url, patience), decodeCsv({ columns: ["label"] }));
  assertEquals((await collect(rows)).map(({ label }) => Number(label)), range(100));

  const pixels = Uint8Array.from(range(1200));
  await using idx = serve(encodeIdx({ type: "uint8", shape: [100, 3, 4], data: pixels }));
  const arrays = await collect(pipe(httpSource(idx.url, patience), decodeIdx()));
  assertEquals(arrays.length, 100);
  assertEquals(joined(arrays.map(({ data }) => new Uint8Array(data.buffer))), pixels);

  const entries = range(20).map((i) => ({ name: `${i}.cls`, bytes: utf8(`${i}`) }));
  const tar = joined(await collect(encodeTar()(ReadableStream.from(entries))));
  await using shard = serve(joined([await gzip(tar)]));
  const samples = pipe(
    httpSource(shard.url, patience),
    gunzip({ source: shard.url }),
    decodeTar({ source: shard.url }),
    webDataset(),
    take(15),
  );
  assertEquals((await collect(samples)).map(({ key }) => Number(key)), range(15));
});

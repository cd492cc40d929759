// The answers of servers as there are, and of broken ones. _try_servers.ts beside this file asks the real ones.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  collect,
  drain,
  HttpError,
  type HttpOptions,
  httpRecords,
  httpSource,
  readHttpRange,
} from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import { gzip, joined, utf8 } from "../_sources.ts";
import { serveFile } from "./_http_server.ts";

const url = "http://127.0.0.1/file.bin";
const file = Uint8Array.from(range(1000), (i) => i * 7 >> 3);
const patience = { timeout: 500, stallTimeout: 500, retryDelay: 1, retries: 2 };

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Stands in for a server: answers by the range that is asked for, or `all`. */
function answer(give: (range: string, count: number) => Answer) {
  const requests: string[] = [];
  const fetch = (_: string, { headers }: RequestInit) => {
    const asked = new Headers(headers).get("range") ?? "all";
    const { body = null, ...init } = give(asked, requests.push(asked));
    return Promise.resolve(new Response(body, init));
  };
  return { requests, options: { ...patience, fetch } };
}

const read = async (options: HttpOptions & { readonly from?: number }) =>
  joined(await collect(httpSource(url, options)));

/** The reason of an error, without the address and the place. */
async function findReason(promise: () => Promise<unknown>): Promise<string> {
  const { message } = await assertRejects(promise, HttpError);
  return message.replace(/^Cannot read \S+ at byte \d+ as /, "");
}

async function compress(
  bytes: Uint8Array<ArrayBuffer>,
  format: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream(format as CompressionFormat));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Serves responses that are written byte for byte, one a connection. */
function serveText(responses: readonly string[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const served = (async () => {
    for await (const connection of listener) {
      using _ = connection;
      const buffer = new Uint8Array(4096);
      const count = await connection.read(buffer) ?? 0;
      requests.push(new TextDecoder().decode(buffer.subarray(0, count)));
      await connection.write(utf8(responses[requests.length - 1] ?? responses.at(-1)!));
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/file.bin`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

// --- Content-Encoding

const CODINGS: readonly (readonly [coding: string, formats: readonly string[]])[] = [
  ["gzip", ["gzip"]],
  ["GZip", ["gzip"]],
  ["x-gzip", ["gzip"]],
  ["identity, gzip", ["gzip"]],
  ["gzip , Identity", ["gzip"]],
  ["deflate", ["deflate"]],
  ["deflate", ["deflate-raw"]],
  ["br", ["brotli"]],
  ["deflate, gzip", ["deflate", "gzip"]],
  ["Identity", []],
  ["identity,identity", []],
  ["", []],
];

Deno.test("httpSource() gives the file's bytes where the server compresses it unasked", async () => {
  for (const content of [file, new Uint8Array(), await gzip(file), new Uint8Array(1_000_000)]) {
    for (const [coding, formats] of CODINGS) {
      let body = content;
      for (const format of formats) body = await compress(body, format);
      const headers = { "content-encoding": coding, "content-length": `${body.length}` };
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        () => new Response(body, { headers }),
      );
      const address = `http://127.0.0.1:${server.addr.port}/`;
      assertEquals(joined(await collect(httpSource(address, patience))), content, coding);
      const start = await readHttpRange(address, { from: 0, to: 0 }, patience);
      assertEquals(start.length, 0);
      if (content !== file) continue;
      assertEquals(
        await readHttpRange(address, { from: 0, to: 300 }, patience),
        content.slice(0, 300),
        coding,
      );
    }
  }
});

Deno.test("httpSource() takes content that is only said to be compressed, or that is empty", async () => {
  for (const body of [utf8("plain text"), new Uint8Array()]) {
    const { options } = answer(() => ({ body, headers: { "content-encoding": "gzip" } }));
    assertEquals(await read(options), body);
  }
  const none = answer(() => ({ headers: { "content-encoding": "br" } }));
  assertEquals((await read(none.options)).length, 0);
});

Deno.test("httpSource() refuses what is compressed in an unknown way, or damaged", async () => {
  for (const coding of ["zstd", "compress", "gzip, zstd", "dcb"]) {
    const { options, requests } = answer(() => ({
      body: file,
      headers: { "content-encoding": coding },
    }));
    const unknown = coding.replace("gzip, ", "");
    assertEquals(
      await findReason(() => read(options)),
      `the server compressed it (${unknown}), which cannot be undone here`,
    );
    assertEquals(requests.length, 1);
  }
  for (const [coding, format] of [["gzip", "gzip"], ["deflate", "deflate"], ["br", "brotli"]]) {
    const body = (await compress(file, format!)).slice(0, -9);
    const { options, requests } = answer(() => ({
      body,
      headers: { "content-encoding": coding! },
    }));
    assertStringIncludes(
      await findReason(() => read(options)),
      "the server compressed it, and the result is damaged: ",
    );
    assertEquals(requests.length, 1);
  }
});

Deno.test("a part of a file is refused where the server compresses it", async () => {
  const body = await gzip(file);
  const headers = { "content-encoding": "gzip" };
  const whole = answer(() => ({ body, headers }));
  const reason =
    "the server answered 200, with all of it, compressed (gzip), where a part was asked for";
  assertEquals(await findReason(() => read({ ...whole.options, from: 5 })), reason);
  const middle = () => readHttpRange(url, { from: 5, to: 9 }, whole.options);
  assertEquals(await findReason(middle), reason);
  assertEquals(
    await findReason(() => httpRecords(url, { ...whole.options, recordSize: 10 })),
    "the server compressed it, and so its records have no positions",
  );
  const part = answer(() => ({
    status: 206,
    body: body.slice(0, 4),
    headers: { ...headers, "content-range": `bytes 5-8/${body.length}` },
  }));
  assertEquals(
    await findReason(() => readHttpRange(url, { from: 5, to: 9 }, part.options)),
    "the server compressed a part of it (gzip)",
  );
});

Deno.test("a compressed transfer is begun anew under a strong ETag", async () => {
  const body = await compress(Uint8Array.from(range(100_000), (i) => i * i >> 7), "gzip");
  const serve = (etag: string, later = etag) =>
    answer((_, count) => ({
      headers: { "content-encoding": "gzip", etag: count === 1 ? etag : later },
      body: count === 1
        ? new ReadableStream({
          start: (controller) => controller.enqueue(body.slice(0, body.length / 2)),
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            controller.error(new TypeError("reset"));
          },
        }, { highWaterMark: 0 })
        : body,
    }));
  const { options, requests } = serve('"1"');
  assertEquals((await read(options)).length, 100_000);
  assertEquals(requests, ["all", "all"]);
  assertEquals(
    await findReason(() => read(serve('"1"', '"2"').options)),
    'it has changed: its ETag was "1" and is "2"',
  );
  assertEquals(
    await findReason(() => read(serve('W/"1"').options)),
    "the connection failed: reset, and a compressed transfer cannot be resumed",
  );
});

Deno.test("a compressed transfer that breaks or stalls is tried again, and closed with the stream", async () => {
  const large = Uint8Array.from(range(200_000), (i) => Math.imul(i * i ^ i, 0x9e3779b1) >>> 17);
  for (const [coding, format] of [["gzip", "gzip"], ["deflate", "deflate"], ["br", "brotli"]]) {
    const compressed = await compress(large, format!);
    const headers = { "content-encoding": coding! };
    await using server = serveFile(compressed, [
      { headers, reset: 0 },
      { headers, reset: 30_000 },
      { headers, stall: 20_000 },
      { headers },
    ]);
    const bytes = joined(await collect(httpSource(server.url, { ...patience, stallTimeout: 200 })));
    assertEquals(bytes, large, coding);
    assertEquals(server.requests, Array(4).fill("all"));
    await using stalling = serveFile(compressed, [{ headers, stall: 30_000 }]);
    for await (const _ of httpSource(stalling.url)) break;
    for (let tries = 0; stalling.open() > 0; tries++) {
      assert(tries < 200, "the connection stays open");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});

// --- Ranges

Deno.test("a status of 200 means all of the file, also with a Content-Range", async () => {
  for (const part of ["bytes 0-999/1000", "bytes 3-7/1000", "bytes */1000", "nonsense"]) {
    const headers = { "content-range": part, "content-length": "1000" };
    const { options } = answer(() => ({ body: file, headers }));
    assertEquals(await read(options), file);
  }
  const whole = { "content-range": "bytes 0-999/1000", "content-length": "1000" };
  const { options } = answer(() => ({ body: file, headers: whole }));
  assertEquals(await readHttpRange(url, { from: 0, to: 5 }, options), file.slice(0, 5));

  // What such a server sends is not known, so nothing is learned of its length.
  const parts = answer((asked) => {
    const [first = 0, last = 0] = asked.match(/\d+/g)!.map(Number);
    const body = file.slice(first, last + 1);
    const headers = {
      "content-range": `bytes ${first}-${last}/1000`,
      "content-length": `${body.length}`,
    };
    return { body, headers };
  });
  const reason = (part: string) =>
    `the server answered 200, which means all of it, with a Content-Range, which means a part: ${part}`;
  assertEquals(
    await findReason(() => readHttpRange(url, { from: 2, to: 5 }, parts.options)),
    reason("bytes 2-4/1000"),
  );
  assertEquals(
    await findReason(() => httpRecords(url, { ...parts.options, recordSize: 10 })),
    reason("bytes 0-0/1000"),
  );
});

Deno.test("servers that answer bytes=0-0 with all bytes are read by their other ranges", async () => {
  const serve = (status: number) =>
    answer((asked) => {
      const [first = 0, last = 0] = asked.match(/\d+/g)!.map(Number);
      // As sirv and BusyBox do, to which a last byte of 0 is none.
      const end = (last || 999) + 1;
      const headers = {
        "content-range": `bytes ${first}-${end - 1}/1000`,
        "content-length": `${end - first}`,
        etag: 'W/"1"',
      };
      return status === 200 && end === 1000
        ? { body: file, headers: { "content-length": "1000" } }
        : { status: 206, body: file.slice(first, end), headers };
    });
  for (const status of [200, 206]) {
    const { options, requests } = serve(status);
    const tens = await httpRecords(url, { ...options, recordSize: 10 });
    assertEquals(tens.length, 100);
    assertEquals(await tens.get(7), file.slice(70, 80));
    const ones = await httpRecords(url, { ...options, recordSize: 1 });
    assertEquals(await ones.get(0), file.slice(0, 1));
    assertEquals(requests, ["bytes=0-0", "bytes=70-79", "bytes=0-0", "bytes=0-0"]);
  }
});

/** Answers of servers that are asked for the bytes from the file's size on. */
const AT_SIZE: Readonly<Record<string, (from: number) => Answer>> = {
  "416 with Content-Range": () => ({ status: 416, headers: { "content-range": "bytes */1000" } }),
  "416 without": () => ({ status: 416 }),
  "200": () => ({ body: file, headers: { "content-length": "1000" } }),
  "200 without ranges": () => ({ body: file, headers: { "content-length": "1000" } }),
  "a range that runs backwards": (from) => ({
    status: 206,
    headers: { "content-range": `bytes ${from}-${Math.max(from, 1000) - 1}/1000` },
  }),
  "such a range of unknown size": (from) => ({
    status: 206,
    headers: { "content-range": `bytes ${from}-999/*` },
  }),
  "a range of nothing": () => ({ status: 206, headers: { "content-range": "bytes */1000" } }),
};

Deno.test("httpSource() gives no bytes from the file's size on, and refuses to begin beyond", async () => {
  for (const [name, give] of Object.entries(AT_SIZE)) {
    const { options } = answer((asked) => {
      const from = Number(asked.match(/\d+/)?.[0] ?? 0);
      if (from >= 1000 || name === "200 without ranges") return give(from);
      const headers = { "content-range": `bytes ${from}-999/1000` };
      return { status: 206, body: file.slice(from), headers };
    });
    assertEquals((await read({ ...options, from: 1000 })).length, 0, name);
    for (const from of [1001, 5000]) {
      const reason = await findReason(() => read({ ...options, from }));
      const expected = name === "416 without"
        ? "it has no such bytes"
        : name.includes("unknown")
        ? `the server answered bytes ${from} to 999 where others were asked for`
        : "it has 1000 bytes";
      assertEquals(reason, expected, name);
    }
    assertEquals(
      await findReason(() => readHttpRange(url, { from: 1000, to: 1001 }, options)),
      "it has 1000 bytes: 1001 are needed",
      name,
    );
  }
});

Deno.test("an empty file has no bytes and no records", async () => {
  const answers: Readonly<Record<string, (asked: string) => Answer>> = {
    "200": () => ({ headers: { "content-length": "0" } }),
    "416 with Content-Range": (asked) =>
      asked === "all"
        ? { headers: { "content-length": "0" } }
        : { status: 416, headers: { "content-range": "bytes */0" } },
    "416 without": (asked) =>
      asked === "all" ? { headers: { "content-length": "0" } } : { status: 416 },
    "a range of nothing": (asked) =>
      asked === "all"
        ? { headers: { "content-length": "0" } }
        : { status: 206, headers: { "content-range": "bytes */0" } },
  };
  for (const [name, give] of Object.entries(answers)) {
    const { options } = answer(give);
    assertEquals((await read(options)).length, 0, name);
    assertEquals((await httpRecords(url, { ...options, recordSize: 10 })).length, 0, name);
    assertEquals(
      await findReason(() => httpRecords(url, { ...options, recordSize: 10, offset: 1 })),
      "it has 0 bytes, not a multiple of records of 10 bytes from byte 1 on",
    );
    assertEquals(
      await findReason(() => readHttpRange(url, { from: 0, to: 1 }, options)),
      "it has 0 bytes: 1 are needed",
    );
  }
});

Deno.test("headers are read whatever their case is, and however often they were sent", async () => {
  const units = [
    "Bytes 2-4/1000",
    "BYTES 2-4/1000",
    "bytes  2-4/1000",
    "bytes 2-4/1000, bytes 2-4/1000",
  ];
  for (const unit of units) {
    const { options } = answer(() => ({
      status: 206,
      body: file.slice(2, 5),
      headers: { "content-range": unit },
    }));
    assertEquals(await readHttpRange(url, { from: 2, to: 5 }, options), file.slice(2, 5));
  }
  const twice = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello";
  for (
    const text of [twice, twice.replace(/(\r\nContent-Length: 5){2}/, "\r\ncontent-length: 5, 5")]
  ) {
    await using server = serveText([text]);
    assertEquals(joined(await collect(httpSource(server.url, patience))), utf8("hello"));
    assertEquals((await httpRecords(server.url, { ...patience, recordSize: 5 })).length, 1);
    await using short = serveText([text.replaceAll(": 5", ": 7").replace(", 5", ", 7"), text]);
    const reason = await findReason(() =>
      drain(httpSource(short.url, { ...patience, retries: 0 }))
    );
    assertStringIncludes(reason, "the connection");
  }
  const etags = 'HTTP/1.1 200 OK\r\nETag: "1"\r\nETag: "1"\r\nContent-Length: 10\r\n\r\nhello';
  const rest = 'HTTP/1.1 206 OK\r\nETag: "1"\r\nContent-Length: 5\r\n' +
    "Content-Range: bytes 5-9/10\r\n\r\nworld";
  await using server = serveText([etags, rest]);
  assertEquals(joined(await collect(httpSource(server.url, patience))), utf8("helloworld"));
  assert(server.requests[1]!.toLowerCase().includes('if-range: "1"\r\n'), server.requests[1]);
});

// --- What ends a transfer

Deno.test("redirects that lead nowhere are refused at once", async () => {
  for (const to of ["/file.bin", "file:///etc/passwd", "ftp://127.0.0.1/a", "http://["]) {
    await using server = serveText([
      `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`,
    ]);
    const reason = await findReason(() => drain(httpSource(server.url, patience)));
    assert(!reason.includes("in a row"), reason);
    assert(server.requests.length <= (to === "/file.bin" ? 21 : 1), `${server.requests.length}`);
  }
  let requests = 0;
  const fail = (text: string) => () => {
    requests++;
    return Promise.reject(
      new TypeError("fetch failed", { cause: new Error(text) }),
    );
  };
  for (
    const text of [
      "redirect count exceeded",
      "URL scheme must be a HTTP(S) scheme",
      "client error (Connect): invalid peer certificate: UnknownIssuer",
    ]
  ) {
    requests = 0;
    await findReason(() => read({ ...patience, fetch: fail(text) }));
    assertEquals(requests, 1, text);
  }
  // Such words in an address say nothing about the failure.
  requests = 0;
  const reset = fail("error sending request for http://127.0.0.1/redirect/certificate (127.0.0.1)");
  assertStringIncludes(
    await findReason(() => read({ ...patience, fetch: reset })),
    "3 times in a row",
  );
  assertEquals(requests, 3);
});

Deno.test("headers of which no request can be made are refused at once", () => {
  for (const headers of [{ "x y": "a" }, { x: "€" }, { x: "a\nb" }]) {
    const make = () => httpSource(url, { headers });
    assertThrows(make, TypeError, `Cannot read ${url}: `);
  }
});

Deno.test("headers are sent whatever their case is, but for those that reading needs", async () => {
  await using server = serveFile(file);
  const headers = { "Accept-Encoding": "gzip", Range: "bytes=0-1", "X-Key": "abc" };
  assertEquals(
    await readHttpRange(server.url, { from: 2, to: 5 }, { headers }),
    file.slice(2, 5),
  );
  assertEquals(server.lastHeaders().get("accept-encoding"), "identity");
  assertEquals(server.lastHeaders().get("x-key"), "abc");
});

Deno.test("a server that sends little a response comes to an end", async () => {
  const large = new Uint8Array(1_000_000);
  const most = Array(2000).fill({ most: 100 });
  const reset = Array(2000).fill({ reset: 100 });
  for (const troubles of [most, reset]) {
    await using server = serveFile(large, troubles);
    const promise = () => readHttpRange(server.url, { from: 1, to: 900_000 }, patience);
    assertEquals(await findReason(promise), "the server gave only 10300 bytes in 103 responses");
    assertEquals(server.requests.length, 103);
  }
  // A small file comes to its end in such responses, and a large one in larger ones.
  await using small = serveFile(large.slice(0, 10_000), most);
  assertEquals((await readHttpRange(small.url, { from: 0, to: 10_000 }, patience)).length, 10_000);
  await using patient = serveFile(large, Array(2000).fill({ most: 5000 }));
  assertEquals((await readHttpRange(patient.url, { from: 0, to: 1e6 }, patience)).length, 1e6);
});

Deno.test("responses of less than was asked for are joined under a strong ETag alone", async () => {
  for (const etag of [undefined, 'W/"1"']) {
    await using server = serveFile(file, Array(3).fill({ most: 100, headers: { etag } }));
    assertEquals(
      await findReason(() => readHttpRange(server.url, { from: 1, to: 900 }, patience)),
      "the server answered only bytes 1 to 100, without a strong ETag to join more to them",
    );
  }
});

Deno.test("a file whose size the server doesn't tell ends where it has no more", async () => {
  const total = "*";
  const weak = { total, headers: { etag: undefined } };
  const parts = [{ total, most: 400 }, { total, most: 400 }, { total }, { status: 416 }];
  await using server = serveFile(file, parts);
  assertEquals(
    joined(await collect(httpSource(server.url, { from: 100, ...patience }))),
    file.slice(100),
  );
  assertEquals(server.requests, ["bytes=100-", "bytes=500-", "bytes=900-", "bytes=1000-"]);
  await using whole = serveFile(file, [weak, { status: 416 }]);
  assertEquals(
    joined(await collect(httpSource(whole.url, { from: 100, ...patience }))),
    file.slice(100),
  );
  await using range = serveFile(file, parts);
  assertEquals(
    await readHttpRange(range.url, { from: 100, to: 900 }, patience),
    file.slice(100, 900),
  );
  assertEquals(range.requests, ["bytes=100-899", "bytes=500-899"]);

  await using again = serveFile(file, [{ ...weak, reset: 300 }, weak, { status: 416 }]);
  const bytes = joined(await collect(httpSource(again.url, { from: 100, ...patience })));
  assertEquals(bytes, file.slice(100));
  assertEquals(again.requests, ["bytes=100-", "bytes=100-", "bytes=1000-"]);
  await using none = serveFile(file, [{ status: 416 }, { total }]);
  assertEquals(await collect(httpSource(none.url, { from: 1000, ...patience })), []);
  assertEquals(none.requests, ["bytes=1000-", "bytes=999-"]);

  // Without a strong ETag, more can't be joined, and a promise that isn't kept is no end.
  const first = { ...weak, most: 400 };
  for (const next of [{ headers: { etag: undefined } }, { headers: { etag: 'W/"1"' } }, {}]) {
    await using server = serveFile(file, [first, { total, ...next }]);
    const reason = await findReason(() =>
      drain(httpSource(server.url, { from: 100, ...patience }))
    );
    assertStringIncludes(reason, "the server answered");
  }
  await using shorter = serveFile(file, [{ total, reset: 300 }, { status: 416 }, { status: 416 }]);
  const reason = await findReason(() => drain(httpSource(shorter.url, { from: 100, ...patience })));
  assertEquals(reason, "it has no such bytes");
});

Deno.test("a range that can't be is refused", async () => {
  const ranges = {
    "bytes 0-0/99999999999999999999": "the server answered 206 without saying what part it is",
    "bytes 0-99999999999999999999/*": "the server answered 206 without saying what part it is",
    "bytes 0-8/5": "the server answered bytes 0 to 8 of 5",
  };
  for (const [range, reason] of Object.entries(ranges)) {
    const { options } = answer(() => ({
      status: 206,
      headers: { "content-range": range },
      body: file.slice(0, 1),
    }));
    assertEquals(await findReason(() => drain(httpSource(url, options))), reason);
    assertEquals(await findReason(() => httpRecords(url, { ...options, recordSize: 1 })), reason);
  }
});

Deno.test("readHttpRange() reads a part anew where no strong ETag tells that the file is the same", async () => {
  const other = file.map((byte) => byte ^ 1);
  const headers = { etag: undefined };
  await using server = serveFile(file, [
    { reset: 300, headers },
    { reset: 200, headers, file: other },
    { headers, file: other },
  ]);
  const bytes = await readHttpRange(server.url, { from: 10, to: 900 }, patience);
  assertEquals(bytes, other.slice(10, 900));
  assertEquals(server.requests, Array(3).fill("bytes=10-899"));
  // What comes anew is no progress.
  await using broken = serveFile(file, Array(9).fill({ reset: 300, headers }));
  assertStringIncludes(
    await findReason(() => readHttpRange(broken.url, { from: 10, to: 900 }, patience)),
    "3 times in a row",
  );
  assertEquals(broken.requests.length, 3);
  // The part without an ETag is not joined to that with one.
  await using lost = serveFile(file, [{ reset: 300 }, { headers, file: other }, {
    headers,
    file: other,
  }]);
  const anew = await readHttpRange(lost.url, { from: 10, to: 900 }, patience);
  assertEquals(anew, other.slice(10, 900));
});

Deno.test("httpRecords() reads from servers with weak ETags, and refuses a file that has changed", async () => {
  const weak = { headers: { etag: 'W/"1"' } };
  const troubles = [weak, weak, { ...weak, reset: 3 }, weak, { headers: { etag: 'W/"2"' } }];
  await using server = serveFile(file, troubles);
  const records = await httpRecords(server.url, { ...patience, recordSize: 10 });
  assertEquals(await records.get(3), file.slice(30, 40));
  assertEquals(await records.get(4), file.slice(40, 50));
  assertEquals(
    await findReason(async () => await records.get(5)),
    'it has changed: its ETag was W/"1" and is W/"2"',
  );
});

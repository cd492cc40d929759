import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { encodePng } from "../../../pipelines/codecs/encode_png.ts";
import { readBody } from "../../../tasks/_http/read_body.ts";
import { RequestError } from "../../../tasks/_http/respond.ts";
import { type LoopbackServer, serveLoopback } from "../../../tasks/_http/serve_loopback.ts";
import {
  createPredictService,
  type ServiceOptions,
} from "../../../tasks/_serve/predict_service.ts";
import { refusePicture } from "../../../tasks/_serve/read_picture.ts";
import { colored, png } from "../_pictures.ts";

const ranking = ["a", "b", "c"].map((name, i) => ({ class: name, probability: 0.5 ** i }));

const usual: ServiceOptions = {
  predict: (pictures) => Promise.resolve(pictures.map(() => ranking)),
  batchSize: 4,
  capacity: 8,
  bodies: 8,
  top: 2,
  limits: { body: { bytes: 1000, time: 200 }, pixels: 100 },
  facts: { model: "lenet" },
  page: "<!doctype html>",
};

/** Serves what a test asks for. */
async function withService(
  options: Partial<ServiceOptions>,
  body: (url: string, server: LoopbackServer, errors: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  const server = serveLoopback({
    port: 0,
    purpose: "serve",
    flag: "--port",
    answer: createPredictService({ ...usual, ...options }),
    onError: (error) => errors.push(error),
  });
  try {
    await body(server.url.slice(0, -1), server, errors);
  } finally {
    await server.close();
  }
}

const post = (url: string, body: BodyInit, headers: HeadersInit = {}) =>
  fetch(`${url}/predict`, { method: "POST", body, headers });

/** Makes the beginning of a PNG that promises so many pixels, with a right checksum. */
async function promise(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const { crc32 } = await import("node:zlib");
  const bytes = new Uint8Array(await encodePng({ ...colored(1, 1), height: 1, width: 1 }));
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

Deno.test("a service takes pictures as a body or a form's file, and says what is wrong with others", () =>
  withService({}, async (url) => {
    const picture = await png(1);
    const form = new FormData();
    form.append("any name", new File([picture], "x.png", { type: "image/png" }));
    for (const body of [picture, form]) {
      const response = await post(url, body);
      assertEquals([response.status, response.headers.get("content-type")], [
        200,
        "application/json",
      ]);
      assertEquals(await response.json(), { predictions: ranking.slice(0, 2) });
    }
    const all = await fetch(`${url}/predict?top=9`, { method: "POST", body: picture });
    assertEquals((await all.json()).predictions, ranking);

    const two = new FormData();
    for (const name of ["a", "b"]) two.append(name, new File([picture], name));
    const type = { "content-type": "multipart/form-data; boundary=x" };
    const refused: [status: number, message: RegExp, answer: Promise<Response>][] = [
      [400, /without a picture/, post(url, "")],
      [400, /the 2 files of a form/, post(url, two)],
      [400, /a form that is broken/, post(url, picture, type)],
      [400, /with this top/, fetch(`${url}/predict?top=0`, { method: "POST", body: picture })],
      [400, /with size: the one/, fetch(`${url}/predict?size=1`, { method: "POST" })],
      [413, /body is larger than 0.001 MB/, post(url, new Uint8Array(1001))],
      [415, /picture as it is neither PNG, JPEG nor WebP/, post(url, "no picture")],
      [422, /picture as it is cut short/, post(url, picture.subarray(0, 20))],
      [422, /60000 x 60000 pixels: there may be 100/, post(url, await promise(60000, 60000))],
      [422, /11 x 10 pixels/, post(url, await promise(11, 10))],
      [404, /nothing at this path/, fetch(`${url}/none`)],
      [405, /takes POST only/, fetch(`${url}/predict`)],
      [405, /takes GET and HEAD only/, fetch(url, { method: "DELETE" })],
    ];
    for (const [status, message, answer] of refused) {
      const response = await answer;
      const { error } = await response.json();
      assertEquals(response.status, status, error);
      assertMatch(error, message);
    }
    assertEquals((await fetch(`${url}/predict`)).headers.get("allow"), "POST");
    const head = await fetch(url, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
    assertEquals(await (await fetch(`${url}/health`)).json(), {
      status: "ok",
      model: "lenet",
      inWork: 0,
      capacity: 8,
      reading: 0,
    });
  }));

Deno.test("a service predicts together what comes together, bounds it, and answers it before it stops", async () => {
  const sizes: number[] = [];
  const gate = Promise.withResolvers<void>();
  const bad = await png(2);
  const predict: ServiceOptions["predict"] = async (pictures) => {
    sizes.push(pictures.length);
    if (sizes.length === 1) await gate.promise;
    return pictures.map((bytes) =>
      bytes.length === bad.length && bytes.every((byte, i) => byte === bad[i])
        ? refusePicture(new Error("Cannot decode image as it is damaged"))
        : ranking
    );
  };
  await withService({ predict }, async (url, server) => {
    const good = await png(1);
    const first = post(url, good);
    while (sizes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const others = Array.from({ length: 7 }, (_, i) => post(url, i === 3 ? bad : good));
    for (;;) {
      const { inWork } = await (await fetch(`${url}/health`)).json();
      if (inWork === 8) break;
    }
    const refused = await post(url, good);
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assertStringIncludes((await refused.json()).error, "8 requests are in work");

    // It stops now: it takes no more, and answers what it has.
    const closing = server.close();
    gate.resolve();
    const answers = await Promise.all([first, ...others]);
    assertEquals(answers.map(({ status }) => status), [200, 200, 200, 200, 422, 200, 200, 200]);
    for (const [i, answer] of answers.entries()) {
      const { error, predictions } = await answer.json();
      if (i === 4) assertEquals(error, "Cannot predict the picture as it is damaged");
      else assertEquals(predictions.length, 2);
    }
    await closing;
    assertEquals(sizes, [1, 4, 3]);
  });
});

Deno.test("a service predicts nothing for clients that have left, and has their places for others at once", async () => {
  const groups: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const pictures = await Promise.all([1, 2, 3, 4].map((seed) => png(seed)));
  const predict: ServiceOptions["predict"] = async (group) => {
    groups.push(group.map((bytes) => pictures.findIndex((one) => `${one}` === `${bytes}`)));
    if (groups.length === 1) await gate.promise;
    return group.map(() => ranking);
  };
  await withService({ predict, capacity: 3 }, async (url, _, errors) => {
    const untilInWork = async (count: number) => {
      while ((await (await fetch(`${url}/health`)).json()).inWork !== count);
    };
    const clients = [0, 1, 2].map(() => new AbortController());
    const asked: Promise<Response>[] = [];
    for (const [i, { signal }] of clients.entries()) {
      asked.push(fetch(`${url}/predict`, { method: "POST", body: pictures[i]!, signal }));
      await untilInWork(i + 1);
      while (groups.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // One that is being predicted, and one that waits.
    for (const i of [0, 1]) clients[i]!.abort();
    await Promise.allSettled(asked.slice(0, 2));
    await untilInWork(1);
    const late = post(url, pictures[3]!);
    await untilInWork(2);
    gate.resolve();
    for (const answer of [await asked[2]!, await late]) {
      assertEquals(answer.status, 200);
      await answer.body?.cancel();
    }
    assertEquals([groups, errors], [[[0], [2, 3]], []]);
  });
});

Deno.test("a service that fails says so once and goes on", async () => {
  let calls = 0;
  const predict: ServiceOptions["predict"] = (pictures) =>
    calls++ === 0 ? Promise.reject(new Error("no memory")) : usual.predict(pictures);
  await withService({ predict }, async (url, _, errors) => {
    const response = await post(url, await png(1));
    assertEquals(response.status, 500);
    assertStringIncludes((await response.json()).error, "the server failed");
    assertEquals(errors.map(String), ["Error: no memory"]);
    const again = await post(url, await png(1));
    assertEquals(again.status, 200);
    await again.body?.cancel();
  });
});

Deno.test("a service's queue is free while bodies come slowly, of which it takes so many", () =>
  withService({
    capacity: 1,
    bodies: 3,
    limits: { ...usual.limits, body: { bytes: 1000, time: 60_000 } },
  }, async (url) => {
    const { port } = new URL(url);
    const head = `POST /predict HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 9\r\n\r\n`;
    const slow = [];
    const untilReading = async (count: number) => {
      while ((await (await fetch(`${url}/health`)).json()).reading !== count);
    };
    for (const count of [1, 2]) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      await connection.write(new TextEncoder().encode(`${head}slow`));
      slow.push(connection);
      await untilReading(count);
    }
    const between = await post(url, await png(1));
    assertEquals(between.status, 200, await between.text());
    const third = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await third.write(new TextEncoder().encode(head));
    slow.push(third);
    await untilReading(3);
    const refused = await post(url, await png(1));
    assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assertStringIncludes(
      (await refused.json()).error,
      "the bodies of 3 requests are still to come",
    );
    // Clients that leave free their places.
    slow.pop()!.close();
    await untilReading(2);
    const later = await post(url, await png(1));
    assertEquals(later.status, 200, await later.text());
    for (const connection of slow) connection.close();
    await untilReading(0);
  }));

/** Sends a request as it stands, which `fetch` wouldn't, and gives the status of the answer. */
async function sendRaw(url: string, lines: readonly string[]): Promise<number> {
  const { port } = new URL(url);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const request = [...lines, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  const text = await new Response(connection.readable).text();
  return Number(text.split(" ")[1]);
}

Deno.test("a loopback server refuses what other sites' pages ask", () =>
  withService({}, async (url) => {
    const { port } = new URL(url);
    const cases: [status: number, headers: string[]][] = [
      [200, [`Host: 127.0.0.1:${port}`]],
      [200, ["Host: LOCALHOST:9000"]],
      [200, [`Host: localhost:${port}`, `Origin: http://localhost:${port}`]],
      [403, [`Host: rebound.example:${port}`]],
      [403, ["Host: localhost.rebound.example"]],
      [403, [`Host: 127.0.0.1:${port}`, "Origin: https://other.example"]],
      [403, [`Host: 127.0.0.1:${port}`, "Origin: null"]],
      [403, [`Host: 127.0.0.1:${port}`, `Origin: http://localhost:${port}`]],
      [403, [`Host: 127.0.0.1:${port}`, `Origin: https://127.0.0.1:${port}`]],
    ];
    for (const [status, headers] of cases) {
      assertEquals(
        await sendRaw(url, ["GET /health HTTP/1.1", ...headers]),
        status,
        headers.join(),
      );
    }
  }));

Deno.test("a loopback server's port that is taken is said in one line", () =>
  withService({}, (url) => {
    const { port } = new URL(url);
    assertThrows(
      () =>
        serveLoopback({
          port: Number(port),
          purpose: "serve",
          flag: "--port",
          answer: () => new Response(),
          onError: () => {},
        }),
      Error,
      `Cannot serve on port ${port} as another program has it: name another with --port, or 0 for any`,
    );
    return Promise.resolve();
  }));

Deno.test("a server that is closed answers requests whose body still comes, and takes no others", () =>
  withService(
    { limits: { body: { bytes: 1000, time: 60_000 }, pixels: 100 } },
    async (url, server) => {
      const { port, host } = new URL(url);
      const picture = await png(1);
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const head =
        `POST /predict HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${picture.length}\r\n\r\n`;
      await connection.write(new TextEncoder().encode(head));
      await connection.write(picture.subarray(0, 20));
      while ((await (await fetch(`${url}/health`)).json()).reading === 0);
      const closing = server.close();
      const late = await post(url, picture);
      assertEquals([late.status, await late.json()], [503, {
        error: "Cannot take the request as the server is stopping",
      }]);
      await connection.write(picture.subarray(20));
      const answer = new Uint8Array(1000);
      const size = await connection.read(answer);
      assertStringIncludes(
        new TextDecoder().decode(answer.subarray(0, size ?? 0)),
        "HTTP/1.1 200 OK",
      );
      await closing;
      await server.close();
    },
  ));

Deno.test("readBody() bounds size and time, also where the length isn't told", async () => {
  const limits = { bytes: 10, time: 50 };
  const stream = (...sizes: number[]) =>
    new Request("http://localhost", {
      method: "POST",
      body: ReadableStream.from(sizes.map((size) => new Uint8Array(size).fill(size))),
    });
  assertEquals(await readBody(stream(2, 1), limits), Uint8Array.of(2, 2, 1));
  assertEquals(await readBody(new Request("http://localhost"), limits), new Uint8Array());
  const status = (body: ReadableStream<Uint8Array<ArrayBuffer>>) =>
    readBody({ body, headers: new Headers() }, limits).then(
      () => 200,
      (error) => error instanceof RequestError ? error.status : error,
    );
  assertEquals(await status(stream(6, 5).body!), 413);
  assertEquals(await status(new ReadableStream()), 408);
  const broken = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
  assertEquals(await status(broken), 400);
});

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { DatasetError } from "../../tasks/_data/fetch/dataset_error.ts";
import { createDownloadBar, formatDownload } from "../../tasks/_data/fetch/download_bar.ts";
import { ensureDataset, type EnsureOptions } from "../../tasks/_data/fetch/ensure_dataset.ts";
import { fashionMnist } from "../../tasks/_data/fetch/fashion_mnist.ts";
import { findCacheDir } from "../../tasks/_data/fetch/find_cache_dir.ts";
import type { RunProgram } from "../../tasks/_data/fetch/run_program.ts";
import { createTerminalLine } from "../../tasks/_text/terminal_line.ts";
import { type FakeDataset, fakeDataset, gzip } from "./_fake_dataset.ts";
import { testUnless } from "../_test_unless.ts";

const TRAIN_IMAGES = "train-images-idx3-ubyte.gz";
const TRAIN_LABELS = "train-labels-idx1-ubyte.gz";
const patience = { firstAnswer: 2_000, stall: 2_000, attempts: 3, backoff: 1 };

/** A data set, an empty home, and a way to run the whole search in it without a network. */
interface World {
  readonly fake: FakeDataset;
  readonly root: string;
  readonly cache: string;
  readonly lines: string[];
  readonly ensure: (options?: Partial<EnsureOptions>) => ReturnType<typeof ensureDataset>;
}

async function inWorld(body: (world: World) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const fake = await fakeDataset({ systemDir: `${root}/system` });
    const lines: string[] = [];
    const env = (name: string) => name === "XDG_CACHE_HOME" ? `${root}/cache` : undefined;
    const defaults: EnsureOptions = {
      log: (line) => lines.push(line),
      quiet: true,
      manifest: fake.manifest,
      env,
      patience,
      hasApt: () => Promise.resolve(false),
    };
    const ensure = (options: Partial<EnsureOptions> = {}) =>
      ensureDataset({ ...defaults, ...options });
    await body({ fake, root, cache: `${root}/cache/rill/fake-mnist`, lines, ensure });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Serves the data set's folder as `answer` says, and hands on the manifest that names the server. */
async function withServer(
  fake: FakeDataset,
  answer: (request: Request, body: Uint8Array<ArrayBuffer>, name: string) => Response,
  body: (
    server: { manifest: FakeDataset["manifest"]; url: string; requests: string[] },
  ) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => new Response(null) },
    (request) => {
      const name = new URL(request.url).pathname.slice("/files/".length);
      requests.push(`${name} ${request.headers.get("range") ?? "whole"}`);
      return answer(request, fake.gzipped[name] ?? new Uint8Array(), name);
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/files`;
  try {
    await body({ manifest: { ...fake.manifest, addresses: [url] }, url, requests });
  } finally {
    await server.shutdown();
  }
}

/** Answers as a plain web server does that knows ranges. */
function serveRange(request: Request, body: Uint8Array<ArrayBuffer>): Response {
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(body);
  const start = Number(range[1]);
  const headers = { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` };
  return start < body.length
    ? new Response(body.slice(start), { status: 206, headers })
    : new Response(null, { status: 416, headers: { "content-range": `bytes */${body.length}` } });
}

/** A body that breaks off after `count` bytes. */
function broken(body: Uint8Array<ArrayBuffer>, count: number): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!sent) {
        sent = true;
        return controller.enqueue(body.slice(0, count));
      }
      await new Promise((resolve) => setTimeout(resolve, 20)); // So that the bytes get out first.
      controller.error(new Error("broken on purpose"));
    },
  });
}

async function names(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

const allFiles = (fake: FakeDataset) => Object.keys(fake.gzipped).sort();

async function rejection(promise: Promise<unknown>): Promise<DatasetError> {
  const error = await promise.then(() => undefined, (error) => error);
  assertInstanceOf(error, DatasetError);
  assert(!error.message.includes("\n"), "the message is one line");
  return error;
}

Deno.test("ensureDataset() takes gzipped files from the folder given", () =>
  inWorld(async ({ fake, root, lines, ensure }) => {
    await fake.write(`${root}/mine`);
    const { dir, files } = await ensure({ dataDir: `${root}/mine` });
    assertEquals(dir, `${root}/mine`);
    assertEquals(files.trainImages.path, `${root}/mine/${TRAIN_IMAGES}`);
    assertEquals(lines, [`data: Fake-MNIST, 5 + 3 images, from ${root}/mine (checked)`]);
  }));

Deno.test("ensureDataset() takes plain files, and files whose names don't tell how they are packed", () =>
  inWorld(async ({ fake, root, ensure }) => {
    await fake.write(`${root}/mine`, { plain: true });
    await Deno.rename(
      `${root}/mine/t10k-labels-idx1-ubyte`,
      `${root}/mine/t10k-labels-idx1-ubyte.gz`,
    );
    await Deno.writeFile(`${root}/mine/train-labels-idx1-ubyte`, fake.gzipped[TRAIN_LABELS]!);
    const { files } = await ensure({ dataDir: `${root}/mine` });
    assertEquals(files.trainImages.path, `${root}/mine/train-images-idx3-ubyte`);
    assertEquals(files.testLabels.path, `${root}/mine/t10k-labels-idx1-ubyte.gz`);
  }));

Deno.test("ensureDataset() takes RILL_DATA_DIR for the folder unless one is given", () =>
  inWorld(async ({ fake, root, ensure }) => {
    await fake.write(`${root}/variable`);
    await fake.write(`${root}/flag`);
    const env = (name: string) => name === "RILL_DATA_DIR" ? `${root}/variable` : undefined;
    assertEquals((await ensure({ env })).dir, `${root}/variable`);
    assertEquals((await ensure({ env, dataDir: `${root}/flag` })).dir, `${root}/flag`);
  }));

Deno.test("ensureDataset() looks nowhere but in the folder given", () =>
  inWorld(async ({ fake, root, cache, ensure }) => {
    await fake.write(cache);
    await fake.write(`${root}/mine`);
    await Deno.remove(`${root}/mine/${TRAIN_LABELS}`);
    const { message } = await rejection(ensure({ dataDir: `${root}/mine` }));
    assertEquals(
      message,
      `Cannot use "${root}/mine" as the data folder as it lacks train-labels-idx1-ubyte (plain or .gz)`,
    );
    const absent = await rejection(ensure({ dataDir: `${root}/absent` }));
    assertStringIncludes(absent.message, "there is no such folder");
    const file = await rejection(ensure({ dataDir: `${root}/mine/${TRAIN_IMAGES}` }));
    assertStringIncludes(file.message, "it is not a folder");
    assertStringIncludes((await rejection(ensure({ dataDir: "" }))).message, "the name is empty");
  }));

Deno.test("ensureDataset() names a wrong file with both hashes, and leaves a person's own as it is", () =>
  inWorld(async ({ fake, root, ensure }) => {
    const path = `${root}/mine/${TRAIN_LABELS}`;
    await fake.write(`${root}/mine`);
    const wrong = fake.plain.trainLabels.slice();
    wrong[9]! ^= 1;
    await Deno.writeFile(path, await gzip(wrong));
    const { message, problems } = await rejection(ensure({ dataDir: `${root}/mine` }));
    const { expectedSha256, actualSha256, movedTo } = problems[0]!;
    assertEquals(problems.length, 1);
    assertEquals(expectedSha256, fake.manifest.files.trainLabels.sha256);
    const refusal =
      `${path} is refused: 13 bytes when decompressed, SHA-256 ${actualSha256} where ` +
      `${expectedSha256} is right`;
    assertEquals(message, `Cannot use "${root}/mine" as the data folder as ${refusal}`);
    assertEquals(movedTo, undefined);
    // It stays, under each way to name the folder, and so is refused again.
    const env = (name: string) => name === "RILL_DATA_DIR" ? `${root}/mine` : undefined;
    assertEquals(
      (await rejection(ensure({ env }))).message,
      `Cannot use "${root}/mine", which RILL_DATA_DIR names, as the data folder as ${refusal}`,
    );
    assertEquals(await names(`${root}/mine`), allFiles(fake));
    assertEquals(await Deno.readFile(path), await gzip(wrong));
  }));

Deno.test("ensureDataset() reads gzip of several members, with zeros behind them, and refuses a damaged second one", () =>
  inWorld(async ({ fake, root, ensure }) => {
    await fake.write(`${root}/mine`);
    const path = `${root}/mine/${TRAIN_IMAGES}`;
    const { trainImages } = fake.plain;
    const first = await gzip(trainImages.slice(0, 20));
    const second = await gzip(trainImages.slice(20));
    const padded = [first, await gzip(new Uint8Array()), second, new Uint8Array(600)];
    await Deno.writeFile(path, ReadableStream.from(padded));
    assertEquals((await ensure({ dataDir: `${root}/mine` })).files.trainImages.path, path);
    second[second.length - 6]! ^= 1;
    await Deno.writeFile(path, ReadableStream.from([first, second]));
    const { message } = await rejection(ensure({ dataDir: `${root}/mine` }));
    assertStringIncludes(message, "its gzip stream ends early or is damaged");
  }));

Deno.test("ensureDataset() tells a gzip stream that ends early from a plain file that is short", () =>
  inWorld(async ({ fake, root, ensure }) => {
    await fake.write(`${root}/mine`);
    const whole = fake.gzipped[TRAIN_IMAGES]!;
    for (const length of [whole.length - 1, whole.length - 8, 20, 2]) {
      await Deno.writeFile(`${root}/mine/${TRAIN_IMAGES}`, whole.slice(0, length));
      const { message } = await rejection(ensure({ dataDir: `${root}/mine` }));
      assertMatch(message, /its gzip stream ends early or is damaged: (\d+ of )?46 bytes/);
    }
    const half = fake.plain.trainImages.slice(0, 23);
    await Deno.writeFile(`${root}/mine/train-images-idx3-ubyte`, half);
    const { message } = await rejection(ensure({ dataDir: `${root}/mine` }));
    assertStringIncludes(message, "train-images-idx3-ubyte is refused: 23 of 46 bytes");
    await Deno.writeFile(`${root}/mine/train-images-idx3-ubyte`, new Uint8Array());
    const empty = await rejection(ensure({ dataDir: `${root}/mine` }));
    assertStringIncludes(empty.message, "0 of 46 bytes");
  }));

const noPipes = Deno.build.os === "windows" && "no pipes in folders on Windows";

testUnless(
  noPipes,
  "ensureDataset() reads no pipe and no device, and of a longer file no more than it needs",
  () =>
    inWorld(async ({ fake, root, cache, ensure }) => {
      await fake.write(`${root}/mine`);
      const path = `${root}/mine/${TRAIN_IMAGES}`;
      await Deno.remove(path);
      const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
      assert(success);
      const pipe = await rejection(ensure({ dataDir: `${root}/mine` }));
      assertStringIncludes(pipe.message, `${path} is refused: it is not a regular file`);
      await Deno.remove(path);
      await Deno.symlink("/dev/zero", path);
      const device = await rejection(ensure({ dataDir: `${root}/mine` }));
      assertStringIncludes(device.message, `${path} is refused: it is not a regular file`);
      await Deno.remove(path);
      await Deno.mkdir(path);
      const folder = await rejection(ensure({ dataDir: `${root}/mine` }));
      assertStringIncludes(folder.message, `${path} is refused: it is not a regular file`);
      await Deno.remove(path);

      // A terabyte, of which the disk has nothing.
      await Deno.writeFile(path, new Uint8Array());
      await Deno.truncate(path, 1e12);
      const sparse = await rejection(ensure({ dataDir: `${root}/mine` }));
      assertStringIncludes(
        sparse.message,
        `${path} is refused: it has more than 46 bytes when decompressed`,
      );
      await fake.write(cache);
      await Deno.writeFile(`${cache}/${TRAIN_IMAGES}`, await gzip(new Uint8Array(100_000_000)));
      await withServer(fake, serveRange, ({ manifest }) => ensure({ manifest }).then(() => {}));
      assertEquals(await names(cache), [
        ".lock",
        ...[...allFiles(fake), `${TRAIN_IMAGES}.rejected`].sort(),
      ]);
    }),
);

Deno.test("ensureDataset() prefers the cache to the system's folder, and that to a download", () =>
  inWorld(async ({ fake, root, cache, ensure }) => {
    await fake.write(`${root}/system`);
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      assertEquals((await ensure({ manifest })).dir, `${root}/system`);
      await fake.write(cache);
      assertEquals((await ensure({ manifest })).dir, cache);
      assertEquals(requests, []);
    });
  }));

Deno.test("ensureDataset() leaves a wrong file of the system's folder where it is", () =>
  inWorld(async ({ fake, root, cache, lines, ensure }) => {
    await fake.write(`${root}/system`);
    await Deno.writeTextFile(`${root}/system/${TRAIN_LABELS}`, "no data");
    await withServer(fake, serveRange, async ({ manifest }) => {
      assertEquals((await ensure({ manifest })).dir, cache);
    });
    assertStringIncludes(
      lines[0] ?? "",
      `${root}/system/${TRAIN_LABELS} is refused: 7 of 13 bytes`,
    );
    assertEquals(await Deno.readTextFile(`${root}/system/${TRAIN_LABELS}`), "no data");
  }));

Deno.test("ensureDataset() downloads what the cache lacks", () =>
  inWorld(async ({ fake, cache, lines, ensure }) => {
    await fake.write(cache);
    await Deno.remove(`${cache}/${TRAIN_LABELS}`);
    await withServer(fake, serveRange, async ({ manifest, url, requests }) => {
      assertEquals((await ensure({ manifest })).files.trainLabels.path, `${cache}/${TRAIN_LABELS}`);
      assertEquals(requests, [`${TRAIN_LABELS} whole`]);
      assertEquals(lines[0], `data: downloaded ${TRAIN_LABELS} from ${url} (checked)`);
    });
    assertEquals(await names(cache), [".lock", ...allFiles(fake)]);
  }));

Deno.test("ensureDataset() goes on from where an interrupted download stopped", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    await fake.write(cache);
    await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
    const part = `${cache}/${TRAIN_IMAGES}.part`;
    await Deno.writeFile(part, fake.gzipped[TRAIN_IMAGES]!.slice(0, 30));
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests, [`${TRAIN_IMAGES} bytes=30-`]);
    });
    assertEquals(await Deno.readFile(`${cache}/${TRAIN_IMAGES}`), fake.gzipped[TRAIN_IMAGES]);
    assertEquals(await names(cache), [".lock", ...allFiles(fake)]);
  }));

Deno.test("ensureDataset() takes a part that is already whole, and one from a server without ranges", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    await fake.write(cache);
    await Deno.rename(`${cache}/${TRAIN_IMAGES}`, `${cache}/${TRAIN_IMAGES}.part`);
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests.length, 1);
    });
    await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
    await Deno.writeTextFile(`${cache}/${TRAIN_IMAGES}.part`, "something");
    await withServer(fake, (_, body) => new Response(body), async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests, [`${TRAIN_IMAGES} bytes=9-`]);
    });
    assertEquals(await names(cache), [".lock", ...allFiles(fake)]);
  }));

Deno.test("ensureDataset() begins anew if a part is not a beginning of the file", () =>
  inWorld(async ({ fake, cache, lines, ensure }) => {
    await fake.write(cache);
    await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await Deno.writeFile(`${cache}/${TRAIN_IMAGES}.part`, new Uint8Array(30).fill(7));
      await ensure({ manifest });
      assertEquals(requests, [`${TRAIN_IMAGES} bytes=30-`, `${TRAIN_IMAGES} whole`]);
      assertStringIncludes(lines[0] ?? "", "downloading it again");
      await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
      await Deno.writeFile(`${cache}/${TRAIN_IMAGES}.part`, new Uint8Array(9_999));
      await ensure({ manifest });
      assertEquals(requests.slice(2), [`${TRAIN_IMAGES} bytes=9999-`, `${TRAIN_IMAGES} whole`]);
    });
  }));

Deno.test("ensureDataset() tells what a server answers that has no part and not the whole either", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    await fake.write(cache);
    await Deno.rename(`${cache}/${TRAIN_IMAGES}`, `${cache}/${TRAIN_IMAGES}.part`);
    for (const status of [416, 206]) {
      await withServer(
        fake,
        () => new Response(null, { status, headers: { "content-range": "bytes */1" } }),
        async ({ manifest }) => {
          const { message } = await rejection(ensure({ manifest }));
          assertStringIncludes(message, `the server answered ${status}`);
        },
      );
    }
  }));

/** What a server gives, in turn: so many bytes of a file, with these headers. */
interface Part {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly breaks?: number;
}

/** Serves the training images by these parts, the last one for good, and the rest as they are. */
function serveParts(parts: readonly Part[]) {
  let count = 0;
  return (request: Request, body: Uint8Array<ArrayBuffer>, name: string) => {
    if (name !== TRAIN_IMAGES) return serveRange(request, body);
    const { file, headers = {}, breaks } = parts[Math.min(count++, parts.length - 1)]!;
    const response = serveRange(request, file);
    const content = breaks === undefined ? response.body : broken(file, breaks);
    return new Response(content, {
      status: response.status,
      headers: { ...Object.fromEntries(response.headers), ...headers },
    });
  };
}

Deno.test("ensureDataset() does not keep what two files were joined to", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const right = fake.gzipped[TRAIN_IMAGES]!;
    const old = right.map((byte) => byte ^ 1);
    const etag = (tag: string) => ({ etag: tag });
    const cases: readonly (readonly [parts: readonly Part[], requests: readonly string[]])[] = [
      // Under a strong ETag it is told from the response, which is not the same file's.
      [
        [{ file: old, headers: etag('"1"'), breaks: 20 }, { file: right, headers: etag('"2"') }],
        ["whole", "bytes=20-", "whole"],
      ],
      [
        [{ file: old, headers: etag('"1"'), breaks: 20 }, { file: right }],
        ["whole", "bytes=20-", "whole"],
      ],
      [
        [{ file: old, headers: etag('"1"'), breaks: 20 }, { file: right, headers: etag('W/"1"') }],
        ["whole", "bytes=20-", "whole"],
      ],
      // Without one only by the hash of the content.
      [
        [{ file: old, breaks: 20 }, { file: right }],
        ["whole", "bytes=20-", "whole"],
      ],
    ];
    for (const [parts, expected] of cases) {
      await fake.write(cache);
      await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
      await withServer(fake, serveParts(parts), async ({ manifest, requests }) => {
        await ensure({ manifest });
        assertEquals(requests, expected.map((range) => `${TRAIN_IMAGES} ${range}`));
      });
      assertEquals(await Deno.readFile(`${cache}/${TRAIN_IMAGES}`), right);
    }
  }));

Deno.test("ensureDataset() joins what comes under one strong ETag", () =>
  inWorld(async ({ fake, ensure }) => {
    const file = fake.gzipped[TRAIN_IMAGES]!;
    const conditions: (string | null)[] = [];
    const serve = serveParts([{ file, headers: { etag: '"1"' }, breaks: 20 }, {
      file,
      headers: { etag: '"1"' },
    }]);
    await withServer(fake, (request, body, name) => {
      if (name === TRAIN_IMAGES) conditions.push(request.headers.get("if-range"));
      return serve(request, body, name);
    }, async ({ manifest }) => {
      await ensure({ manifest });
      assertEquals(conditions, [null, '"1"']);
    });
  }));

Deno.test("ensureDataset() reads on where a server sends less of a part than was asked for", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const file = fake.gzipped[TRAIN_IMAGES]!;
    await fake.write(cache);
    await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
    const serve = (request: Request) => {
      const from = Number(/\d+/.exec(request.headers.get("range") ?? "")?.[0] ?? 0);
      if (from === 0) return new Response(broken(file, 20));
      const part = file.slice(from, from + 10);
      const headers = { "content-range": `bytes ${from}-${from + part.length - 1}/${file.length}` };
      return new Response(part, { status: 206, headers });
    };
    await withServer(fake, serve, async ({ manifest, requests }) => {
      await ensure({ manifest });
      const ranges = requests.map((request) => request.split(" ")[1]);
      assertEquals(ranges.slice(0, 4), ["whole", "bytes=20-", "bytes=30-", "bytes=40-"]);
      assertEquals(ranges.length, 1 + Math.ceil((file.length - 20) / 10));
    });
    assertEquals(await Deno.readFile(`${cache}/${TRAIN_IMAGES}`), file);
  }));

Deno.test("ensureDataset() undoes the compression of a server that was asked for none", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const compressed = await gzip(fake.gzipped[TRAIN_IMAGES]!);
    for (const coding of ["gzip", "X-GZip", "identity, gzip"]) {
      for (const part of [0, 30]) {
        await fake.write(cache);
        await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
        if (part) await Deno.writeFile(`${cache}/${TRAIN_IMAGES}.part`, new Uint8Array(part));
        const headers = { "content-encoding": coding };
        await withServer(
          fake,
          serveParts([{ file: compressed, headers }]),
          ({ manifest }) => ensure({ manifest }).then(() => {}),
        );
        assertEquals(await Deno.readFile(`${cache}/${TRAIN_IMAGES}`), fake.gzipped[TRAIN_IMAGES]);
      }
    }
    const headers = { "content-encoding": "Identity" };
    await Deno.remove(`${cache}/${TRAIN_IMAGES}`);
    const file = fake.gzipped[TRAIN_IMAGES]!;
    await withServer(fake, serveParts([{ file, headers }]), async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests.length, 1);
    });
  }));

Deno.test("ensureDataset() gives up a server that sends little a response, and redirects without end", () =>
  inWorld(async ({ fake, ensure }) => {
    const file = fake.gzipped[TRAIN_IMAGES]!;
    const large = new Uint8Array(10_000);
    const slow = (request: Request) => {
      const from = Number(/\d+/.exec(request.headers.get("range") ?? "")?.[0] ?? 0);
      const headers = { "content-range": `bytes ${from}-${large.length - 1}/${large.length}` };
      return new Response(broken(large, 10), { status: from ? 206 : 200, headers });
    };
    await withServer(fake, slow, async ({ manifest, requests }) => {
      await rejection(ensure({ manifest }));
      assertEquals(requests.length, 101);
    });
    let count = 0;
    const round = (request: Request) =>
      count++ === 0 ? new Response(broken(file, 10)) : Response.redirect(request.url, 302);
    await withServer(fake, round, async ({ manifest, requests }) => {
      const { message } = await rejection(ensure({ manifest }));
      assertStringIncludes(message, "redirects");
      assert(requests.length <= 22, `${requests.length}`);
    });
    count = 0;
    const out = () =>
      count++ === 0
        ? new Response(broken(file, 10))
        : new Response(null, { status: 302, headers: { location: "file:///etc/hostname" } });
    await withServer(fake, out, async ({ manifest, requests }) => {
      await rejection(ensure({ manifest }));
      assertEquals(requests.length, 2);
    });
  }));

Deno.test("ensureDataset() tries again, from where it was, after broken connections and busy servers", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const seen = new Map<string, number>();
    const flaky = (request: Request, body: Uint8Array<ArrayBuffer>, name: string) => {
      const time = (seen.get(name) ?? 0) + 1;
      seen.set(name, time);
      if (time === 1) return new Response("busy", { status: 503 });
      if (time === 2) return new Response(broken(body, 10));
      return serveRange(request, body);
    };
    await withServer(fake, flaky, async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests.slice(0, 3), [
        `${TRAIN_IMAGES} whole`,
        `${TRAIN_IMAGES} whole`,
        `${TRAIN_IMAGES} bytes=10-`,
      ]);
    });
    assertEquals(await names(cache), [".lock", ...allFiles(fake)]);
  }));

Deno.test("ensureDataset() leaves nothing but a .part when a download never ends", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const dying = (request: Request, body: Uint8Array<ArrayBuffer>) =>
      request.headers.has("range")
        ? new Response("busy", { status: 503 })
        : new Response(broken(body, 10));
    await withServer(fake, dying, async ({ manifest, url, requests }) => {
      const { message } = await rejection(ensure({ manifest }));
      assertStringIncludes(message, `${url}: the server answered 503`);
      assertStringIncludes(message, "--data-dir");
      // The first brought something; then come as many in a row as patience allows, that one included.
      assertEquals(requests.length, patience.attempts);
    });
    assertEquals(await names(cache), [".lock", `${TRAIN_IMAGES}.part`]);
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests[0], `${TRAIN_IMAGES} bytes=10-`);
    });
  }));

Deno.test("ensureDataset() gives up a connection that goes silent", () =>
  inWorld(async ({ fake, ensure }) => {
    const cancelled = Promise.withResolvers<void>();
    const silent = (_: Request, body: Uint8Array<ArrayBuffer>) =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(body.slice(0, 10)),
          cancel: () => cancelled.resolve(),
        }),
      );
    await withServer(fake, silent, async ({ manifest }) => {
      const impatient = { ...patience, stall: 50, attempts: 1 };
      const { message } = await rejection(ensure({ manifest, patience: impatient }));
      assertStringIncludes(message, "nothing came for 0.05 seconds");
      await cancelled.promise;
    });
  }));

Deno.test("ensureDataset() moves on at once from an address that refuses or lacks the file", () =>
  inWorld(async ({ fake, lines, ensure }) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const closed = `http://127.0.0.1:${listener.addr.port}`;
    listener.close();
    await withServer(fake, () => new Response(null, { status: 404 }), async (lacking) => {
      await withServer(fake, serveRange, async ({ manifest, url, requests }) => {
        const addresses = [closed, lacking.url, url];
        const slow = { ...patience, backoff: 60_000 };
        await ensure({ manifest: { ...manifest, addresses }, patience: slow });
        assertEquals([lacking.requests.length, requests.length], [1, 4]);
        assertMatch(lines[0] ?? "", /cannot download from http:.*refused/);
        assertMatch(lines[1] ?? "", /cannot download from http:.*404/);
      });
    });
  }));

Deno.test("ensureDataset() never uses a download with the wrong content", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const page = () => new Response("<html>Please log in</html>");
    await withServer(fake, page, async ({ manifest, requests }) => {
      const { message } = await rejection(ensure({ manifest }));
      assertStringIncludes(message, "26 of 46 bytes when decompressed, SHA-256 ");
      assertStringIncludes(message, fake.manifest.files.trainImages.sha256);
      assertStringIncludes(message, `(moved to ${cache}/${TRAIN_IMAGES}.rejected)`);
      assertEquals(requests.length, 1);
    });
    assertEquals(await names(cache), [".lock", `${TRAIN_IMAGES}.rejected`]);
  }));

Deno.test("ensureDataset() moves a wrong file in the cache aside and downloads a good one", () =>
  inWorld(async ({ fake, cache, lines, ensure }) => {
    await fake.write(cache);
    await Deno.writeFile(`${cache}/${TRAIN_IMAGES}`, fake.gzipped[TRAIN_IMAGES]!.slice(0, 40));
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await ensure({ manifest });
      assertEquals(requests, [`${TRAIN_IMAGES} whole`]);
    });
    assertStringIncludes(lines[0] ?? "", `${TRAIN_IMAGES} is refused: its gzip stream ends early`);
    assertEquals((await Deno.readFile(`${cache}/${TRAIN_IMAGES}.rejected`)).length, 40);
  }));

Deno.test("ensureDataset() fills the cache once when several ask at the same time", () =>
  inWorld(async ({ fake, ensure }) => {
    await withServer(fake, serveRange, async ({ manifest, requests }) => {
      await Promise.all([ensure({ manifest }), ensure({ manifest }), ensure({ manifest })]);
      assertEquals(requests.length, 4);
    });
  }));

/** An apt-get and a dpkg-deb that have the package, once `lists` is true. */
function fakeApt(fake: FakeDataset, state: { lists: boolean; root: boolean }) {
  const calls: string[] = [];
  const run: RunProgram = async (program, args, cwd) => {
    const verb = args.find((arg) => ["update", "download", "-x"].includes(arg));
    calls.push(`${program} ${verb}`);
    if (verb === "update") {
      state.lists ||= state.root;
      return { success: state.root, stderr: state.root ? "" : "E: Permission denied\n" };
    }
    if (verb === "download") {
      if (!state.lists) {
        return {
          success: false,
          stderr: `W: a warning\nE: Unable to locate package ${args.at(-1)}\n`,
        };
      }
      await Deno.writeTextFile(`${cwd}/dataset-fake-mnist_1_all.deb`, "");
      return { success: true, stderr: "" };
    }
    await fake.write(args[2] + fake.manifest.systemDir);
    return { success: true, stderr: "" };
  };
  return { run, calls, hasApt: () => Promise.resolve(true) };
}

Deno.test("ensureDataset() takes the files out of the Debian package when no address answers", () =>
  inWorld(async ({ fake, cache, lines, ensure }) => {
    const apt = fakeApt(fake, { lists: true, root: false });
    await Deno.mkdir(`${cache}/.apt-old`, { recursive: true });
    await Deno.utime(`${cache}/.apt-old`, 0, 0);
    assertEquals((await ensure(apt)).dir, cache);
    assertEquals(apt.calls, ["/usr/bin/apt-get download", "/usr/bin/dpkg-deb -x"]);
    assertEquals(await names(cache), [".lock", ...allFiles(fake)]);
    assertEquals(lines[0], "data: apt-get download dataset-fake-mnist");
  }));

Deno.test("ensureDataset() updates the package lists if it may, else says how", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const { message } = await rejection(ensure(fakeApt(fake, { lists: false, root: false })));
    assertStringIncludes(
      message,
      "apt-get has no package dataset-fake-mnist (E: Unable to locate package dataset-fake-mnist); " +
        "run this and try again: sudo apt-get update",
    );
    assertEquals(await names(cache), [".lock"]);
    const apt = fakeApt(fake, { lists: false, root: true });
    await ensure(apt);
    assertEquals(apt.calls.map((call) => call.split(" ")[1]), [
      "download",
      "update",
      "download",
      "-x",
    ]);
  }));

Deno.test("ensureDataset() refuses a Debian package with wrong files", () =>
  inWorld(async ({ fake, cache, ensure }) => {
    const { run, hasApt } = fakeApt(fake, { lists: true, root: false });
    const spoiling: RunProgram = async (program, args, cwd) => {
      const result = await run(program, args, cwd);
      if (args[0] === "-x") {
        await Deno.writeTextFile(`${args[2]}${fake.manifest.systemDir}/${TRAIN_LABELS}`, "no");
      }
      return result;
    };
    const { message } = await rejection(ensure({ run: spoiling, hasApt }));
    assertMatch(message, /package dataset-fake-mnist lacks good files: .* 2 of 13 bytes/);
    assertEquals(await names(cache), [".lock"]);
  }));

Deno.test("ensureDataset() says what to set if there is no place for a cache", () =>
  inWorld(async ({ root, ensure }) => {
    const homeless = await rejection(ensure({ env: () => undefined }));
    assertStringIncludes(homeless.message, "neither XDG_CACHE_HOME nor HOME is set");
    await Deno.writeTextFile(`${root}/file`, "");
    const env = (name: string) => name === "XDG_CACHE_HOME" ? `${root}/file` : undefined;
    const { message } = await rejection(ensure({ env }));
    assertStringIncludes(
      message,
      `Cannot write to the cache directory ${root}/file/rill/fake-mnist`,
    );
  }));

Deno.test("findCacheDir() follows each platform's custom", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  assertEquals(findCacheDir(env({ HOME: "/home/a" }), "linux"), "/home/a/.cache/rill");
  assertEquals(findCacheDir(env({ HOME: "/Users/a" }), "darwin"), "/Users/a/Library/Caches/rill");
  assertEquals(findCacheDir(env({ LOCALAPPDATA: "C:\\L" }), "windows"), "C:\\L/rill/cache");
  assertEquals(findCacheDir(env({ HOME: "/home/a", XDG_CACHE_HOME: "/x/" }), "linux"), "/x/rill");
  const relative = env({ HOME: "/home/a", XDG_CACHE_HOME: "x" });
  assertEquals(findCacheDir(relative, "linux"), "/home/a/.cache/rill");
  assertEquals(findCacheDir(env({}), "linux"), undefined);
});

Deno.test("createDownloadBar() tells share, size, speed and the time left, ten times a second at most", () => {
  assertEquals(
    formatDownload("a.gz", 6_500_000, 26_000_000, 1_950_000),
    "a.gz 25% 6.5/26.0 MB 1.9 MB/s 10 s left",
  );
  assertEquals(formatDownload("a.gz", 2_000_000, undefined, 1_000_000), "a.gz 2.0 MB 1.0 MB/s");
  const written: string[] = [];
  let time = 0;
  const line = createTerminalLine({ active: true, write: (text) => written.push(text) });
  const bar = createDownloadBar("a.gz", { line, now: () => time });
  for (; time < 1000; time += 10) bar.update(time * 10, 10_000);
  bar.clear();
  assertEquals(written.length, 11);
  assertEquals(
    written[1],
    "\r\x1b[K[##......................] a.gz 10% 0.0/0.0 MB 0.0 MB/s 1 s left",
  );
  assertEquals(written.at(-1), "\r\x1b[K");
});

Deno.test("createDownloadBar() prints a line now and then without a terminal", () => {
  const printed: string[] = [];
  let time = 0;
  const line = createTerminalLine({ active: false });
  const bar = createDownloadBar("a.gz", {
    line,
    print: (text) => printed.push(text),
    now: () => time,
  });
  for (; time <= 25_000; time += 100) bar.update(time * 100, 5_000_000);
  assertEquals(printed, [
    "a.gz 20% 1.0/5.0 MB 0.1 MB/s 40 s left",
    "a.gz 40% 2.0/5.0 MB 0.1 MB/s 30 s left",
  ]);
});

const installed = await Deno.stat(fashionMnist.systemDir).then(() => true, () => false);

testUnless(
  !installed && "no dataset-fashion-mnist",
  "ensureDataset() finds the system's Fashion-MNIST to have the hashes that it pins",
  async () => {
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    await ensureDataset({ dataDir: fashionMnist.systemDir, log });
    assertEquals(lines, [
      `data: Fashion-MNIST, 60,000 + 10,000 images, from ${fashionMnist.systemDir} (checked)`,
    ]);
  },
);

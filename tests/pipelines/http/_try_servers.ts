// Reads from real servers, as they are installed or come from npm: BusyBox, nginx, Python's, sirv, http-server and
// serve. Those that are missing are passed over. Not a test: deno run -A tests/pipelines/http/_try_servers.ts

import { assertEquals } from "@std/assert";
import { collect, httpRecords, httpSource, readHttpRange } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import { joined } from "../_sources.ts";

const SIZE = 100_000;
const file = Uint8Array.from(range(SIZE), (i) => i * 7 >> 3);
const dir = await Deno.makeTempDir({ prefix: "rill-servers-" });
// nginx works as nobody where root starts it.
await Deno.chmod(dir, 0o755);
await Deno.mkdir(`${dir}/www`);
await Deno.writeFile(`${dir}/www/file.bin`, file);
await Deno.writeFile(`${dir}/www/empty.bin`, new Uint8Array());
await Deno.writeTextFile(
  `${dir}/nginx.conf`,
  `daemon off; pid ${dir}/pid; error_log ${dir}/log; events {}
http {
  access_log off;
  server { listen 127.0.0.1:9102; root ${dir}/www; }
  server { listen 127.0.0.1:9103; root ${dir}/www; max_ranges 0; etag off; }
}`,
);

interface Server {
  readonly name: string;
  readonly port: number;
  readonly command: readonly string[];
  /** Whether it knows no ranges. */
  readonly whole?: boolean;
  /** Whether it leaves a file's size out where it has no such bytes. */
  readonly silent?: boolean;
}

const host = "127.0.0.1";
const servers: readonly Server[] = [
  {
    name: "BusyBox",
    port: 9101,
    command: ["busybox", "httpd", "-f", "-p", `${host}:9101`, "-h", `${dir}/www`],
  },
  { name: "nginx", port: 9102, command: ["nginx", "-p", dir, "-c", `${dir}/nginx.conf`] },
  { name: "nginx without ranges", port: 9103, command: [], whole: true },
  {
    name: "Python",
    port: 9104,
    command: ["python3", "-m", "http.server", "9104", "--bind", host, "-d", `${dir}/www`],
    whole: true,
  },
  {
    name: "sirv",
    port: 9105,
    command: ["npx", "--yes", "sirv-cli", `${dir}/www`, "--port", "9105", "--host", host],
  },
  {
    name: "http-server",
    port: 9106,
    command: ["npx", "--yes", "http-server", `${dir}/www`, "-p", "9106", "-a", host],
    silent: true,
  },
  {
    name: "serve",
    port: 9107,
    command: ["npx", "--yes", "serve", `${dir}/www`, "-l", `tcp://${host}:9107`],
  },
];

/** Starts a server, in a process group of its own, as npx starts others. */
function start([program, ...args]: readonly string[]): Deno.ChildProcess | undefined {
  if (program === undefined) return undefined;
  const options = { stdout: "null", stderr: "null", detached: true } as const;
  try {
    return new Deno.Command(program, { args, ...options }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function answers(port: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await (await fetch(`http://${host}:${port}/file.bin`)).body?.cancel();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return false;
}

/** What a promise gives, or the end of its error's message. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch(({ message }: Error) => message.replace(/^.* as /, ""));

async function tryServer({ port, whole = false, silent = false }: Server): Promise<void> {
  const url = `http://${host}:${port}/file.bin`;
  const read = async (from: number) => joined(await collect(httpSource(url, { from })));
  const refusal = "the server answered 200, with all of it, where a part was asked for";
  assertEquals(await read(0), file);
  assertEquals(await outcome(read(5)), whole ? refusal : file.slice(5));
  assertEquals((await read(SIZE)).length, 0);
  assertEquals(
    await outcome(read(SIZE + 1)),
    silent ? "it has no such bytes" : `it has ${SIZE} bytes`,
  );
  assertEquals(await readHttpRange(url, { from: 0, to: 1 }), file.slice(0, 1));
  const part = outcome(readHttpRange(url, { from: 10, to: 30 }));
  assertEquals(await part, whole ? refusal : file.slice(10, 30));
  for (const recordSize of [1, 100]) {
    const records = await httpRecords(url, { recordSize });
    assertEquals(records.length, SIZE / recordSize);
    assertEquals(await records.get(0), file.slice(0, recordSize));
    const record = outcome(Promise.resolve(records.get(7)));
    assertEquals(await record, whole ? refusal : file.slice(7 * recordSize, 8 * recordSize));
  }
  const empty = url.replace("file", "empty");
  assertEquals(await collect(httpSource(empty)), []);
  assertEquals((await httpRecords(empty, { recordSize: 100 })).length, 0);
}

const processes = servers.map(({ command }) => start(command));
try {
  for (const server of servers) {
    if (!await answers(server.port)) {
      console.log(`${server.name}: not there`);
      continue;
    }
    await tryServer(server);
    console.log(`${server.name}: ok`);
  }
} finally {
  for (const process of processes) {
    if (process) Deno.kill(-process.pid, "SIGTERM");
  }
  await Deno.remove(dir, { recursive: true });
}

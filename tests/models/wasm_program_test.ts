import { assertEquals, assertRejects } from "@std/assert";
import { BackendError, openBackend, toTensor, trainEpochs } from "@rill/rill/models";
import { locateProgram } from "../../models/kernels/wasm/program/_locate_program.ts";
import { predict } from "../consumer/runtimes/predict.ts";
import { take, withBackend } from "./_helpers.ts";
import { createStreams, MODULE } from "./training/epochs/_trainings.ts";

const SIMD = "tfjs-backend-wasm-simd.wasm";
const program = new URL(import.meta.resolve(`@tensorflow/tfjs-backend-wasm/wasm-out/${SIMD}`));

/** Serves the program at any path that names it, and counts how often it is asked for. */
function serveProgram() {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (req) => {
    const { pathname } = new URL(req.url);
    asked.push(pathname);
    if (pathname.endsWith(SIMD)) return new Response(await Deno.readFile(program));
    if (pathname.endsWith(".html")) {
      return new Response("<p>Not found", { headers: { "content-type": "text/html" } });
    }
    return new Response("not found", { status: 404 });
  });
  return {
    asked,
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("wasm loads its program from a file, a folder or a server, as it is told each time", async () => {
  await using server = serveProgram();
  const expected = await withBackend("wasm", predict);
  for (const wasmUrl of [program, program.href, new URL(".", program), `${server.url}a/`]) {
    assertEquals(await withBackend("wasm", predict, { wasmUrl }), expected, String(wasmUrl));
  }
  assertEquals(server.asked, [`/a/${SIMD}`]);
  // What others were told holds for them only.
  assertEquals(await withBackend("wasm", predict), expected);
  assertEquals(server.asked.length, 1);
});

Deno.test("openBackend() ends with the reason of a signal, and leaves nothing open", async () => {
  const reason = new Error("enough");
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    asked.resolve();
    return answer.promise;
  });
  const wasmUrl = `http://127.0.0.1:${server.addr.port}/`;
  const abort = new AbortController();
  const opening = openBackend("wasm", { wasmUrl, signal: abort.signal });
  await asked.promise;
  abort.abort(reason);
  assertEquals(await opening.catch((error) => error === reason), true);
  answer.resolve(new Response());
  await server.shutdown();
  // At once, and without asking anyone.
  assertEquals(
    await openBackend("wasm", { wasmUrl, signal: abort.signal }).catch((error) => error === reason),
    true,
  );
  // While it is under way: the program that was loaded before needs no server.
  const late = new AbortController();
  const second = openBackend("wasm", { signal: late.signal });
  late.abort(reason);
  assertEquals(await second.catch((error) => error === reason), true);
  await withBackend("wasm", predict, { signal: new AbortController().signal });
});

Deno.test("wasm names the file that it can't be opened with, and why", async () => {
  await using server = serveProgram();
  const absent = new URL("absent.wasm", program);
  const threaded = new URL("tfjs-backend-wasm-threaded-simd.wasm", program);
  const cases: [wasmUrl: string | URL, address: string, reason: string][] = [
    [`${server.url}no`, `${server.url}no`, "the server answers with status 404"],
    [`${server.url}a.html`, `${server.url}a.html`, "it is no WebAssembly program, but text/html"],
    [absent, absent.href, "Error: ENOENT"],
    [threaded, threaded.href, "it is another program than tfjs-backend-wasm-simd.wasm"],
    [import.meta.url, import.meta.url, "it is no WebAssembly program"],
  ];
  for (const [wasmUrl, address, reason] of cases) {
    const error = await assertRejects(() => openBackend("wasm", { wasmUrl }), BackendError);
    const start = `Cannot open the WASM backend with ${address}: ${reason}`;
    assertEquals(error.message.slice(0, start.length), start);
    assertEquals([error.code, error.address], ["open-failed", address]);
  }
  await withBackend("wasm", async () => {
    assertEquals(await take(toTensor(Float32Array.of(1), [1])), [1]);
  });
});

Deno.test("wasm refuses an address that is relative where there is nothing that it is relative to", async () => {
  await assertRejects(
    () => openBackend("wasm", { wasmUrl: "./files/" }),
    RangeError,
    'Cannot open the WASM backend with wasmUrl "./files/": here the address must be absolute',
  );
});

Deno.test("locateProgram() takes the program for engines without SIMD where it must", () => {
  const folder = "https://example.com/files/";
  assertEquals(locateProgram(folder, false).href, `${folder}tfjs-backend-wasm.wasm`);
  assertEquals(locateProgram(`${folder}?v=1`, true).href, `${folder}${SIMD}?v=1`);
  assertEquals(locateProgram(`${folder}a.bin`, false).href, `${folder}a.bin`);
  assertEquals(locateProgram(undefined, true).href, program.href);
});

Deno.test("the threads of a training load the program from where the first one did", async () => {
  await using server = serveProgram();
  await withBackend("wasm", async (backend) => {
    const { train } = createStreams();
    const losses: number[] = [];
    const training = trainEpochs({ backend, model: MODULE, threads: 3, epochs: 1, train });
    for await (const event of training) {
      if (event.kind === "step") losses.push(event.metrics.loss);
    }
    assertEquals(losses.length, 4);
  }, { wasmUrl: `${server.url}files/` });
  assertEquals(server.asked, Array.from({ length: 3 }, () => `/files/${SIMD}`));
});

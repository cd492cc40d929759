import { BackendError } from "../../../backend/backend_error.ts";
import { type LoadedProgram, startProgram } from "./_wasm_factory.ts";

/** What tfjs's program has, by which it is known. */
const EXPORTS = ["memory", "register_tensor", "FusedConv2D", "_FusedMatMul"];

/** The parts of Node's and Deno's `process` that are used. */
interface Process {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): Files | undefined;
}

interface Files {
  readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
}

/** The program that was loaded last. A backend is opened many times with the same. */
let last: { readonly href: string; readonly module: WebAssembly.Module } | undefined;

/**
 * Loads tfjs's program and starts it.
 *
 * @param signal Ends the loading, with its reason.
 * @throws {BackendError} If it can't be loaded, or is no such program.
 */
export async function loadProgram(url: URL, signal?: AbortSignal): Promise<LoadedProgram> {
  try {
    if (last?.href !== url.href) last = { href: url.href, module: await compile(url, signal) };
    const program = await startProgram(last.module);
    program.tfjs = nameFunctions(program);
    return program;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Refusal
      ? error.message
      : error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error);
    throw new BackendError("wasm", `Cannot open the WASM backend with ${url.href}: ${reason}`, {
      code: "open-failed",
      address: url.href,
      cause: error,
    });
  }
}

/** What is wrong with a file, in words for people. */
class Refusal extends Error {}

async function compile(url: URL, signal: AbortSignal | undefined): Promise<WebAssembly.Module> {
  const { bytes, type } = await read(url, signal);
  // Many servers answer with a page where they have no such file.
  if (![0, 0x61, 0x73, 0x6d].every((byte, i) => bytes[i] === byte)) {
    throw new Refusal(`it is no WebAssembly program${type ? `, but ${type}` : ""}`);
  }
  if (!WebAssembly.validate(bytes)) {
    throw new Refusal("it is damaged, or made for an engine that can do more than this one");
  }
  const module = await WebAssembly.compile(bytes);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (!EXPORTS.every((name) => names.includes(name))) {
    throw new Refusal("it is another program than tfjs-backend-wasm-simd.wasm");
  }
  return module;
}

/** Reads a file from where it is, with its media type where a server says it. */
async function read(
  url: URL,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string | null }> {
  const files = url.protocol === "file:" ? await findFiles() : undefined;
  if (files) return { bytes: await files.readFile(url), type: null };
  const response = await fetch(url, { credentials: "same-origin", signal: signal ?? null });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Refusal(`the server answers with status ${response.status}`);
  }
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    type: response.headers.get("content-type"),
  };
}

/** Finds the module that reads files, where there are any: `fetch` doesn't read them in Node. */
async function findFiles(): Promise<Files | undefined> {
  const { process } = globalThis as { readonly process?: Process };
  if (!process?.versions?.node) return undefined;
  // A name that bundlers for browsers don't look for. Node 20.15 and before have but the import.
  const name = "node:fs/promises";
  return process.getBuiltinModule?.(name) ?? await import(name);
}

/** Gives the functions of the program that tfjs's backend calls. */
function nameFunctions(program: LoadedProgram): Record<string, unknown> {
  const name = (exported: string, parameters = 0, result: "number" | null = null) =>
    program.cwrap(exported, result, Array.from({ length: parameters }, () => "number"));
  return {
    init: name("init"),
    initWithThreadsCount: name("init_with_threads_count", 1),
    getThreadsCount: name("get_threads_count", 0, "number"),
    registerTensor: name("register_tensor", 3),
    disposeData: name("dispose_data", 1),
    dispose: name("dispose"),
  };
}

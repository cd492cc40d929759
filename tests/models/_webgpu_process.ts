import type { Device } from "@rill/rill/models";
import { quietMesa } from "../../tasks/_cli/env.ts";
import { testUnless } from "../_test_unless.ts";

const HOST = new URL("_webgpu_host.ts", import.meta.url).href;
const ADAPTER = new URL("_webgpu_adapter.ts", import.meta.url).href;

/** Tells whether this is the process that runs the WebGPU tests of a file, and not the test runner. */
export const hosting: boolean = Deno.mainModule === HOST;

/** What a test does. */
export type Body = () => void | Promise<void>;

/** The tests of this file that use WebGPU, by name. */
export const hosted: Map<string, Body> = new Map();

let process: WebgpuProcess | undefined;

/**
 * Registers a test whose body is run by a process for all such tests of the file; in that process it is only kept.
 *
 * @param missing What is missing here to run it, if anything.
 */
export function registerHosted(name: string, fn: Body, missing?: string): void {
  if (hosted.has(name)) throw new Error(`There are two tests called ${name}`);
  hosted.set(name, fn);
  if (hosting) return;
  const { run } = process ??= createWebgpuProcess(Deno.mainModule);
  // The process goes on from one test to the next.
  testUnless(missing, name, () => run(name), { sanitizeResources: false, sanitizeOps: false });
}

/** A process for the WebGPU tests of a file. */
interface WebgpuProcess {
  /** Runs a test and throws what it throws; what it prints is printed. */
  run(name: string): Promise<void>;
}

/** An answer is a line that begins with this; the rest is JSON, an error's stack or null. */
const ANSWER = "\u0001";

/** Makes a process for a file's tests, which starts with the first of them. */
function createWebgpuProcess(file: string): WebgpuProcess {
  let started: ReturnType<typeof start> | undefined;
  return {
    async run(name) {
      const { input, lines, status } = started ??= start(file);
      await input.write(new TextEncoder().encode(`${name}\n`));
      for (;;) {
        const { value: line } = await lines.next();
        if (line === undefined) {
          started = undefined;
          const { code, signal } = await status;
          throw new Error(`The process of the WebGPU tests ended with ${signal ?? code}`);
        }
        if (!line.startsWith(ANSWER)) {
          console.log(line);
          continue;
        }
        const stack: string | null = JSON.parse(line.slice(ANSWER.length));
        if (stack !== null) throw new Error(stack);
        return;
      }
    },
  };
}

/** Sends the result of a test, in the process that ran it. */
export function answer(error: unknown): void {
  const stack = error === null ? null : error instanceof Error ? error.stack : String(error);
  console.log(ANSWER + JSON.stringify(stack));
}

/** Reads the lines of a stream of bytes. */
export async function* readLines(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** What tests have to know of the WebGPU adapter. */
export interface TestAdapter {
  readonly device: Device;
  /** Whether programs on it can use subgroups. */
  readonly subgroups: boolean;
}

/** Looks for an adapter in a process of its own, which may have other variables in its environment. */
export function findAdapter(env: Readonly<Record<string, string>> = {}): TestAdapter | undefined {
  quietMesa();
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", ADAPTER],
    env: { ...env },
  }).outputSync();
  if (!success) {
    throw new Error(`Cannot look for a WebGPU adapter: ${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout)) ?? undefined;
}

function start(file: string) {
  quietMesa();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", HOST, file],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  return {
    input: process.stdin.getWriter(),
    lines: readLines(process.stdout),
    status: process.status,
  };
}

import { hasAdapter, hosting, type WebgpuProcess, webgpuProcess } from "./_webgpu_process.ts";

type Body = () => void | Promise<void>;

/** The tests of this file that use WebGPU, by name. */
export const hosted: Map<string, Body> = new Map();

let process: WebgpuProcess | undefined;
let found: boolean | undefined;

/**
 * Registers a test that needs a WebGPU adapter, if only a software one. Without an adapter it is reported as ignored, with
 * the reason in its name.
 */
export function webgpuTest(name: string, fn: Body): void {
  found ??= hosting || hasAdapter();
  register(name, fn, found ? undefined : "no WebGPU adapter");
}

/**
 * Registers a test that looks for a WebGPU adapter, and passes without one.
 *
 * The tests of a file that use WebGPU run in a process of their own. The runner ends while its threads are still giving back
 * what tests have opened, and Mesa doesn't survive that: now and then the runner would abort with all tests passed.
 */
export function adapterTest(name: string, fn: Body): void {
  register(name, fn);
}

function register(name: string, fn: Body, missing?: string): void {
  if (hosted.has(name)) throw new Error(`There are two tests called ${name}`);
  hosted.set(name, fn);
  if (hosting) return;
  const { run } = process ??= webgpuProcess(Deno.mainModule);
  Deno.test({
    name: missing === undefined ? name : `${name} (ignored: ${missing})`,
    ignore: missing !== undefined,
    fn: () => run(name),
    // The process goes on from one test to the next.
    sanitizeResources: false,
    sanitizeOps: false,
  });
}

import "./newer_methods.ts";
import { inBrowser, readConfig, type RegisteredTest, takeRegistered } from "./host.ts";

/** What came of a test. */
export interface TestResult {
  readonly name: string;
  /** Whether it uses WebGPU. */
  readonly usesWebgpu: boolean;
  readonly outcome: "passed" | "failed" | "ignored";
  /** What failed, and where. */
  readonly error?: string;
  /** The time that it took, in milliseconds. */
  readonly time: number;
}

/** By file, what came of its tests. */
export type TestResults = Readonly<Record<string, readonly TestResult[]>>;

/**
 * Runs the tests of files in a page or in Node, one after the other, and hands over what came of them, as JSON: to the server
 * that the page came from, or to standard output.
 *
 * @param files What loads a file, by its path.
 */
export async function runTests(
  files: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> {
  const { webgpu, files: chosen, left } = await readConfig();
  const results: Record<string, TestResult[]> = {};
  const unknown = new Set(left);
  for (const file of chosen) {
    await tell(file);
    const loaded = await runTest({ name: "(loading)", fn: async () => void await files[file]!() });
    const registered = takeRegistered().filter(({ usesWebgpu = false }) => usesWebgpu || !webgpu);
    const tests = registered.filter(({ name }) => !left.includes(name));
    for (const { name } of registered) unknown.delete(name);
    const found: TestResult[] = results[file] = loaded.outcome === "failed" ? [loaded] : [];
    for (const test of tests) {
      await tell(`${file}: ${test.name}`);
      found.push(await runTest(test));
    }
  }
  if (unknown.size > 0) throw new Error(`There is no test called ${[...unknown].join(", nor ")}`);
  const json = JSON.stringify(results);
  if (inBrowser) await fetch("/results", { method: "POST", body: json });
  else console.log(json);
}

/** Tells what runs next, for where it never ends. */
async function tell(what: string): Promise<void> {
  if (inBrowser) await fetch("/progress", { method: "POST", body: what });
}

async function runTest(
  { name, fn, ignore = false, usesWebgpu = false }: RegisteredTest,
): Promise<TestResult> {
  if (ignore) return { name, usesWebgpu, outcome: "ignored", time: 0 };
  const start = performance.now();
  const time = () => Math.round(performance.now() - start);
  try {
    await fn();
    return { name, usesWebgpu, outcome: "passed", time: time() };
  } catch (error) {
    const { message = String(error), stack = "" } = error instanceof Error ? error : {};
    // Firefox's stacks don't begin with the message.
    const text = stack.includes(message) ? stack : `${message}\n${stack}`;
    return { name, usesWebgpu, outcome: "failed", error: text, time: time() };
  }
}

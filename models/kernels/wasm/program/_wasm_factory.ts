import factory from "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js";

/** tfjs's program at work, as Emscripten's loader gives it. */
export interface LoadedProgram {
  cwrap(name: string, result: "number" | null, parameters: string[]): unknown;
  /** The functions that tfjs calls by these names. */
  tfjs?: Record<string, unknown>;
}

interface FactoryOptions {
  /** Is told the folder of the loader, where that knows it. */
  locateFile?(file: string, folder: string): string;
  instantiateWasm?(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): object;
  printErr?(line: string): void;
}

const load = factory as unknown as (options: FactoryOptions) => Promise<LoadedProgram>;

/** Thrown to end a call. */
const STOP = new Error("stop");

/**
 * Starts tfjs's program.
 *
 * Emscripten's loader takes Deno and Node for the same, and asks them for what a bundle hasn't (`require`, `__dirname`), in order
 * to read a file that it is given here; and it has the whole process end by each error that nobody handles. So it doesn't get to
 * see that there is a process.
 */
export async function startProgram(module: WebAssembly.Module): Promise<LoadedProgram> {
  return await new Promise((resolve, reject) => {
    const starting = withProcess(undefined, () =>
      load({
        // An error that it prints it throws as well.
        printErr() {},
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(module, imports).then((instance) => done(instance)).catch(reject);
          return {};
        },
      }));
    starting.then(resolve, reject);
  });
}

/**
 * Asks the loader for the folder that it lies in, which in Node and Deno is its npm package, or that of a bundle of CommonJS.
 *
 * @returns The folder's path, or nothing where the loader doesn't know, as in a bundle of ES modules.
 */
export function findLoader(): string | undefined {
  const { process: { versions = {} } = {} } = globalThis as {
    readonly process?: { readonly versions?: object };
  };
  // Elsewhere it takes the page's or the worker's folder for its own.
  if (!("node" in versions)) return undefined;
  let found: string | undefined;
  const asking = { versions: { node: "" }, argv: [], on() {}, listeners: () => [] };
  try {
    withProcess(asking, () =>
      load({
        locateFile(_, folder) {
          found = folder;
          throw STOP;
        },
      }));
  } catch {
    // It was stopped, or lacks what it needs in order to know.
  }
  return found;
}

/** Calls a function, which must not wait, with another `process` than there is. */
function withProcess<T>(value: object | undefined, fn: () => T): T {
  const own = Object.getOwnPropertyDescriptor(globalThis, "process");
  if (!own?.configurable) return fn();
  Object.defineProperty(globalThis, "process", { configurable: true, value });
  try {
    return fn();
  } finally {
    Object.defineProperty(globalThis, "process", own);
  }
}

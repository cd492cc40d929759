/** Not in the lock file, since Deno fetches everything in it for every task, and this is 100 MB. */
const COMPILER = "npm:assemblyscript@0.28.20/asc";

/** The part of the compiler that is used here. */
interface Compiler {
  main(options: readonly string[], files: {
    readFile(name: string): Promise<string | null>;
    writeFile(name: string, contents: Uint8Array | string): void;
    listFiles(): string[];
  }): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/**
 * Compiles AssemblyScript.
 *
 * @param entry The name of the source to begin with.
 * @param options The compiler's options besides.
 * @param read Gives the text of a source, or null where there is none: the compiler looks in several places.
 * @returns The WebAssembly module.
 */
export async function compile(
  entry: string,
  options: readonly string[],
  read: (name: string) => Promise<string | null>,
): Promise<Uint8Array> {
  const { default: compiler }: { default: Compiler } = await import(COMPILER);
  let module: Uint8Array | undefined;
  const always = ["--outFile", "module.wasm", "--runtime", "stub", "--noAssert"];
  const { error, stderr } = await compiler.main([entry, ...always, ...options], {
    readFile: read,
    writeFile(_name, contents) {
      if (contents instanceof Uint8Array) module = contents;
    },
    listFiles: () => [],
  });
  if (error || !module) {
    throw new Error(`Cannot compile ${entry}: ${error?.message ?? "nothing came out"}\n${stderr}`);
  }
  return module;
}

/** Writes a module in base64 as string literals, a line each. */
export const quoteLines = (module: Uint8Array): string[] =>
  (module.toBase64().match(/.{1,92}/g) ?? []).map((line) => `"${line}"`);

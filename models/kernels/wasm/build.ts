// Compiles assembly/ and prints `_module_bytes.ts`:
//
//   deno run --no-lock --allow-read --allow-env models/kernels/wasm/build.ts > models/kernels/wasm/_module_bytes.ts

/** Out of the lock file's sight, since that has Deno fetch everything in it for every task, and this is 100 MB. */
const COMPILER = "npm:assemblyscript@0.28.20/asc";

const ASSEMBLY = new URL("assembly/", import.meta.url);

/** What of the compiler is used here. */
interface Compiler {
  main(options: readonly string[], files: {
    readFile(name: string): Promise<string | null>;
    writeFile(name: string, contents: Uint8Array | string): void;
    listFiles(): string[];
  }): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/** The text of `_module_bytes.ts`. */
async function build(): Promise<string> {
  const { default: compiler }: { default: Compiler } = await import(COMPILER);
  const relaxed = await compile(compiler, "simd,relaxed-simd,bulk-memory");
  const plain = await compile(compiler, "simd,bulk-memory");
  return `// Made from assembly/ by build.ts, which says how. Not to be edited.

/** For engines with relaxed SIMD: multiplies and adds with one rounding where the processor can. */
export const RELAXED: Uint8Array<ArrayBuffer> = decode(
${quote(relaxed)},
);

/** For engines with SIMD. */
export const PLAIN: Uint8Array<ArrayBuffer> = decode(
${quote(plain)},
);

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
`;
}

async function compile(compiler: Compiler, features: string): Promise<Uint8Array> {
  let module: Uint8Array | undefined;
  const { error, stderr } = await compiler.main([
    "index.ts",
    "--outFile",
    "module.wasm",
    "--enable",
    features,
    // No memory but tfjs's, of which the module may use nothing that it isn't given.
    "--runtime",
    "stub",
    "--importMemory",
    "--noExportMemory",
    // With a least size that is beyond every constant offset V8 checks the bounds of a load once, not twice.
    "--initialMemory",
    "1",
    // -O3 moves instructions about in the inner loop, which costs a seventh of its speed.
    "-O2",
    "--noAssert",
  ], {
    async readFile(name) {
      // The compiler looks in several places.
      const response = await fetch(new URL(name, ASSEMBLY)).catch(() => undefined);
      return response ? await response.text() : null;
    },
    writeFile(_name, contents) {
      if (contents instanceof Uint8Array) module = contents;
    },
    listFiles: () => [],
  });
  if (error || !module) {
    throw new Error(`Cannot compile assembly/: ${error?.message ?? "nothing came out"}\n${stderr}`);
  }
  return module;
}

/** Base64 as string literals, a line each. */
function quote(bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,92}/g) ?? [];
  return lines.map((line, i) => `${i === 0 ? "  " : "    "}"${line}"`).join(" +\n");
}

console.log((await build()).trimEnd());

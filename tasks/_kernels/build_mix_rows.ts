// Compiles mix_rows.as and prints `pipelines/_mix_rows_bytes.ts`:
//
//   deno run --no-lock --allow-read --allow-env tasks/_kernels/build_mix_rows.ts > pipelines/_mix_rows_bytes.ts

/** Out of the lock file's sight, since that has Deno fetch everything in it for every task, and this is 100 MB. */
const COMPILER = "npm:assemblyscript@0.28.20/asc";

/** Not a `.ts` file, as it is one for that compiler alone. */
const SOURCE = new URL("mix_rows.as", import.meta.url);

/** What of the compiler is used here. */
interface Compiler {
  main(options: readonly string[], files: {
    readFile(name: string): Promise<string | null>;
    writeFile(name: string, contents: Uint8Array | string): void;
    listFiles(): string[];
  }): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

async function compile(): Promise<Uint8Array> {
  const { default: compiler }: { default: Compiler } = await import(COMPILER);
  let module: Uint8Array | undefined;
  const options = [
    "--outFile",
    "module.wasm",
    "--enable",
    "simd",
    "--runtime",
    "stub",
    "--noAssert",
  ];
  const { error, stderr } = await compiler.main(["mix_rows.ts", ...options, "-O3"], {
    // The compiler looks in several places.
    readFile: async (name) => name === "mix_rows.ts" ? await Deno.readTextFile(SOURCE) : null,
    writeFile(_name, contents) {
      if (contents instanceof Uint8Array) module = contents;
    },
    listFiles: () => [],
  });
  if (error || !module) {
    throw new Error(
      `Cannot compile mix_rows.as: ${error?.message ?? "nothing came out"}\n${stderr}`,
    );
  }
  return module;
}

const lines = (await compile()).toBase64().match(/.{1,92}/g) ?? [];
console.log(
  `// Made from tasks/_kernels/mix_rows.as by build_mix_rows.ts, which says how. Not to be edited.

/** A WebAssembly module with SIMD, in base64: its memory, \`mixRows\` and \`mixColumns\`. */
export const MIX_ROWS: string =
${lines.map((line) => `  "${line}"`).join(" +\n")};`,
);

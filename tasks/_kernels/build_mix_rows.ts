// Compiles mix_rows.as and prints, as JSON, the file that it is kept in; `deno task build:wasm` writes it.
import { compile, quoteLines } from "./compile.ts";

/** Not a `.ts` file, as it is one for that compiler alone. */
const SOURCE = new URL("mix_rows.as", import.meta.url);

const module = await compile(
  "mix_rows.ts",
  ["--enable", "simd", "-O3"],
  async (name) => name === "mix_rows.ts" ? await Deno.readTextFile(SOURCE) : null,
);

console.log(JSON.stringify({
  "pipelines/images/_resample/mix_rows_bytes.ts":
    `// Made by \`deno task build:wasm\` from tasks/_kernels/mix_rows.as. Not to be edited.

/** A WebAssembly module with SIMD, in base64: its memory, \`mixRows\` and \`mixColumns\`. */
export const MIX_ROWS: string =
${quoteLines(module).map((line) => `  ${line}`).join(" +\n")};
`,
}));

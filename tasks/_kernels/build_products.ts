// Compiles models/kernels/wasm/assembly/ and prints `_module_bytes.ts` beside it; `deno task build:wasm` keeps what it prints.
import { compile, quoteLines } from "./compile.ts";

const ASSEMBLY = new URL("../../models/kernels/wasm/assembly/", import.meta.url);

const build = (features: string): Promise<Uint8Array> =>
  compile("index.ts", [
    "--enable",
    features,
    // No memory but tfjs's, of which the module may use nothing that it isn't given.
    "--importMemory",
    "--noExportMemory",
    // With a least size that is beyond every constant offset V8 checks the bounds of a load once, not twice.
    "--initialMemory",
    "1",
    // -O3 moves instructions about in the inner loop, which costs a seventh of its speed.
    "-O2",
  ], (name) => Deno.readTextFile(new URL(name, ASSEMBLY)).catch(() => null));

const writeLiteral = (module: Uint8Array): string =>
  quoteLines(module).map((line, i) => `${i === 0 ? "  " : "    "}${line}`).join(" +\n");

console.log(
  `// Made by \`deno task build:wasm\` from assembly/. Not to be edited. The calls are marked for bundlers, which then leave out the
// bytes where nothing uses them.

/** For engines with relaxed SIMD: multiplies and adds with one rounding where the processor can. */
export const RELAXED: Uint8Array<ArrayBuffer> = /* @__PURE__ */ decode(
${writeLiteral(await build("simd,relaxed-simd,bulk-memory"))},
);

/** For engines with SIMD. */
export const PLAIN: Uint8Array<ArrayBuffer> = /* @__PURE__ */ decode(
${writeLiteral(await build("simd,bulk-memory"))},
);

function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}`,
);

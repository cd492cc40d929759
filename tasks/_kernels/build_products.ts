// Compiles models/kernels/wasm/assembly/ and prints, as JSON, the files that its modules are kept in; `deno task build:wasm` writes
// them.
import { compile, quoteLines } from "./compile.ts";

const WASM = "models/kernels/wasm/";
const ASSEMBLY = new URL(`../../${WASM}assembly/`, import.meta.url);

const build = async (entry: string, options: readonly string[]): Promise<string> => {
  const read = (name: string) => Deno.readTextFile(new URL(name, ASSEMBLY)).catch(() => null);
  // -O3 moves instructions about in the inner loop, which costs a seventh of its speed.
  const module = await compile(entry, ["-O2", ...options], read);
  return quoteLines(module).map((line, i) => `${i === 0 ? "  " : "    "}${line}`).join(" +\n");
};

const buildProducts = (features: string): Promise<string> =>
  build("index.ts", [
    "--enable",
    features,
    // No memory but tfjs's, of which the module may use nothing that it isn't given.
    "--importMemory",
    "--noExportMemory",
    // With a least size that is beyond every constant offset V8 checks the bounds of a load once, not twice.
    "--initialMemory",
    "1",
  ]);

const MADE = "// Made by `deno task build:wasm` from assembly/. Not to be edited.";

const DECODE = `function decode(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
`;

console.log(JSON.stringify({
  [`${WASM}_module_bytes.ts`]: `${MADE} The calls are marked for bundlers, which then leave out the
// bytes where nothing uses them.

/** For engines with relaxed SIMD: multiplies and adds with one rounding where the processor can. */
export const RELAXED: Uint8Array<ArrayBuffer> = /* @__PURE__ */ decode(
${await buildProducts("simd,relaxed-simd,bulk-memory")},
);

/** For engines with SIMD. */
export const PLAIN: Uint8Array<ArrayBuffer> = /* @__PURE__ */ decode(
${await buildProducts("simd,bulk-memory")},
);

${DECODE}`,

  [`${WASM}_draw_bytes.ts`]: `${MADE} In a file of its own, as it is there before a backend is
// opened, and where that isn't WASM.

/** For engines with SIMD: draws numbers, in a page of memory of its own. */
export const DRAW: Uint8Array<ArrayBuffer> = /* @__PURE__ */ decode(
${await build("draw.ts", ["--enable", "simd", "--initialMemory", "1"])},
);

${DECODE}`,
}));

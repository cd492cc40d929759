// Compiles libjpeg-turbo's decoder to WebAssembly and writes it as pipelines/codecs/_libjpeg_bytes.ts. Run with the folder
// of libjpeg-turbo's source, as git has it at the tag 3.2.0 (Debian: clang, lld, wasi-libc for the headers):
//
//     deno run --allow-read --allow-write --allow-run=clang,wasm-ld tasks/_codecs/build_libjpeg.ts SOURCE
import { quoteLines } from "../_kernels/compile.ts";

/** The sources of the decoder; the first are compiled for samples of 8 bits. */
const SAMPLES = ["apistd", "coefct", "color", "dctmgr", "mainct", "postct", "sample"]
  .map((name) => `src/wrapper/jd${name}-8.c`).concat("src/wrapper/jutils-8.c");
const SHARED = ["apimin", "arith", "atasrc", "huff", "input", "marker", "master", "phuff"]
  .map((name) => `src/jd${name}.c`)
  .concat(["aricom", "comapi", "error", "memmgr", "memnobs"].map((name) => `src/j${name}.c`));

/**
 * What the sources mention and the decoder never comes to, so that it is left out: other precisions, lossless JPEG, sizes
 * other than the image's own, and palettes.
 */
const LEFT_OUT = /^_?j(?:12|16)|idct|lossless|quantizer|merged_upsampler|lhuff|jpeg_nbits|diff/;

/** `jconfig.h` and `jconfigint.h`, which libjpeg-turbo's build makes otherwise. */
const CONFIG = `
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 3.2.0
#define LIBJPEG_TURBO_VERSION_NUMBER 3002000
#define D_ARITH_CODING_SUPPORTED 1
#define MEM_SRCDST_SUPPORTED 1
#define WITH_SIMD 1
#ifndef BITS_IN_JSAMPLE
#define BITS_IN_JSAMPLE 8
#endif
`;
const INTERNAL_CONFIG = `
#define BUILD ""
#define HIDDEN
#define INLINE __inline__ __attribute__((always_inline))
#define THREAD_LOCAL
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "3.2.0"
#define SIZEOF_SIZE_T 4
#define HAVE_BUILTIN_CTZL 1
#define FALLTHROUGH __attribute__((fallthrough));
#ifndef BITS_IN_JSAMPLE
#define BITS_IN_JSAMPLE 8
#endif
#define SIMD_ARCHITECTURE 99
`;

const FLAGS = [
  "--target=wasm32-wasi",
  "-isystem/usr/include/wasm32-wasi",
  "-O3",
  "-msimd128",
  "-mbulk-memory",
  "-msign-ext",
  "-mmutable-globals",
  "-ffunction-sections",
  "-fdata-sections",
  "-w",
  "-DNO_GETENV",
  "-DNO_PUTENV",
  // WebAssembly is what libjpeg-turbo knows as x32: addresses of 32 bits, and registers of 64, which it then reads bits into.
  "-D__x86_64__",
  "-D__ILP32__",
];

async function run(program: string, args: readonly string[]): Promise<string> {
  const { success, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const text = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${program} failed:\n${text}`);
  return text;
}

const [given] = Deno.args;
if (given === undefined) throw new Error("Give the folder of libjpeg-turbo's source");
const source = given.replace(/\/$/, "");
const here = import.meta.dirname!;
const out = await Deno.makeTempDir();
try {
  await Deno.writeTextFile(`${out}/jconfig.h`, CONFIG);
  await Deno.writeTextFile(`${out}/jconfigint.h`, INTERNAL_CONFIG);
  const version = await Deno.readTextFile(`${source}/src/jversion.h.in`);
  await Deno.writeTextFile(`${out}/jversion.h`, version.replace("@COPYRIGHT_YEAR@", "1991-2026"));
  const includes = [out, `${source}/src`, `${source}/simd`].map((folder) => `-I${folder}`);
  const objects = [];
  const files = [...SAMPLES, ...SHARED].map((file) => `${source}/${file}`);
  for (const file of [...files, `${here}/libjpeg_decoder.c`, `${here}/libjpeg_simd.c`]) {
    const object = `${out}/${file.slice(file.lastIndexOf("/") + 1)}.o`;
    await run("clang", [...FLAGS, ...includes, "-c", file, "-o", object]);
    objects.push(object);
  }
  const warnings = await run("wasm-ld", [
    "-O3",
    "--no-entry",
    "--gc-sections",
    "--strip-all",
    "--unresolved-symbols=ignore-all",
    "--warn-unresolved-symbols",
    "--export=__stack_pointer",
    // So that a stack that overflows ends the program instead of writing over its data.
    "--stack-first",
    "-zstack-size=65536",
    // With a least size that is beyond every constant offset V8 checks the bounds of a load once, not twice.
    "--initial-memory=1048576",
    ...objects,
    "-o",
    `${out}/module.wasm`,
  ]);
  const missing = new Set(Array.from(warnings.matchAll(/undefined symbol: (\w+)/g), ([, n]) => n!));
  const unexpected = [...missing].filter((name) => !LEFT_OUT.test(name));
  if (unexpected.length > 0) throw new Error(`Nothing defines ${unexpected.join(", ")}`);
  // Not through wasm-opt, which makes it a tenth smaller, and slower by as much again.
  const lines = quoteLines(await Deno.readFile(`${out}/module.wasm`));
  await Deno.writeTextFile(
    new URL("../../pipelines/codecs/_libjpeg_bytes.ts", import.meta.url),
    `// Made by tasks/_codecs/build_libjpeg.ts. Not to be edited.
// This software is based in part on the work of the Independent JPEG Group.

/** libjpeg-turbo 3.2.0, compiled to WebAssembly with SIMD. */
export const LIBJPEG: string = ${
      lines.map((line, i) => `${i === 0 ? "" : "  "}${line}`).join(" +\n")
    };
`,
  );
} finally {
  await Deno.remove(out, { recursive: true });
}

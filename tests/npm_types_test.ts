// What TypeScript's own compiler says of the package as npm sees it: JavaScript and declarations, made module by module as JSR
// makes them. Nothing is skipped of the declarations (`skipLibCheck`).
import { assertEquals, assertMatch } from "@std/assert";
import { runProcess } from "./_package/process.ts";
import { listPackedFiles, root } from "./_package/list_packed_files.ts";
import { makeNpmProject } from "./_runtimes/npm_project.ts";
import { nightly } from "./_nightly.ts";
import { testUnless } from "./_test_unless.ts";

const TSC = "npm:typescript@5.9.3/tsc";

const runTsc = (args: readonly string[]) =>
  runProcess(Deno.execPath(), ["run", "-A", "--quiet", TSC, ...args], root);

const { code } = await runTsc(["--version"]);
const missing = code === 0 ? undefined : "no packages of npm";

/** A page's program: what comes of the library goes where the platform wants it. */
const PAGE = `
import * as rill from "@rill/rill/models";
import { collect, map, readImageBitmap, readVideoFrame, take, toImageBitmap, toImageData, toVideoFrame, untilAborted }
  from "@rill/rill/pipelines";
import type { Image, Stage } from "@rill/rill/pipelines";
import { decodeImageBlob } from "@rill/rill/pipelines/decode-image";

export async function show(file: File, context: CanvasRenderingContext2D, signal: AbortSignal): Promise<number[]> {
  const image: Image<Uint8Array<ArrayBuffer>> = await decodeImageBlob(file, { channels: 3 });
  context.putImageData(toImageData(image), 0, 0);
  const bitmap: ImageBitmap = await toImageBitmap(image);
  context.drawImage(bitmap, 0, 0);
  const frame: VideoFrame = toVideoFrame(await readImageBitmap(bitmap), { timestamp: 0 });
  const { height } = await readVideoFrame(new VideoFrame(frame)).finally(() => frame.close());
  const double: Stage<number, number> = map((n: number) => 2 * n);
  const numbers: number[] = await collect(untilAborted(signal)(take(2)(double(new ReadableStream<number>() as never))));
  return [height, ...numbers];
}

export async function predict(bytes: Uint8Array<ArrayBuffer>): Promise<Int32Array> {
  const backend: rill.Backend = await rill.openBackend("auto");
  const network = rill.getOrThrow(rill.build(rill.lenet({ classes: 10 }), [28, 28, 1]));
  const decoded = rill.decodeSafetensors(bytes);
  if (decoded._tag === "Left") throw decoded.left;
  const variables = rill.getOrThrow(rill.importParams(network, decoded.right.tensors));
  const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };
  const output = await rill.predictStep(network)(variables, { images, size: 1 });
  const tensor: rill.Tensor = rill.toTensor(new Float32Array(4), [2, 2]);
  tensor.dispose();
  await backend.close();
  return rill.topK(output, 3).indices;
}
`;

/** A program for Node, without a type of browsers. */
const PROGRAM = `
import { collect, httpSource, map, readImageData } from "@rill/rill/pipelines";
import * as rill from "@rill/rill/models";

export const sizes: Promise<number[]> = collect(
  map((bytes: Uint8Array) => bytes.length)(httpSource("https://example.org/data", { signal: AbortSignal.timeout(9) })),
);
export const open: Promise<rill.Backend> = rill.openBackend("wasm", { wasmUrl: new URL("file:///program.wasm") });
console.log(readImageData({ data: new Uint8Array(4), height: 1, width: 1 }).channels);
`;

/** A program that the compiler must refuse, by which it is known to look. */
const WRONG = `
import { take } from "@rill/rill/pipelines";
import type { Backend } from "@rill/rill/models";

export const refused = [take("2"), (backend: Backend) => backend.name === "cuda"];
`;

/** Compilers' settings of people who have no special ones. */
const SETTINGS = {
  "a bundler's": { module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom"] },
  "node's, exact": {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023", "dom"],
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  },
  "the newest": { module: "nodenext", moduleResolution: "nodenext", lib: ["esnext", "dom"] },
  "node's, without a browser's types": {
    module: "nodenext",
    moduleResolution: "nodenext",
    lib: ["es2023"],
    types: ["node"],
  },
};

/** Makes the project: the package with its declarations, and a program that imports every entry point. */
async function makeTypedProject(dir: string): Promise<void> {
  await makeNpmProject(dir);
  const install = ["install", "--quiet", "--dev", "npm:@types/node@20"];
  assertEquals((await runProcess(Deno.execPath(), install, dir)).code, 0);

  const { exports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const files = (await listPackedFiles()).filter((path) =>
    /^(?:models|pipelines|tasks\/display)\//.test(path)
  );
  const entries = Object.entries<string>(exports)
    .map(([entry, path]) => [entry, path.slice(2)] as const)
    .filter(([, path]) => files.includes(path));
  const own = `${dir}/node_modules/@rill/rill`;
  await Deno.writeTextFile(
    `${dir}/modules.json`,
    JSON.stringify({ files, entries: entries.map(([, path]) => path) }),
  );
  const emit = ["run", "-A", "--no-check", "tests/_npm/emit_declarations.ts"];
  const args = [...emit, root, own, `${dir}/modules.json`];
  const { code, stderr } = await runProcess(Deno.execPath(), args, root);
  assertEquals(code, 0, `public types that can't be declared by themselves:\n${stderr}`);

  const manifest = JSON.parse(await Deno.readTextFile(`${own}/package.json`));
  manifest.exports = Object.fromEntries(entries.map(([entry, path]) => {
    const stem = `./${path.replace(/\.ts$/, "")}`;
    return [entry, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  }));
  await Deno.writeTextFile(`${own}/package.json`, JSON.stringify(manifest));
  const imports = entries.map(([entry], i) =>
    `import * as all${i} from "@rill/rill${entry.slice(1)}";\nexport { all${i} };`
  );
  await Deno.writeTextFile(`${dir}/all.ts`, imports.join("\n"));
  await Deno.writeTextFile(`${dir}/page.ts`, PAGE);
  await Deno.writeTextFile(`${dir}/program.ts`, PROGRAM);
  await Deno.writeTextFile(`${dir}/wrong.ts`, WRONG);
}

/** Has the compiler check files in a project. */
async function check(dir: string, settings: object, files: readonly string[]): Promise<string> {
  const compilerOptions = { strict: true, noEmit: true, target: "es2023", types: [], ...settings };
  await Deno.writeTextFile(`${dir}/tsconfig.json`, JSON.stringify({ compilerOptions, files }));
  const { stdout } = await runTsc(["--pretty", "false", "-p", dir]);
  return stdout;
}

testUnless(missing ?? nightly, "tsc is content with the package as npm sees it", async () => {
  const dir = await Deno.makeTempDir({ prefix: "rill-types-" });
  try {
    await makeTypedProject(dir);
    for (const [name, settings] of Object.entries(SETTINGS)) {
      const own = settings.lib.includes("dom") ? "page.ts" : "program.ts";
      assertEquals(await check(dir, settings, ["all.ts", own]), "", name);
    }
    const refused = await check(dir, SETTINGS["a bundler's"], ["wrong.ts"]);
    assertMatch(refused, /wrong\.ts\(5,\d+\): error TS2345: .*'string'.*'number'/);
    assertMatch(refused, /wrong\.ts\(5,\d+\): error TS2367: .*"cuda"/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

import { root, rootUrl } from "../_package/list_packed_files.ts";
import { runForOutput } from "../_package/process.ts";
import { type PageRow, PAGES, type StageRow, STAGES } from "./rows.ts";

/** What was measured of stages, in bytes gzipped. */
export interface StageBytes {
  readonly row: StageRow;
  /** Imported from `@rill/rill/pipelines`; undefined where that hasn't them. */
  readonly fromWhole: number | undefined;
  /** Imported from their own entry point. */
  readonly fromEntry: number;
  /** Beside that, what is loaded when it is first needed. */
  readonly later: number;
}

/** What was measured of a page, in bytes gzipped. */
export interface PageBytes {
  readonly row: PageRow;
  /** Its scripts, with the kernels in them. */
  readonly scripts: number;
  /** The kernels for WASM that are in them. */
  readonly kernels: number;
}

/** All that was measured. */
export interface Bytes {
  readonly stages: readonly StageBytes[];
  /** All of `pipelines`. */
  readonly whole: number;
  readonly pages: readonly PageBytes[];
}

/** Bundles stages and pages as they are bundled for browsers, and measures their scripts. */
export async function measureBytes(): Promise<Bytes> {
  const dir = await Deno.makeTempDir({ prefix: "rill-bytes-" });
  try {
    const { exports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
    const address = (entry: string) => new URL(exports[`./pipelines${entry}`], rootUrl).href;
    const measure = async (what: string, entry: string) => {
      const text = `export ${what} from ${JSON.stringify(address(entry))};\n`;
      const folder = await bundle(await write(dir, text));
      const [atOnce, all] = [
        await measureLoaded(folder, () => false),
        await measureLoaded(folder, () => true),
      ];
      return { atOnce, later: all - atOnce };
    };
    const stages = await inTurns(STAGES, async (row) => {
      const what = `{ ${row.names.join(", ")} }`;
      const { atOnce, later } = await measure(what, `/${row.entry}`);
      return {
        row,
        fromWhole: row.isApart ? undefined : (await measure(what, "")).atOnce,
        fromEntry: atOnce,
        later,
      };
    });
    const whole = (await measure("*", "")).atOnce;
    const programs = [...new Set(PAGES.map(({ program }) => program))];
    const folders = await inTurns(programs, async (program) => {
      const url = new URL(`pages/${program}.ts`, import.meta.url).href;
      return [program, await bundle(await write(dir, `import ${JSON.stringify(url)};\n`))] as const;
    });
    const byProgram = new Map(folders);
    const drawing = await measureKernels("_draw_bytes.ts");
    const others = await measureKernels("_module_bytes.ts");
    const pages = await inTurns(PAGES, async (row) => ({
      row,
      scripts: await measureLoaded(
        byProgram.get(row.program)!,
        (name) => name.startsWith(`_open_${row.backend}`),
      ),
      kernels: row.backend === "wasm" ? drawing + others : drawing,
    }));
    return { stages, whole, pages };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** The files of a folder of its own for a program. */
async function write(dir: string, text: string): Promise<string> {
  const folder = await Deno.makeTempDir({ dir });
  await Deno.writeTextFile(`${folder}/program.ts`, text);
  return folder;
}

/** Bundles a program; what is imported at run time is in files of its own. */
async function bundle(folder: string): Promise<string> {
  const args = ["bundle", "--quiet", "--minify", "--platform=browser", "--code-splitting"];
  const files = [`--config=${root}deno.json`, `--outdir=${folder}/out`, `${folder}/program.ts`];
  await runForOutput(Deno.execPath(), [...args, ...files, "--external=node:*"], root);
  return `${folder}/out`;
}

/** A script, and those that it imports: at once, and at run time. */
interface Script {
  readonly name: string;
  readonly text: string;
  readonly imports: readonly string[];
  readonly later: readonly string[];
}

async function readScripts(folder: string): Promise<Script[]> {
  const scripts: Script[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    const find = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);
    scripts.push({
      name,
      text,
      imports: find(/(?:\bfrom|\bimport)\s*"\.\/([\w.-]+)"/g),
      later: find(/\bimport\(\s*"\.\/([\w.-]+)"\s*\)/g),
    });
  }
  return scripts;
}

/**
 * Measures what a program loads.
 *
 * @param isNeeded Tells of a script that is imported at run time whether it is.
 */
async function measureLoaded(
  folder: string,
  isNeeded: (name: string) => boolean,
): Promise<number> {
  const scripts = new Map((await readScripts(folder)).map((script) => [script.name, script]));
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const { imports, later } = scripts.get(name)!;
    for (const other of [...imports, ...later.filter(isNeeded)]) load(other);
  };
  load("program.js");
  const sizes = await Promise.all([...loaded].map((name) => gzip(scripts.get(name)!.text)));
  return sizes.reduce((a, b) => a + b, 0);
}

/** Measures the text that Rill's kernels for WASM are in scripts: those that draw parameters, on each backend, or the others. */
async function measureKernels(file: "_draw_bytes.ts" | "_module_bytes.ts"): Promise<number> {
  const url = new URL(`models/kernels/wasm/${file}`, rootUrl);
  const text = await Deno.readTextFile(url);
  return await gzip([...text.matchAll(/"([\w+/=]+)"/g)].map(([, base64]) => base64).join(""));
}

async function gzip(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** Does so with some at a time: a bundler uses a processor or two. */
async function inTurns<T, U>(items: readonly T[], fn: (item: T) => Promise<U>): Promise<U[]> {
  const results: U[] = [];
  const queue = [...items.entries()];
  const work = async () => {
    for (let next; (next = queue.shift());) results[next[0]] = await fn(next[1]);
  };
  await Promise.all([work(), work()]);
  return results;
}

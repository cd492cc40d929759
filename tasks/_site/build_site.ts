import { fileURLToPath } from "node:url";
import type { FlagValues } from "../_cli/flags.ts";
import { UsageError } from "../_cli/errors.ts";
import { hashBytes, joinPath } from "../_files/files.ts";
import { replaceFolder } from "../_files/replace_folder.ts";
import { packData } from "./pack_data.ts";
import { packModel } from "./pack_model.ts";
import { renderSite } from "./render_site.ts";
import { FACTS, MODEL, type SiteFacts, WASM } from "./site_facts.ts";
import type { siteFlags } from "./site_flags.ts";

/** The modules that a page loads by their addresses; each is bundled as one that shares parts with the others. */
const ENTRIES = ["main", "worker", "service_worker"];

/** Files of packages that code looks for beside the page. */
const PROGRAMS: Readonly<Record<string, string>> = {
  [`${WASM}tfjs-backend-wasm-simd.wasm`]:
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm",
  [`${WASM}tfjs-backend-wasm.wasm`]:
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm",
  "webp_dec.wasm": "@jsquash/webp/codec/dec/webp_dec.wasm",
};

/** What a site consists of, by the paths from its folder. */
export type SiteFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Makes the files of a site: the page, its programs, and the model and the data that come with it. */
export async function makeSite(
  flags: FlagValues<typeof siteFlags>,
  note: (line: string) => void,
): Promise<SiteFiles> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const model = await packModel(flags, note);
  if (model) files.set(MODEL, model.bytes);
  const data = flags.images === 0 ? undefined : await packData(flags, model, note);
  data?.files.forEach((bytes, path) => files.set(path, bytes));
  for (const [path, bytes] of await bundle()) files.set(path, bytes);
  for (const [path, name] of Object.entries(PROGRAMS)) {
    files.set(path, await Deno.readFile(new URL(import.meta.resolve(name))));
  }
  const encode = (text: string) => new TextEncoder().encode(text);
  files.set("index.html", encode(await renderSite(await readStyle())));
  const facts: SiteFacts = {
    version: await hashFiles(files),
    model: model ? { file: MODEL, title: model.title } : null,
    data: data?.facts ?? null,
  };
  files.set(FACTS, encode(JSON.stringify(facts)));
  // The page itself is what the address of the folder gives.
  const paths = [...files.keys()].filter((path) => path !== SERVICE_WORKER);
  const site = { version: await hashFiles(files), paths: ["./", ...paths] };
  const worker = new TextDecoder().decode(files.get(SERVICE_WORKER));
  files.set(SERVICE_WORKER, encode(`const SITE = ${JSON.stringify(site)};\n${worker}`));
  return files;
}

const SERVICE_WORKER = "service_worker.js";

/** Computes what tells files from others. */
async function hashFiles(files: SiteFiles): Promise<string> {
  const sums = await Promise.all(
    [...files].map(async ([path, bytes]) => `${path} ${await hashBytes(bytes)}`),
  );
  return (await hashBytes(new TextEncoder().encode(sums.sort().join("\n")))).slice(0, 16);
}

/** Reads the style of the curves. */
const readStyle = (): Promise<string> =>
  Deno.readTextFile(new URL(import.meta.resolve("uplot/dist/uPlot.min.css")));

/** Bundles the programs of the page by esbuild, which Deno brings. */
async function bundle(): Promise<SiteFiles> {
  const dir = await Deno.makeTempDir({ prefix: "rill-site-" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--platform=browser", "--code-splitting", "--minify"],
        `--outdir=${dir}`,
        ...ENTRIES.map((name) => `tasks/_site/browser/${name}.ts`),
      ],
      // It takes the settings of the checkout.
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) {
      throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
    }
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for await (const { name } of Deno.readDir(dir)) {
      files.set(name, await Deno.readFile(joinPath(dir, name)));
    }
    return files;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/**
 * Writes a site to a folder as a whole or not at all, in the place of one that is there.
 *
 * @throws {UsageError} If there is something else in the folder.
 */
export async function writeSite(dir: string, files: SiteFiles): Promise<void> {
  await checkFolder(dir);
  await replaceFolder(dir, async (building) => {
    for (const [path, bytes] of files) {
      const [, folder = ""] = /^(.*\/)?[^/]*$/.exec(path) ?? [];
      await Deno.mkdir(joinPath(building, folder), { recursive: true });
      await Deno.writeFile(joinPath(building, path), bytes);
    }
  });
}

/** Checks that a folder is a site, is empty, or isn't there. */
export async function checkFolder(dir: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(dir)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(`Cannot write the site to ${dir} as it is a file`);
    }
    throw error;
  }
  if (names.length === 0 || [FACTS, SERVICE_WORKER].every((name) => names.includes(name))) return;
  throw new UsageError(
    `Cannot write the site to ${dir} as it holds other files: name a new folder with --out`,
  );
}

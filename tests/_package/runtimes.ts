import type { Results } from "../consumer/report.ts";
import { runInChromium } from "./chromium.ts";
import { findProgram } from "./find_program.ts";
import { runForOutput } from "./process.ts";

/** A runtime that can run a project's `support.ts`. */
export interface Runtime {
  /** Its name, for people. */
  readonly name: string;
  /** What is missing to use it here, if anything. */
  readonly missing?: string | undefined;
  /** Whether there are files in it. */
  readonly hasFiles: boolean;
  /** Runs the project in a folder. */
  run(dir: string): Promise<Results>;
}

/** Finds the runtimes that there are, whether installed or not. */
export async function findRuntimes(): Promise<Runtime[]> {
  const node = await findProgram("node");
  const chromium = await findProgram("chromium", "google-chrome");
  return [
    {
      name: "Deno",
      hasFiles: true,
      run: async (dir) => {
        const args = ["run", "--no-prompt", "--allow-read", "--allow-write=.", "support.ts"];
        return JSON.parse(await runForOutput(Deno.execPath(), args, dir));
      },
    },
    {
      name: "Node",
      hasFiles: true,
      missing: node && Number(/^v(\d+)/.exec(node.version)?.[1]) >= 20 ? undefined : "no Node 20+",
      run: async (dir) =>
        JSON.parse(await runForOutput(node!.name, [`${await bundle(dir)}/support.js`], dir)),
    },
    {
      name: "Chromium",
      hasFiles: false,
      missing: chromium ? undefined : "no Chromium",
      run: async (dir) =>
        JSON.parse(await runInChromium(chromium!.name, await bundle(dir), "support.js")),
    },
  ];
}

/** The programs of decoders, which a bundler must carry over. */
const programs = [
  "@jsquash/webp/codec/dec/webp_dec.wasm",
];

const bundles = new Map<string, Promise<string>>();

/**
 * Bundles a project's `support.ts` for browsers and Node, once. Each program is a file of its own, so that one which imports
 * what the runtime hasn't fails alone.
 *
 * @returns The folder.
 */
function bundle(dir: string): Promise<string> {
  const bundled = bundles.get(dir) ?? makeBundle(dir);
  bundles.set(dir, bundled);
  return bundled;
}

async function makeBundle(dir: string): Promise<string> {
  const out = `${dir}/dist`;
  const args = ["bundle", "--quiet", "--platform=browser", "--code-splitting", `--outdir=${out}`];
  await runForOutput(Deno.execPath(), [...args, "support.ts", "--external=node:*"], dir);
  await Deno.writeTextFile(`${out}/package.json`, '{ "type": "module" }');
  for (const program of programs) {
    const from = new URL(import.meta.resolve(program));
    // For browsers beside the code, and for Node in its package.
    const installed = `${out}/node_modules/${program}`;
    await Deno.mkdir(installed.slice(0, installed.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(from, installed);
    await Deno.copyFile(from, `${out}/${program.slice(program.lastIndexOf("/") + 1)}`);
  }
  return out;
}

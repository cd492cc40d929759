import { assert, assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFile(new URL(path, root));
const manifest = JSON.parse(await read("deno.json"));

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* filesOf(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

/** The modules of a folder that are public: one symbol each, named after it. */
async function publicModules(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(filesOf(folder));
  return files
    .filter((path) => path.split("/").length === 2)
    .map((path) => path.slice(folder.length + 1, -".ts".length))
    .filter((name) => !name.startsWith("_") && name !== "mod")
    .sort();
}

async function importsOf(path: string): Promise<string[]> {
  const source = (await read(path)).replace(/\/\*[\s\S]*?\*\//g, "");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) =>
    specifier
  );
}

/** Modules that a package or files make too heavy for their folder's mod.ts: each is had by its own name only. */
const APART = ["cache_file", "decode_image", "decode_image_bytes", "image_folder"];

/** What these, and what they are made of, may import beside their neighbours. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "pipelines/_cache_reader.ts": ["node:fs/promises"],
  "pipelines/_cache_writer.ts": ["node:fs/promises", "node:path"],
  "pipelines/_image_decoder.ts": [
    "@jsquash/jpeg/codec/dec/mozjpeg_dec.js",
    "@jsquash/webp/codec/dec/webp_dec.js",
  ],
  "pipelines/image_folder.ts": ["node:fs/promises", "node:path"],
};

/** They read files: the images of a folder, a cache, a decoder's program. */
const WITH_FILES = [
  "pipelines/_cache_reader.ts",
  "pipelines/_cache_writer.ts",
  "pipelines/_wasm_codec.ts",
  "pipelines/image_folder.ts",
];

for (const folder of ["pipelines", "models"]) {
  Deno.test(`${folder}/mod.ts re-exports every public module and nothing else`, async () => {
    const exported = [...(await read(`${folder}/mod.ts`)).matchAll(/"\.\/(\w+)\.ts"/g)]
      .map(([, name]) => name);
    const expected = (await publicModules(folder)).filter((name) => !APART.includes(name));
    assertEquals(exported.toSorted(), expected);
  });
}

Deno.test("deno.json exports every public module under its kebab-case name", async () => {
  const expected: Record<string, string> = { ".": "./mod.ts" };
  for (const folder of ["pipelines", "models"]) {
    expected[`./${folder}`] = `./${folder}/mod.ts`;
    for (const name of await publicModules(folder)) {
      expected[`./${folder}/${name.replaceAll("_", "-")}`] = `./${folder}/${name}.ts`;
    }
  }
  assertEquals(manifest.exports, expected);
});

Deno.test("pipelines/ imports nothing from outside itself, and models/ nothing of it", async () => {
  for await (const path of filesOf("pipelines")) {
    for (const specifier of await importsOf(path)) {
      if (OUTSIDE[path]?.includes(specifier)) continue;
      assert(/^\.\/[a-z0-9_]+\.ts$/.test(specifier), `${path} imports ${specifier}`);
    }
  }
  for await (const path of filesOf("models")) {
    assert(!(await importsOf(path)).some((specifier) => specifier.includes("pipelines/")), path);
  }
});

Deno.test("pipelines/ and models/ use nothing that only Deno or Node has", async () => {
  for (const folder of ["pipelines", "models"]) {
    for await (const path of filesOf(folder)) {
      if (WITH_FILES.includes(path)) continue;
      const code = (await read(path)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      assert(!/\bDeno\.|["']node:|\bprocess\./.test(code), path);
    }
  }
});

/** They measure the tensor library. */
const MEASURED = ["kernel_workloads", "profile_step", "tfjs_data_worker", "watch_kernels"]
  .map((name) => `tasks/_bench/${name}.ts`);

Deno.test("only models/kernels/ and the seam know the tensor library", async () => {
  for (const folder of ["models", "tasks"]) {
    for await (const path of filesOf(folder)) {
      if (path.startsWith("models/kernels/") || path === "models/_ops.ts") continue;
      if (MEASURED.includes(path)) continue;
      const imports = await importsOf(path);
      assert(!imports.some((specifier) => specifier.includes("tensorflow")), path);
    }
  }
});

Deno.test("./pipelines loads no tensor library", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "pipelines/mod.ts"],
    cwd: root,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  const loaded = modules.map(({ specifier }: { specifier: string }) => specifier);
  assert(loaded.length > 20);
  assertEquals(
    loaded.filter((specifier: string) => !specifier.startsWith(`${root}pipelines/`)),
    [],
  );
});

Deno.test("every task is in the README, and has named permissions", async () => {
  const readme = await read("README.md");
  for (const [name, { command }] of Object.entries<{ command: string }>(manifest.tasks)) {
    assert(readme.includes(`deno task ${name}`), `the README lacks deno task ${name}`);
    assert(!/ -A\b|--allow-all|--allow-run(?!=)/.test(command), name);
  }
});

Deno.test("mod.ts has the version of the changelog", async () => {
  const [, version] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(await read("CHANGELOG.md")) ?? [];
  assertEquals(manifest.version, version);
});

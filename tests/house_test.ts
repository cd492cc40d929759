import { assert, assertEquals } from "@std/assert";
import { basename, dirname, isInternal, modulesOf, read, root } from "./_house.ts";

const manifest = JSON.parse(await read("deno.json"));
const product = await modulesOf("pipelines", "models", "tasks");
const library = product.filter(({ path }) => !path.startsWith("tasks/"));

// --- Files and folders

/** Files of bytes that a program has written. */
const GENERATED = ["_module_bytes.ts", "mix_rows_bytes.ts"];

/** Short files that have nowhere else to be, each with its reason. */
const SHORT: Readonly<Record<string, string>> = {};

Deno.test.ignore("a folder holds at most 30 files", () => {
  const counts = Object.groupBy(product, ({ path }) => dirname(path));
  const full = Object.entries(counts).filter(([, files]) => files!.length > 30);
  assertEquals(full.map(([folder, files]) => `${folder}: ${files!.length}`), []);
});

Deno.test.ignore("a file holds at most 350 lines", () => {
  const long = product.filter(({ path, lines }) =>
    lines > 350 && !GENERATED.includes(basename(path))
  );
  assertEquals(long.map(({ path, lines }) => `${path}: ${lines}`), []);
});

Deno.test.ignore("few files hold less than 15 lines, each for a reason", () => {
  const short = product.filter(({ path, lines }) => lines < 15 && basename(path) !== "mod.ts");
  assertEquals(short.map(({ path }) => path).sort(), Object.keys(SHORT).sort());
  assert(short.length <= 15, `${short.length} files`);
});

// --- Imports

/** The groups of more than one node that can reach each other (Tarjan's algorithm). */
function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): void => {
    const at = order.size;
    order.set(node, at);
    lowest.set(node, at);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== at) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) cycles.push(group.sort());
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return cycles;
}

Deno.test.ignore("imports form no circle, neither of files nor of folders", () => {
  const files = new Map<string, Set<string>>();
  const folders = new Map<string, Set<string>>();
  // A `mod.ts` stands above what it re-exports.
  for (const { path, imports } of product.filter(({ path }) => basename(path) !== "mod.ts")) {
    files.set(path, new Set(imports));
    const from = dirname(path);
    const into = folders.get(from) ?? new Set();
    folders.set(from, into);
    for (const other of imports) {
      if (basename(other) !== "mod.ts" && dirname(other) !== from) into.add(dirname(other));
    }
  }
  assertEquals(findCycles(files), []);
  assertEquals(findCycles(folders), []);
});

Deno.test("findCycles() finds circles", () => {
  const graph = (text: string) =>
    new Map(text.split(" ").map((edges) => [edges[0], new Set(edges.slice(1))]));
  assertEquals(findCycles(graph("abc bd cd d")), []);
  assertEquals(findCycles(graph("ab bc ca d")), [["a", "b", "c"]]);
  assertEquals(findCycles(graph("ab bac cd dc")), [["c", "d"], ["a", "b"]]);
});

/** The floors of each half, from the lowest: a folder imports from its own floor and those before it only. */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  pipelines: [
    ["_arguments", "_bytes"],
    ["random", "stage"],
    ["data"],
    ["items", "indexed", "workers", "measure"],
    ["formats", "http"],
    ["codecs", "images"],
  ],
  models: [
    ["types", "random"],
    ["backend"],
    ["kernels"],
    ["ops"],
    ["layers"],
    ["losses", "networks", "optimizers", "parallel"],
    ["weights"],
    ["training"],
  ],
};

for (const [half, floors] of Object.entries(FLOORS)) {
  Deno.test.ignore(`imports in ${half}/ go down, never up`, () => {
    const floorOf = (path: string): number => {
      const [, room] = path.split("/");
      const floor = floors.findIndex((rooms) => rooms.includes(room));
      // What lies in no room stands above all.
      return floor < 0 && room.endsWith(".ts") ? floors.length : floor;
    };
    for (const { path, imports } of library) {
      if (!path.startsWith(`${half}/`)) continue;
      assert(floorOf(path) >= 0, `${path} is in a room without a floor`);
      for (const other of imports) {
        if (!other.startsWith(`${half}/`)) continue;
        assert(floorOf(other) <= floorOf(path), `${path} imports ${other}`);
      }
    }
  });
}

Deno.test.ignore("the generic stages don't know images", () => {
  for (const { path, imports } of library) {
    if (!/^pipelines\/(?:stage|items|indexed|workers|measure|formats|http)\//.test(path)) continue;
    const known = imports.filter((other) => /^pipelines\/(?:data|images|codecs)\//.test(other));
    assertEquals(known, [], path);
  }
});

Deno.test("an internal module is imported only by its own half", () => {
  const half = (path: string) => path.split("/")[0];
  for (const { path, imports } of library) {
    for (const other of imports) {
      if (isInternal(other)) assertEquals(half(other), half(path), `${path} imports ${other}`);
    }
  }
});

/** What pipelines/ imports from elsewhere. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "pipelines/formats/cache_file/_cache_reader.ts": ["node:fs/promises"],
  "pipelines/formats/cache_file/_cache_writer.ts": ["node:fs/promises", "node:path"],
  "pipelines/codecs/_image_decoder.ts": [
    "@jsquash/jpeg/codec/dec/mozjpeg_dec.js",
    "@jsquash/webp/codec/dec/webp_dec.js",
  ],
  "pipelines/codecs/image_folder.ts": ["node:fs/promises", "node:path"],
};

Deno.test("pipelines/ imports nothing from outside itself, and models/ nothing of it", () => {
  for (const { path, imports, packages } of library) {
    const half = path.split("/")[0];
    assertEquals(imports.filter((other) => !other.startsWith(`${half}/`)), [], path);
    if (half !== "pipelines") continue;
    assertEquals(packages.filter((name) => !OUTSIDE[path]?.includes(name)), [], path);
  }
});

/** They read files: the images of a folder, a cache, a decoder's program. */
const WITH_FILES = [...Object.keys(OUTSIDE), "pipelines/codecs/_wasm_codec.ts"];

Deno.test("pipelines/ and models/ use nothing that only Deno or Node has", () => {
  for (const { path, code } of library) {
    if (WITH_FILES.includes(path)) continue;
    assert(!/\bDeno\.|["']node:|\bprocess\./.test(code), path);
  }
});

/** They measure the tensor library. */
const MEASURED = [
  "input/bench_input",
  "kernels/kernel_workloads",
  "kernels/profile_step",
  "kernels/watch_kernels",
  "pipelines/tfjs_data_worker",
  "roofline/peaks",
  "sets/bench_sets",
].map((name) => `tasks/_bench/${name}.ts`);

Deno.test("only kernels/ and ops/ know the tensor library", () => {
  for (const { path, packages } of product) {
    if (/^models\/(?:kernels|ops)\//.test(path) || MEASURED.includes(path)) continue;
    assertEquals(packages.filter((name) => name.includes("tensorflow")), [], path);
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

// --- The public surface

/** Modules that a package or files make too heavy for a mod.ts: each is had by its own entry point only. */
const APART = ["cache_file", "decode_image", "image_folder"];

Deno.test("each mod.ts re-exports the public modules of its folder, and nothing else", () => {
  for (const half of ["pipelines", "models"]) {
    const open = library.filter(({ path }) => path.startsWith(`${half}/`) && !isInternal(path));
    for (const folder of new Set(open.map(({ path }) => dirname(path)))) {
      const mod = open.find(({ path }) => path === `${folder}/mod.ts`);
      assert(mod, `${folder} has no mod.ts`);
      const below = open.map(({ path }) => path).filter((path) =>
        path !== mod.path && !APART.includes(basename(path).slice(0, -".ts".length)) &&
        (dirname(path) === folder ||
          basename(path) === "mod.ts" && dirname(dirname(path)) === folder)
      );
      assertEquals(mod.imports.toSorted(), below.toSorted(), mod.path);
      assert(/^(?:export \* from "[^"]+";\s*)+$/.test(mod.code.trim()), mod.path);
    }
  }
});

Deno.test("deno.json has an entry point for each public module with something to call", () => {
  const expected: Record<string, string> = { ".": "./mod.ts" };
  for (const half of ["pipelines", "models"]) {
    expected[`./${half}`] = `./${half}/mod.ts`;
    const open = library.filter(({ path, hasValues }) =>
      path.startsWith(`${half}/`) && !isInternal(path) && hasValues &&
      !/(?:^|\/)mod\.ts$|_error\.ts$/.test(path)
    );
    for (const { path } of open) {
      const name = basename(path).slice(0, -".ts".length).replaceAll("_", "-");
      assert(!(`./${half}/${name}` in expected), `two modules are called ${name}`);
      expected[`./${half}/${name}`] = `./${path}`;
    }
  }
  assertEquals(manifest.exports, expected);
});

Deno.test("every task is in the README, and has named permissions", async () => {
  const readme = await read("README.md");
  const permissions = await read("tasks/permissions.txt");
  for (const [name, { command }] of Object.entries<{ command: string }>(manifest.tasks)) {
    assert(readme.includes(`deno task ${name}`), `the README lacks deno task ${name}`);
    const flags = command.replace("$(cat tasks/permissions.txt)", permissions);
    assert(!/\$\(cat|\s-A\b|--allow-all|--allow-(?:ffi|net|run|sys)(?!=)/.test(flags), name);
  }
});

Deno.test("mod.ts has the version of the changelog", async () => {
  const [, version] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(await read("CHANGELOG.md")) ?? [];
  assertEquals(manifest.version, version);
});

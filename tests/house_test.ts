import { assert, assertEquals } from "@std/assert";
import {
  APART,
  findEntryPoints,
  moduleName,
  NAMESPACE,
  SHARED,
} from "../tasks/_exports/entry_points.ts";
import {
  basename,
  dirname,
  isInternal,
  listModules,
  readText,
  root,
} from "../tasks/_exports/modules.ts";

const manifest = JSON.parse(await readText("deno.json"));
const product = await listModules("pipelines", "models", "tasks");
const halves = product.filter(({ path }) => !path.startsWith("tasks/"));
const display = product.filter(({ path }) => path.startsWith("tasks/display/"));
const mpi = product.filter(({ path }) => path.startsWith("tasks/mpi/"));
const library = [...halves, ...display];

// --- Files and folders

/** Files that a program has written. */
const GENERATED = [
  "_draw_bytes.ts",
  "_libjpeg_bytes.ts",
  "_module_bytes.ts",
  "_onnx_pb.ts",
  "mix_rows_bytes.ts",
];

/** Short files that have nowhere else to be, each with its reason. */
const SHORT: Readonly<Record<string, string>> = {
  "models/kernels/tfjs/_core.ts": "re-exports tfjs's core, for the import map",
  "models/ops/_ops.ts": "re-exports the operations, for import * as ops",
  "models/training/threads/_thread.ts": "is a worker's entry",
  "tasks/_train/training_worker.ts": "is a worker's entry",
  "tasks/evaluate.ts": "is a task's entry",
  "tasks/export.ts": "is a task's entry",
  "tasks/predict.ts": "is a task's entry",
  "tasks/serve.ts": "is a task's entry",
  "tasks/report.ts": "is a task's entry",
  "tasks/site.ts": "is a task's entry",
  "tasks/tune.ts": "is a task's entry",
};

Deno.test("a folder holds at most 30 files", () => {
  const counts = Object.groupBy(product, ({ path }) => dirname(path));
  const full = Object.entries(counts).filter(([, files]) => files && files.length > 30);
  assertEquals(full.map(([folder, files]) => `${folder}: ${files?.length}`), []);
});

Deno.test("a file holds at most 350 lines", () => {
  const long = product.filter(({ path, lines }) =>
    lines > 350 && !GENERATED.includes(basename(path))
  );
  assertEquals(long.map(({ path, lines }) => `${path}: ${lines}`), []);
});

Deno.test("few files hold less than 15 lines, each for a reason", () => {
  const short = product.filter(({ path, lines }) => lines < 15 && basename(path) !== "mod.ts");
  assertEquals(short.map(({ path }) => path).sort(), Object.keys(SHORT).sort());
  assert(short.length <= 15, `${short.length} files`);
});

// --- Imports

/** Finds the groups of more than one node that can reach each other (Tarjan's algorithm). */
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

Deno.test("imports form no circle, neither of files nor of folders", () => {
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
    new Map(text.split(" ").map(([node = "", ...edges]) => [node, new Set(edges)]));
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
    ["losses", "metrics", "networks", "optimizers", "parallel"],
    ["weights"],
    ["onnx"],
    ["training"],
  ],
};

for (const [half, floors] of Object.entries(FLOORS)) {
  Deno.test(`imports in ${half}/ go down, never up`, () => {
    const floorOf = (path: string): number => {
      const [, room = ""] = path.split("/");
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

Deno.test("the generic stages don't know images", () => {
  for (const { path, imports } of library) {
    if (!/^pipelines\/(?:stage|items|indexed|workers|measure|formats|http)\//.test(path)) continue;
    const known = imports.filter((other) => /^pipelines\/(?:data|images|codecs)\//.test(other));
    assertEquals(known, [], path);
  }
});

Deno.test("an internal module is imported only by its own half", () => {
  const half = (path: string) => path.split("/")[0];
  for (const { path, imports } of [...library, ...mpi]) {
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
    "@jsquash/webp/codec/dec/webp_dec.js",
  ],
  "pipelines/codecs/_list_images.ts": ["node:fs", "node:fs/promises", "node:path"],
  "pipelines/codecs/image_folder.ts": ["node:fs/promises", "node:path"],
  "pipelines/formats/gzip/gunzip.ts": ["pako"],
};

Deno.test("pipelines/ imports nothing from outside itself, and models/ nothing of it", () => {
  for (const { path, imports, packages } of halves) {
    const half = path.split("/")[0];
    assertEquals(imports.filter((other) => !other.startsWith(`${half}/`)), [], path);
    if (half !== "pipelines") continue;
    assertEquals(packages.filter((name) => !OUTSIDE[path]?.includes(name)), [], path);
  }
});

/** What the rooms of tasks/ that are entry points load. */
const LOADED: Readonly<Record<string, { readonly folders: readonly string[]; least: number }>> = {
  "tasks/display/": { folders: ["pipelines/", "models/", "tasks/display/"], least: 10 },
  "tasks/mpi/": { folders: ["models/parallel/", "tasks/mpi/"], least: 5 },
};

for (const [room, { folders, least }] of Object.entries(LOADED)) {
  Deno.test(`${room} loads neither tensor library nor task`, async () => {
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", `${room}mod.ts`],
      cwd: root,
    }).output();
    assert(success);
    const { modules } = JSON.parse(new TextDecoder().decode(stdout));
    const loaded = modules.filter(({ kind }: { kind: string }) => kind === "esm")
      .map(({ specifier }: { specifier: string }) => specifier);
    assert(loaded.length > least);
    const own = folders.map((folder) => new URL(folder, root).href);
    assertEquals(
      loaded.filter((specifier: string) => !own.some((folder) => specifier.startsWith(folder))),
      [],
    );
  });
}

/** They read files: the images of a folder, a cache, the program of a decoder or of tfjs. */
const WITH_FILES = [
  ...Object.keys(OUTSIDE),
  "pipelines/codecs/_wasm_codec.ts",
  "models/kernels/wasm/program/_load_program.ts",
].filter((path) => path !== "pipelines/formats/gzip/gunzip.ts");

Deno.test("the library uses nothing that only Deno or Node has", () => {
  for (const { path, code } of library) {
    if (WITH_FILES.includes(path)) continue;
    assert(!/\bDeno\.|["']node:|\bprocess\./.test(code), path);
  }
});

Deno.test("the library is written in a syntax that Node 20 and browsers have", () => {
  for (const { path, code } of library) assert(!/^\s*(?:await )?using \w/m.test(code), path);
});

Deno.test("the library calls nothing that its tests are given elsewhere", () => {
  for (const { path, code } of library) {
    assert(!/\bReadableStream\.from\(|\.symmetricDifference\(/.test(code), path);
  }
});

/** They measure the tensor library. */
const MEASURED = [
  "input/bench_input",
  "kernels/kernel_workloads",
  "kernels/layer_workloads",
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

Deno.test("tfjs's core is loaded as bundles need it, before its backends", () => {
  const [core, itself] = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-core-package"];
  assertEquals(manifest.imports[core], "./models/kernels/tfjs/_core.ts");
  for (const { path, packages } of library) {
    if (path.startsWith("models/kernels/tfjs/")) continue;
    assert(!packages.includes(itself), path);
    const backend = packages.findIndex((name) => /^@tensorflow\/tfjs-backend-\w+$/.test(name));
    const first = packages.indexOf(core);
    assert(backend < 0 || first >= 0 && first < backend, path);
  }
});

Deno.test("./pipelines loads no tensor library, and nothing else but pako for gzip", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "pipelines/mod.ts"],
    cwd: root,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  const loaded = modules.map(({ specifier }: { specifier: string }) => specifier);
  assert(loaded.length > 20);
  assertEquals(
    loaded.filter((specifier: string) => !specifier.startsWith(`${root}pipelines/`)),
    ["npm:/pako@3.0.3"],
  );
});

// --- The public surface

Deno.test("the mod.ts of each room re-exports the room's public modules, and nothing else", () => {
  for (const half of ["pipelines", "models"]) {
    const open = library.filter(({ path }) => path.startsWith(`${half}/`) && !isInternal(path));
    const roomOf = (path: string) => {
      const [, room = ""] = path.split("/");
      return room.endsWith(".ts") ? half : `${half}/${room}`;
    };
    const rooms = new Set(open.map(({ path }) => roomOf(path)));
    for (const room of rooms) {
      const mod = open.find(({ path }) => path === `${room}/mod.ts`);
      assert(mod, `${room} has no mod.ts`);
      const modules = open.map(({ path }) => path).filter((path) =>
        roomOf(path) === room && path !== mod.path && !APART.includes(moduleName(path))
      );
      const below = room === half
        ? [...rooms].filter((other) => other !== half && other !== NAMESPACE)
        : [];
      const shared = SHARED.filter((path) => room === half && path.startsWith(`${half}/`));
      assertEquals(
        mod.imports.toSorted(),
        [...modules, ...shared, ...below.map((other) => `${other}/mod.ts`)].toSorted(),
        mod.path,
      );
      assert(/^(?:export \* from "[^"]+";\s*)+$/.test(mod.code.trim()), mod.path);
    }
  }
});

for (const [room, modules] of Object.entries({ "tasks/display": display, "tasks/mpi": mpi })) {
  Deno.test(`${room}/mod.ts re-exports what is public beside it`, () => {
    const mod = modules.find(({ path }) => path === `${room}/mod.ts`);
    assert(mod);
    const open = modules.filter((module) => module !== mod && !isInternal(module.path));
    assertEquals(mod.imports.toSorted(), open.map(({ path }) => path).toSorted());
    assert(/^(?:export \* from "[^"]+";\s*)+$/.test(mod.code.trim()));
  });
}

Deno.test("deno.json has an entry point for each public module with something to call", () => {
  const listed = Object.entries<string>(manifest.exports).map(String);
  const found = Object.entries(findEntryPoints(library)).map(String);
  assertEquals(
    {
      missing: found.filter((entry) => !listed.includes(entry)),
      stale: listed.filter((entry) => !found.includes(entry)),
    },
    { missing: [], stale: [] },
    "write them anew: deno task exports",
  );
  assertEquals(listed, found, "write them anew: deno task exports");
});

/** The part of what `deno doc --json` gives that is used here. */
interface Documentation {
  readonly nodes: Readonly<
    Record<string, {
      readonly module_doc?: { readonly doc?: string };
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly {
          readonly kind: string;
          readonly jsDoc?: {
            readonly doc?: string;
            readonly tags?: readonly { readonly kind: string }[];
          };
          readonly def?: { readonly returnType?: { readonly repr?: string } };
        }[];
      }[];
    }>
  >;
}

// JSR scores both.
Deno.test(
  "each entry point has module documentation, and documents its symbols",
  async () => {
    const entries = Object.values<string>(manifest.exports);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--json", ...entries],
      cwd: root,
    }).output();
    assert(success);
    const { nodes }: Documentation = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(
      entries.filter((entry) => !nodes[new URL(entry, root).href]?.module_doc?.doc),
      [],
      "entry points without module documentation",
    );
    for (const [path, { symbols }] of Object.entries(nodes)) {
      // What is exported again is documented where it is defined.
      const bare = symbols.filter(({ declarations }) =>
        !declarations.some(({ kind, jsDoc }) => kind === "reference" || jsDoc?.doc)
      );
      assert(bare.length <= 0.2 * symbols.length, `${path}: ${bare.map(({ name }) => name)}`);
      for (const { name, declarations } of symbols) {
        const functions = declarations.filter(({ kind }) => kind === "function");
        if (functions.length === 0) continue;
        // The implementation of overloads has no documentation of its own.
        const isTold = functions.some(({ jsDoc, def }) => {
          const tags = jsDoc?.tags?.map(({ kind }) => kind) ?? [];
          return tags.includes("example") &&
            (tags.includes("return") || def?.returnType?.repr === "void");
        });
        assert(isTold, `${path}: ${name} lacks @example or @returns`);
      }
    }
  },
);

Deno.test("every task is in the README, and has named permissions", async () => {
  const readme = await readText("README.md");
  const permissions = await readText("tasks/permissions.txt");
  for (const [name, { command }] of Object.entries<{ command: string }>(manifest.tasks)) {
    assert(readme.includes(`deno task ${name}`), `the README lacks deno task ${name}`);
    // Data and weights may be at any address; the rest is named.
    const flags = command.replace(
      "$(cat tasks/permissions.txt)",
      permissions.replace(/^--allow-net$/m, ""),
    );
    const isAnywhere = name === "site" ? flags.replace("--allow-net ", "") : flags;
    assert(!/\$\(cat|\s-A\b|--allow-all|--allow-(?:ffi|net|run|sys)(?!=)/.test(isAnywhere), name);
    // Deno before 2.9.6 refuses a second flag of one kind.
    const whole = command.replace("$(cat tasks/permissions.txt)", permissions);
    for (const one of whole.replaceAll(/\$\([^)]*\)+/g, "").split(/&&|\|/)) {
      const kinds = one.match(/--allow-\w+/g) ?? [];
      assertEquals(kinds, [...new Set(kinds)], name);
    }
  }
});

Deno.test("mod.ts has the version of the changelog", async () => {
  const [, version] = /^## \[(\d+\.\d+\.\d+)\]/m.exec(await readText("CHANGELOG.md")) ?? [];
  assertEquals(manifest.version, version);
});

Deno.test("the fast tests have the permissions of all tests", () => {
  const listPermissions = (name: string): string[] =>
    manifest.tasks[name].command.match(/--allow-\w+(?:=(?:\$\([^)]*\)|\S+))?/g);
  assertEquals(listPermissions("ok"), listPermissions("test"));
});

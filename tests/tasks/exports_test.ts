import { assertEquals, assertThrows } from "@std/assert";
import { findEntryPoints, writeEntryPoints } from "../../tasks/_exports/entry_points.ts";
import { parseModule } from "../../tasks/_exports/modules.ts";

const library = [
  ["pipelines/items/map.ts", "export function map() {}"],
  ["pipelines/items/flat_map.ts", "export async function flatMap() {}"],
  ["pipelines/items/mod.ts", 'export * from "./map.ts";'],
  ["pipelines/items/_queue.ts", "export class Queue {}"],
  ["pipelines/_bytes/crc32.ts", "export function crc32() {}"],
  ["pipelines/data/image.ts", "export interface Image {}"],
  ["pipelines/formats/cache_file/cache_file.ts", "export const cacheFile = 1;"],
  ["pipelines/formats/cache_file/cache_error.ts", "export class CacheError extends Error {}"],
  ["models/build.ts", "export function build() {}"],
].map(([path = "", source = ""]) => parseModule(path, source));

const ENTRIES = {
  ".": "./mod.ts",
  "./cli": "./tasks/cli.ts",
  "./display": "./tasks/display/mod.ts",
  "./mpi": "./tasks/mpi/mod.ts",
  "./pipelines": "./pipelines/mod.ts",
  "./pipelines/cache-file": "./pipelines/formats/cache_file/cache_file.ts",
  "./pipelines/flat-map": "./pipelines/items/flat_map.ts",
  "./pipelines/map": "./pipelines/items/map.ts",
  "./models": "./models/mod.ts",
  "./models/ops": "./models/ops/mod.ts",
  "./models/build": "./models/build.ts",
};

Deno.test("findEntryPoints() takes public modules with something to call, by name", () => {
  const entries = findEntryPoints(library);
  assertEquals(entries, ENTRIES);
  assertEquals(Object.keys(entries), Object.keys(ENTRIES));
});

Deno.test("findEntryPoints() refuses two modules of one name", () => {
  const twice = [...library, parseModule("pipelines/images/map.ts", "export function map() {}")];
  assertThrows(
    () => findEntryPoints(twice),
    Error,
    "Cannot give ./pipelines/images/map.ts an entry point as ./pipelines/items/map.ts has its name: ./pipelines/map",
  );
});

Deno.test("writeEntryPoints() leaves the rest of deno.json as it is", () => {
  const before = `{
  "name": "@a/b",
  "exports": {
    ".": "./old.ts"
  },
  "imports": {
    "@a/b": "./mod.ts",
    "@a/b/pipelines": "./pipelines/mod.ts",
    "@a/b/pipelines/old": "./old.ts",
    "@std/cli": "jsr:@std/cli@^1"
  },
  "lint": { "rules": { "tags": ["recommended"] } }
}
`;
  const after = `{
  "name": "@a/b",
  "exports": {
${
    Object.entries(ENTRIES).map(([name, path]) =>
      `    ${JSON.stringify(name)}: ${JSON.stringify(path)}`
    ).join(",\n")
  }
  },
  "imports": {
    "@a/b": "./mod.ts",
    "@a/b/pipelines": "./pipelines/mod.ts",
    "@std/cli": "jsr:@std/cli@^1",
    "@a/b/pipelines/cache-file": "./pipelines/formats/cache_file/cache_file.ts",
    "@a/b/models/ops": "./models/ops/mod.ts"
  },
  "lint": { "rules": { "tags": ["recommended"] } }
}
`;
  assertEquals(writeEntryPoints(before, ENTRIES), after);
  assertEquals(writeEntryPoints(after, ENTRIES), after);
});

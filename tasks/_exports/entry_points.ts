import { basename, isInternal, type Module } from "./modules.ts";

/** The modules that a package or files make too heavy for a `mod.ts`: each is had by its own entry point only. */
export const APART: readonly string[] = [
  "cache_file",
  "decode_image",
  "encode_onnx",
  "image_folder",
];

/**
 * The room whose functions are called as those of other rooms are, `conv2d` the operation as `conv2d` the layer: it has one
 * entry point, apart from `mod.ts`, to be imported under a name.
 */
export const NAMESPACE = "models/ops";

/** The modules of that room that are everybody's. */
export const SHARED: readonly string[] = ["models/ops/to_tensor.ts"];

/** The entry points of a package, and the modules behind them, as `deno.json` writes both. */
export type EntryPoints = Readonly<Record<string, string>>;

/** Gives the name of a module without its extension. */
export const moduleName = (path: string): string => basename(path).slice(0, -".ts".length);

/**
 * Gives the entry points that a library has by its modules: the whole, the program, what notebooks show, MPI, each half, and each public module with
 * something to call. Errors are had with what throws them, types with what takes them.
 *
 * @throws {Error} If two modules of a half have one name.
 */
export function findEntryPoints(library: readonly Module[]): EntryPoints {
  const all: Record<string, string> = {
    ".": "./mod.ts",
    "./cli": "./tasks/cli.ts",
    "./display": "./tasks/display/mod.ts",
    "./mpi": "./tasks/mpi/mod.ts",
  };
  for (const half of ["pipelines", "models"]) {
    all[`./${half}`] = `./${half}/mod.ts`;
    const open = library.filter(({ path, hasValues }) =>
      path.startsWith(`${half}/`) && !isInternal(path) && hasValues &&
      !/(?:^|\/)mod\.ts$|_error\.ts$/.test(path) &&
      (!path.startsWith(`${NAMESPACE}/`) || SHARED.includes(path))
    );
    if (NAMESPACE.startsWith(`${half}/`)) all[`./${NAMESPACE}`] = `./${NAMESPACE}/mod.ts`;
    const entries = open.map(({ path }) => [`./${half}/${hyphenate(path)}`, `./${path}`] as const);
    for (const [name, path] of entries.toSorted(([a], [b]) => a < b ? -1 : 1)) {
      if (name in all) {
        throw new Error(`Cannot give ${path} an entry point as ${all[name]} has its name: ${name}`);
      }
      all[name] = path;
    }
  }
  return all;
}

const hyphenate = (path: string): string => moduleName(path).replaceAll("_", "-");

/**
 * Gives the text of `deno.json` with other entry points. The project's own code names those that stand apart, so these are in
 * the import map as well. The rest stays as it is.
 *
 * @throws {SyntaxError} If the text is not JSON.
 */
export function writeEntryPoints(text: string, entries: EntryPoints): string {
  const { name, imports } = JSON.parse(text);
  const apart = Object.entries(entries).filter(([, path]) =>
    APART.includes(moduleName(path)) || path === `./${NAMESPACE}/mod.ts`
  );
  const own = Object.fromEntries(
    Object.entries<string>(imports).filter(([key]) =>
      !key.startsWith(`${name}/pipelines/`) && !key.startsWith(`${name}/models/`)
    ),
  );
  for (const [entry, path] of apart) own[`${name}${entry.slice(1)}`] = path;
  return replaceRecord(replaceRecord(text, "exports", entries), "imports", own);
}

/** Replaces a record of strings at the top of `deno.json`. */
function replaceRecord(text: string, key: string, record: EntryPoints): string {
  const json = JSON.stringify(record, null, 2).replaceAll("\n", "\n  ");
  return text.replace(new RegExp(`(?<=\n  "${key}": )\\{[^}]*\\}`), () => json);
}

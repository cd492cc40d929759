/** The project's folder. */
export const root = new URL("../../", import.meta.url);

/** Reads a file by its path in the project. */
export const readText = (path: string): Promise<string> => Deno.readTextFile(new URL(path, root));

/** Gives the folder of a path. */
export const dirname = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Gives the last part of a path. */
export const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A module of the project. */
export interface Module {
  /** Its path in the project. */
  readonly path: string;
  /** How many lines it has. */
  readonly lines: number;
  /** Its text without comments. */
  readonly code: string;
  /** The paths of the project's modules that it imports or re-exports. */
  readonly imports: readonly string[];
  /** The packages that it imports. */
  readonly packages: readonly string[];
  /** Whether it exports something to call or to use at run time, errors aside. */
  readonly hasValues: boolean;
}

/** Lists the modules of folders, AssemblyScript's aside. */
export async function listModules(...folders: readonly string[]): Promise<Module[]> {
  const modules: Module[] = [];
  for (const folder of folders) {
    for await (const path of listFiles(folder)) {
      modules.push(parseModule(path, await readText(path)));
    }
  }
  return modules.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Tells whether a module, or a folder that it lies in, is not for use outside its half: `pipelines/` or `models/`. */
export const isInternal = (path: string): boolean =>
  path.split("/").slice(1).some((part) => part.startsWith("_"));

async function* listFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory && name !== "assembly") yield* listFiles(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

/** Reads what there is to know of a module from its text. */
export function parseModule(path: string, source: string): Module {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const specifiers = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)]
    .map(([, specifier]) => specifier ?? "");
  return {
    path,
    lines: source.split("\n").length - 1,
    code,
    imports: specifiers.filter((specifier) => specifier.startsWith("."))
      .map((specifier) => new URL(specifier, `file:///${path}`).pathname.slice(1)),
    packages: specifiers.filter((specifier) => !specifier.startsWith(".")),
    hasValues: /^export (?:async )?(?:function|const|let)\b/m.test(code),
  };
}

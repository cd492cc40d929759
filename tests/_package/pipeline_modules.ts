/** A module of `pipelines/` with something to run. */
export interface PipelineModule {
  /** The file's name without its extension. */
  readonly name: string;
  /** The functions that it exports. */
  readonly functions: readonly string[];
  /** The runnable examples in its documentation. */
  readonly examples: readonly string[];
  /** Whether it reaches a module of Node's, and so needs files. */
  readonly needsFiles: boolean;
}

/**
 * Lists the public modules of `pipelines/` that have functions, by name. Those of types and errors alone have none.
 *
 * @param files The package's files.
 * @param read Reads one.
 */
export async function listPipelineModules(
  files: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<PipelineModule[]> {
  const paths = files.filter((path) => /^pipelines\/.*\.ts$/.test(path));
  const sources = new Map(
    await Promise.all(paths.map(async (path) => [path, await read(path)] as const)),
  );
  return paths
    .filter((path) => !/(?:^|\/)(?:_[^/]*|mod\.ts)(?:\/|$)/.test(path))
    .map((path) => {
      const source = sources.get(path)!;
      return {
        name: path.slice(path.lastIndexOf("/") + 1, -".ts".length),
        functions: [...new Set(findFunctions(source))],
        examples: findExamples(source),
        needsFiles: needsNode(path, sources, new Set()),
      };
    })
    .filter(({ functions }) => functions.length > 0)
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
}

/** Finds the names of what a module exports that is there when it runs, errors aside; once for each overload. */
const findFunctions = (source: string): string[] =>
  [...source.matchAll(/^export (?:async )?(?:function\*?|const) (\w+)/gm)]
    .map(([, name = ""]) => name);

/** Finds the code blocks in the documentation of a module that are marked `ts` and no more. */
export function findExamples(source: string): string[] {
  return [...source.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)]
    .map(([, code = ""]) => code.replace(/^ *\* ?/gm, ""));
}

function needsNode(
  path: string,
  sources: ReadonlyMap<string, string>,
  seen: Set<string>,
): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  const code = sources.get(path)!.replace(/\/\*[\s\S]*?\*\//g, "");
  // Types are gone when it runs.
  const imports = [...code.matchAll(/^(?:import|export) (?!type )[^"]*"([^"]+)"/gm)]
    .map(([, specifier = ""]) => specifier);
  return imports.some((specifier) =>
    specifier.startsWith("node:") ||
    specifier.startsWith(".") &&
      needsNode(new URL(specifier, `file:///${path}`).pathname.slice(1), sources, seen)
  );
}

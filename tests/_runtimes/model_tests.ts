import { parseModule } from "../../tasks/_exports/modules.ts";

/** A file with tests of `models/`. */
export interface ModelTests {
  readonly path: string;
  /** What it, or what it imports of the tests and the tasks, uses that only Deno has, such as `Deno.Command`, or Node 20 hasn't. */
  readonly needs: readonly string[];
}

/** The module that something else takes the place of elsewhere. */
export const REPLACED = "tests/models/_webgpu_process.ts";

/** What there is of Deno elsewhere: see `host.ts`. */
const PROVIDED = [
  "Deno.test",
  "Deno.env.get",
  "Deno.readFile",
  "Deno.readTextFile",
  "Deno.TestDefinition",
];

/**
 * Finds the files with tests of `models/`, and what each needs that only Deno has.
 *
 * @param sources The repository's modules, by path.
 */
export function findModelTests(sources: ReadonlyMap<string, string>): ModelTests[] {
  const found = new Map<string, Set<string>>();
  const visit = (path: string): Set<string> => {
    const known = found.get(path);
    if (known) return known;
    const needs = new Set<string>();
    found.set(path, needs);
    const source = sources.get(path);
    // The library is tried as it is.
    if (source === undefined || path === REPLACED || !/^(?:tests|tasks)\//.test(path)) return needs;
    const { code, imports, packages } = parseModule(path, source);
    for (const [use] of code.matchAll(/\bDeno\.\w+(?:\.\w+)?/g)) {
      if (!PROVIDED.some((provided) => `${use}.`.startsWith(`${provided}.`))) needs.add(use);
    }
    // Node 20 cannot parse it.
    if (/^\s*(?:await )?using \w+ =/m.test(code)) needs.add("using");
    for (const name of packages) if (name.startsWith("node:")) needs.add(name);
    for (const other of imports) for (const need of visit(other)) needs.add(need);
    return needs;
  };
  return [...sources.keys()]
    .filter((path) => /^tests\/models\/.*_test\.ts$/.test(path))
    .sort()
    .map((path) => ({ path, needs: [...visit(path)].sort() }));
}

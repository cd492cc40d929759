import { root } from "./list_packed_files.ts";

/** A package of npm that is used. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** The packages that need it; none where deno.json names it. */
  readonly neededBy: readonly string[];
}

/** The licenses that packages may have: they ask for no more than to be named, or not even that. */
export const PERMISSIVE: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "Unlicense",
  "Zlib",
];

/** Packages of other licenses that tests run. Nothing that is published imports them. */
export const TEST_TOOLS: Readonly<Record<string, string>> = { "axe-core": "MPL-2.0" };

interface Lock {
  readonly npm: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
}

/** Reads which packages the lock has, and the license that each names. */
export async function listDependencies(): Promise<readonly Dependency[]> {
  const { npm }: Lock = JSON.parse(await Deno.readTextFile(`${root}deno.lock`));
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const named = Object.values<string>(imports).concat("npm:deno-std@");
  const cache = await findCache();
  // The key of one with peers names these, too: `a@1.0.0_b@2.0.0`.
  const split = (key: string) =>
    /^(@?[^@]+)(?:@([^_]+))?/.exec(key)!.slice(1, 3) as [string, string];
  const entries = Object.entries(npm);
  return await Promise.all(entries.map(async ([key]): Promise<Dependency> => {
    const [name, version] = split(key);
    const { license } = await readPackage(cache, name, version);
    const isNamed = named.some((spec) => new RegExp(`^npm:/?${name}@`).test(spec));
    const neededBy = isNamed ? [] : entries
      .filter(([, { dependencies = [] }]) => dependencies.some((one) => split(one)[0] === name))
      .map(([key]) => split(key)[0]);
    return { name, version, license, neededBy: [...new Set(neededBy)] };
  }));
}

/** Finds the folder in which Deno keeps packages. */
async function findCache(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).npmCache;
}

/** Reads a package's own description, from whatever registry it came. */
async function readPackage(
  cache: string,
  name: string,
  version: string,
): Promise<{ readonly license: string }> {
  for await (const { name: registry } of Deno.readDir(cache)) {
    const path = `${cache}/${registry}/${name}/${version}/package.json`;
    const text = await Deno.readTextFile(path).catch(() => undefined);
    if (text !== undefined) return JSON.parse(text);
  }
  throw new Error(
    `Cannot find ${name} ${version} below ${cache}: deno install --frozen fetches it`,
  );
}

/** Formats the page that lists them. */
export function formatLicensesPage(dependencies: readonly Dependency[]): string {
  const rows = [
    ["package", "version", "license", "needed by"],
    ...dependencies.map(({ name, version, license, neededBy }) => [
      `\`${name}\``,
      version,
      license,
      neededBy.length === 0 ? "Rill" : neededBy.map((name) => `\`${name}\``).join(", "),
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const format = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  const [head, ...body] = rows;
  return `# Dependencies

All packages of npm that Rill, its tests and its tools use, in the versions of \`deno.lock\`, which
has their checksums. [\`tests/_package/write_licenses.ts\`](../tests/_package/write_licenses.ts)
writes this page from what is installed, and a test compares the two.

${format(head!)}
${format(widths.map((width) => "-".repeat(width)))}
${body.map(format).join("\n")}

Beside these the JPEG decoder is libjpeg-turbo, compiled
([the JPEG decoder](decisions/jpeg-decoder.md)): its license is the IJG's and the modified BSD
license, and this software is based in part on the work of the Independent JPEG Group.
`;
}

import denoJson from "../../deno.json" with { type: "json" };

/**
 * Imports a module of somebody's own. Where no import map says what `@rill/rill/models` is, as where this program runs without a
 * checkout in a folder without a `deno.json`, that is this program's own package: the module's text is then loaded with the
 * addresses in the place of the names, and so are the files that it imports.
 *
 * @param address The module's address.
 */
export async function importModule(address: string): Promise<{ readonly default?: unknown }> {
  try {
    return await import(address);
  } catch (error) {
    if (!isUnknownName(error) || !address.startsWith("file:")) throw error;
    return await import(await bind(address, new Map()));
  }
}

/** Tells whether an error is that nobody knows our package's name. */
const isUnknownName = (error: unknown): boolean =>
  error instanceof TypeError && error.message.includes(`"${denoJson.name}`);

/** What stands before a module's name, and the name: `from "a"`, `import "a"`, `import("a")`. */
const IMPORTED = /((?:\bfrom|\bimport)\s*\(?\s*)(["'])([^"'\n]+)\2/g;

/**
 * Makes a module like that of an address, with addresses in the place of relative names and of ours.
 *
 * @param made Those made so far, by their addresses.
 * @returns Its address.
 */
async function bind(address: string, made: Map<string, string>): Promise<string> {
  // Of a circle one file stays as it is: it fails if it names our package.
  made.set(address, address);
  const text = await Deno.readTextFile(new URL(address));
  const names = new Set([...text.matchAll(IMPORTED)].map(([, , , name]) => name!));
  const addresses = new Map<string, string>();
  for (const name of names) {
    if (/^\.{0,2}\//.test(name)) {
      const file = new URL(name, address).href;
      addresses.set(name, made.get(file) ?? await bind(file, made));
    } else {
      const own = findOwn(name);
      if (own !== undefined) addresses.set(name, own);
    }
  }
  const bound = text.replace(
    IMPORTED,
    (_, before, quote, name) => `${before}${quote}${addresses.get(name) ?? name}${quote}`,
  );
  const [, type = "typescript"] = /\.([jt]sx?)$/.exec(address) ?? [];
  const blob = new Blob([bound], { type: TYPES[type] ?? "application/typescript" });
  const url = URL.createObjectURL(blob);
  made.set(address, url);
  return url;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  jsx: "text/jsx",
  tsx: "text/tsx",
};

/** Finds the address of an entry point of our package. */
function findOwn(name: string): string | undefined {
  const { name: own, exports } = denoJson;
  if (name !== own && !name.startsWith(`${own}/`)) return undefined;
  const path = (exports as Readonly<Record<string, string>>)[`.${name.slice(own.length)}`];
  return path && new URL(`../../${path}`, import.meta.url).href;
}

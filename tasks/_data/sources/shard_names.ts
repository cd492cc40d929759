import { dirname, join } from "node:path";
import { createDataError, listNames } from "./source_options.ts";

/** Whether a name is an address. */
export const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);

/**
 * Expands the braces of a name, as a shell does: `{000..009}` to ten, `{train,val}` to two. Numbers keep their zeros.
 *
 * @returns The names, in order; the name itself where it has no braces.
 */
export function expandBraces(text: string): string[] {
  const [whole, before = "", inner = "", after = ""] = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(text) ?? [];
  if (whole === undefined) return [text];
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(inner) ?? [];
  let parts = inner.split(",");
  if (first !== undefined && last !== undefined) {
    const [from, to] = [Number(first), Number(last)];
    const width = first.startsWith("0") || last.startsWith("0")
      ? Math.max(first.length, last.length)
      : 0;
    const length = Math.abs(to - from) + 1;
    if (length > MOST_SHARDS) {
      throw new RangeError(`Cannot expand {${inner}} as that makes ${length} names`);
    }
    parts = Array.from(
      { length },
      (_, i) => `${from + (to < from ? -i : i)}`.padStart(width, "0"),
    );
  }
  const rest = expandBraces(after);
  return parts.flatMap((part) => rest.map((end) => before + part + end));
}

/** The most shards that a range may name. */
const MOST_SHARDS = 100_000;

/**
 * Lists the shards that a place names: addresses with braces; files with braces, `*` and `?`; a folder's tar files.
 *
 * @returns Addresses or paths, in order.
 */
export async function listShards(spec: string, place: string): Promise<string[]> {
  let names: string[];
  try {
    names = expandBraces(place);
  } catch (error) {
    throw createDataError(spec, error instanceof Error ? error.message : String(error), error);
  }
  if (isAddress(place)) return names;
  const found: string[] = [];
  for (const name of names) {
    const isFolder = await Deno.stat(name).then(({ isDirectory }) => isDirectory, () => false);
    if (isFolder) found.push(...await matchFiles(spec, join(name, "*.{tar,tar.gz,tgz}")));
    else if (/[*?]/.test(name)) found.push(...await matchFiles(spec, name));
    else found.push(name);
  }
  if (found.length === 0) throw createDataError(spec, "there are no such files");
  return found;
}

/** Finds the files that a path with `*` and `?` in it names, sorted. */
async function matchFiles(spec: string, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  for (const one of expandBraces(pattern)) {
    for (const path of await matchPath(spec, one)) found.add(path);
  }
  return [...found].sort();
}

async function matchPath(spec: string, pattern: string): Promise<string[]> {
  const [, name = ""] = /([^/\\]*)$/.exec(pattern) ?? [];
  const parent = dirname(pattern);
  const folders = /[*?]/.test(parent) ? await matchPath(spec, parent) : [parent];
  const expression = new RegExp(
    `^${
      name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/\\\\]*").replaceAll("?", ".")
    }$`,
  );
  const found: string[] = [];
  for (const folder of folders) {
    if (!await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)) continue;
    const names = await listNames(spec, folder);
    // As in a shell, * takes no hidden files, among them macOS's ._ twins.
    const fitting = names.filter((entry) => expression.test(entry) && !entry.startsWith("."));
    found.push(...fitting.map((entry) => join(folder, entry)));
  }
  return found;
}

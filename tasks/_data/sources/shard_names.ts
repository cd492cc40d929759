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
  const start = text.indexOf("{");
  const end = findClosing(text, start);
  if (start < 0 || end < 0) return [text];
  const inner = text.slice(start + 1, end);
  const parts = expandRange(inner) ?? splitList(inner).flatMap(expandBraces);
  const rest = expandBraces(text.slice(end + 1));
  return parts.flatMap((part) => rest.map((after) => text.slice(0, start) + part + after));
}

/** Finds the brace that closes one. */
function findClosing(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i >= 0 && i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

/** Splits a list at the commas that are in no braces of its own. */
function splitList(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    depth += character === "{" ? 1 : character === "}" ? -1 : 0;
    if (character === "," && depth === 0) parts.push("");
    else parts.push(parts.pop() + character);
  }
  return parts;
}

/** Expands `000..009`; undefined where it is no range. */
function expandRange(text: string): string[] | undefined {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Number(first), Number(last)];
  const isPadded = /^0\d/.test(first) || /^0\d/.test(last);
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  const length = Math.abs(to - from) + 1;
  if (length > MOST_SHARDS) throw new RangeError(`{${text}} makes ${length} names`);
  const step = Math.sign(to - from);
  return Array.from({ length }, (_, i) => `${from + step * i}`.padStart(width, "0"));
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

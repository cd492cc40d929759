import { root } from "./list_packed_files.ts";

/** An example in the documentation that is a program. */
export interface DocExample {
  /** Where it begins, as `pipelines/items/take.ts:15`. */
  readonly name: string;
  readonly code: string;
}

/** Lists the examples of all guides, and of the documentation in the code. */
export async function listDocExamples(): Promise<DocExample[]> {
  const examples: DocExample[] = [];
  for (const folder of ["", "docs", "models", "pipelines", "tasks"]) {
    for await (const path of walk(folder, folder !== "")) {
      examples.push(...extractExamples(path, await Deno.readTextFile(root + path)));
    }
  }
  return examples.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function* walk(folder: string, isDeep: boolean): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory && isDeep) yield* walk(path, isDeep);
    else if (/\.(?:ts|md)$/.test(name)) yield path;
  }
}

/**
 * Extracts the examples of a file: blocks of `ts` in Markdown, or in the comments of a program. Those of `ts ignore` aren't run, as with
 * `deno test --doc`, which runs the same ones, but each in an isolate of its own.
 */
export function extractExamples(path: string, text: string): DocExample[] {
  const examples: DocExample[] = [];
  const prefix = path.endsWith(".ts") ? " \\* ?" : "";
  const [fence, begin] = ["```", "```ts"].map((mark) => RegExp(`^\\s*${prefix}${mark}$`));
  const inComment = RegExp(`^\\s*${prefix}`);
  let found: { readonly line: number; readonly code: string[] } | undefined;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (!found && begin!.test(line)) found = { line: i + 1, code: [] };
    else if (found && fence!.test(line)) {
      examples.push({ name: `${path}:${found.line}`, code: found.code.join("\n") });
      found = undefined;
    } else found?.code.push(path.endsWith(".ts") ? line.replace(inComment, "") : line);
  }
  if (found) throw new Error(`Cannot read ${path}: the example of line ${found.line} has no end`);
  return examples;
}

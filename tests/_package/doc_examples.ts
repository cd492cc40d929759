import { listModules, readText, root } from "../../tasks/_exports/modules.ts";

/** An example in the documentation that is a program. */
export interface DocExample {
  /** Where it begins, as `pipelines/items/take.ts:15`. */
  readonly name: string;
  readonly code: string;
}

/** Lists the examples of all guides, and of the documentation in the code. */
export async function listDocExamples(): Promise<DocExample[]> {
  const guides = ["", "docs/"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(`./${folder}`, root))]
      .filter(({ name }) => name.endsWith(".md"))
      .map(({ name }) => folder + name)
  );
  const modules = await listModules("models", "pipelines", "tasks");
  const paths = [...guides, ...modules.map(({ path }) => path)].sort();
  const texts = await Promise.all(paths.map(readText));
  return paths.flatMap((path, i) => extractExamples(path, texts[i]!));
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

// Writes the declarations of modules beside them, each from its own text alone, as JSR makes those of its packages for npm. Run
// with the folder of the modules, that of the declarations, and a file of JSON with the paths of the modules and the entry points.
import { dirname } from "node:path";
import ts from "typescript";

const [from = "", to = "", list = ""] = Deno.args;
const { files, entries }: { files: string[]; entries: string[] } = JSON.parse(
  await Deno.readTextFile(list),
);
/** What can't be declared without looking at other modules, by module. */
const failures = new Map<string, string[]>();
/** The modules that each declaration names. */
const named = new Map<string, string[]>();
for (const path of files) {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(
    await Deno.readTextFile(from + path),
    {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.ESNext,
        strict: true,
        isolatedDeclarations: true,
      },
    },
  );
  const problems = diagnostics.map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, " ")
  );
  if (problems.length > 0) failures.set(path, problems);
  const relative = /(?<=\b(?:from|import)\s*\(?\s*["'])(\.[^"']*)\.ts(?=["'])/g;
  named.set(
    path,
    [...outputText.matchAll(relative)].map(([specifier]) =>
      new URL(specifier, `file:///${path}`).pathname.slice(1)
    ),
  );
  const target = `${to}/${path.replace(/\.ts$/, ".d.ts")}`;
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.writeTextFile(target, outputText.replace(relative, "$1.js"));
}

// Those that no public declaration leads to are nobody's business, on JSR neither.
const reached = new Set<string>();
const reach = (path: string): void => {
  if (reached.has(path)) return;
  reached.add(path);
  for (const other of named.get(path) ?? []) reach(other);
};
for (const entry of entries) reach(entry);
const faults = [...failures].filter(([path]) => reached.has(path));
if (faults.length > 0) {
  console.error(faults.map(([path, problems]) => `${path}: ${problems.join(", ")}`).join("\n"));
  Deno.exit(1);
}

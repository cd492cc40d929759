// Writes `docs/support.md`, and prints what was found in each runtime as JSON.

import type { Results } from "../consumer/report.ts";
import { root } from "./list_packed_files.ts";
import { makeProject } from "./project.ts";
import { findRuntimes, type Runtime } from "./runtimes.ts";
import { formatSupportPage } from "./format_support_page.ts";

const dir = await Deno.makeTempDir({ prefix: "rill-consumer-" });
try {
  const { modules } = await makeProject(dir);
  const found = new Map<Runtime, Results>();
  for (const runtime of await findRuntimes()) {
    if (runtime.missing) throw new Error(`Cannot write docs/support.md: ${runtime.missing}`);
    found.set(runtime, await runtime.run(dir));
  }
  await Deno.writeTextFile(`${root}docs/support.md`, formatSupportPage(modules, found));
  const byName = [...found].map(([{ name }, results]) => [name, results]);
  console.log(JSON.stringify(Object.fromEntries(byName)));
} finally {
  await Deno.remove(dir, { recursive: true });
}

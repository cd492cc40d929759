import type { Results } from "../consumer/report.ts";
import { findLimit } from "./find_limit.ts";
import type { PipelineModule } from "./pipeline_modules.ts";
import type { Runtime } from "./runtimes.ts";

const HEAD = `# What runs where

## Stages

Each module of \`@rill/rill/pipelines\` was tried in a project that has the package as it is published
and nothing else: in Deno as it is; in Node 20 or later and in Chromium bundled with \`deno bundle\`.
What was run are the examples in its documentation, which stop where a result isn't what they say,
and for the few that need more than an example can have, the programs in \`tests/consumer/probes/\`.

The examples have their input from \`ReadableStream.from\`, which Chromium lacks and was given. The
stages themselves take any async iterable. Decoding WebP takes the \`.wasm\` file of \`@jsquash/webp\`,
which a bundler must carry over.

Ctrl-Z under \`deno task\` stops the program but not \`deno task\` itself, and the terminal waits for
both: that is Deno's own. \`kill -CONT\` on the program's number, from another terminal, lets it go
on.

An \`error: XDG_RUNTIME_DIR is invalid or not set in the environment.\` on Linux, once or twice when a
program or a notebook opens a backend, is Mesa's word on an adapter that it has without a desktop,
and not an error of the program: what opens is said by the backend. To set it, as by
\`XDG_RUNTIME_DIR=/tmp deno run …\`, keeps Mesa quiet. The tasks do so themselves, which takes a
permission that the library doesn't ask for.

\`tests/consumer_test.ts\` holds this part in step with what it finds, and
\`tests/models_in_runtimes_test.ts\` the part on models. To write both anew:
\`deno run --allow-all tests/_package/write_support.ts\`.
`;

/** Begins the second part of the page `docs/support.md`. */
export const MODELS = "\n## Models\n";

/** Formats the first part of `docs/support.md`, on stages, from what was found in each runtime. */
export function formatSupportPage(
  modules: readonly PipelineModule[],
  found: ReadonlyMap<Runtime, Results>,
): string {
  const rows = modules.map((module) => [
    `\`${module.name.replaceAll("_", "-")}\``,
    module.functions.map((symbol) => `\`${symbol}\``).join(", "),
    ...[...found].map(([runtime, results]) =>
      results[module.name] === true ? "yes" : findLimit(module, runtime) ?? "no"
    ),
  ]);
  const head = ["module", "exports", ...[...found.keys()].map(({ name }) => name)];
  return `${HEAD}\n${formatTable(head, rows)}\n`;
}

/** Formats a table as `deno fmt` does. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, c) =>
    Math.max(name.length, ...rows.map((row) => row[c]?.length ?? 0))
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${cells.map((cell, c) => cell.padEnd(widths[c] ?? 0, fill)).join(" | ")} |`;
  return [
    line(head),
    line(head.map(() => ""), "-"),
    ...rows.map((row) => line(row)),
  ].join("\n");
}

import { formatTable } from "../_package/format_support_page.ts";
import type { Bytes } from "./measure_bytes.ts";
import { PREDICTION_BAR } from "./rows.ts";

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);

/** Formats the page `docs/bytes.md` from what was measured. */
export function formatBytesPage({ stages, whole, pages }: Bytes): string {
  const pageRows = pages.map(({ row, scripts, kernels }) => [
    `[${row.title}](../tests/_bytes/pages/${row.program}.ts)`,
    { wasm: "WASM", webgpu: "WebGPU" }[row.backend],
    kilobytes(scripts - kernels),
    kernels === 0 ? "" : kilobytes(kernels),
  ]);
  const stageRows = stages.map(({ row, fromWhole, fromEntry, later }) => [
    row.names.map((name) => `\`${name}\``).join(", "),
    fromWhole === undefined ? "" : kilobytes(fromWhole),
    `\`${row.entry}\``,
    kilobytes(fromEntry),
    later === 0 ? "" : kilobytes(later),
  ]);
  return `# Bytes

What a page loads of Rill and of the packages behind it, in kB (1000 bytes) of JavaScript, bundled
and minified by \`deno bundle --minify --platform=browser --code-splitting\`, each file gzipped.

## Pages

A page that predicts is to load at most ${
    PREDICTION_BAR / 1000
  } kB, kernels apart. Rill's kernels for WASM are in the
scripts, as text; those for WebGPU are made by the scripts. On WASM comes tfjs's program beside it,
one file of \`.wasm\`.

${formatTable(["page that", "on", "scripts", "kernels for WASM"], pageRows)}

\`openBackend\` loads what belongs to a backend when it opens that one, so a bundler must split code,
as all do for \`import()\`. A bundle in one file has both.

## Stages

Each imported alone, from \`@rill/rill/pipelines\` and from its own entry point below that, and what
it loads when it first needs it: a decoder's program, or a reader for gzip of several members.

${formatTable(["stages", "from `pipelines`", "entry point", "from it", "when needed"], stageRows)}

All of \`pipelines\` is ${kilobytes(whole)} kB.

\`tests/bytes_test.ts\` holds each of these below a bound. To write this page anew:
\`deno run --allow-all tests/_bytes/write_bytes.ts\`.
`;
}

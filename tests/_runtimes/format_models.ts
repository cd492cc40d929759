import { formatTable } from "../_package/format_support_page.ts";
import type { ModelTests } from "./model_tests.ts";
import type { Place } from "./places.ts";
import type { TestResult, TestResults } from "./run_tests.ts";

/** Files whose tests stay in Deno, each for a reason. */
export const STAY: Readonly<Record<string, string>> = {
  "tests/models/kernels/module_bytes_test.ts": "compiles the kernels, and compares files",
  "tests/models/onnx/encode_onnx_test.ts": "runs onnxruntime, whose program it reads",
  "tests/models/onnx/networks_test.ts": "does so with all networks",
  "tests/models/open_in_process_test.ts": "starts processes of Deno's",
  "tests/models/training/threads/lost_threads_test.ts": "ends threads in each way that Deno has",
  "tests/models/wasm_program_test.ts": "serves a file; pages and Node have tests of their own",
};

const HEAD = `
The tests of \`models/\` run elsewhere, too, file by file as they are: bundled with \`deno bundle\`, in
Node 20 or later, and on pages in Chromium and Firefox. On an isolated page
(\`Cross-Origin-Opener-Policy: same-origin\`, \`Cross-Origin-Embedder-Policy: require-corp\`) there is
memory that threads share. The tests that use WebGPU run on a page in Chromium with SwiftShader,
which is software; all others compute on WASM. Firefox's page isn't isolated; one in Chromium that
isn't either is tried each night. Each row is a folder of \`tests/models/\`: "yes" where all its tests
passed, and otherwise why some or all of them cannot run there.

Tests of what an adapter may lack, such as \`shader-f16\`, or of instructions that an engine may lack,
ask for it and count only where it is there. What is run for each commit leaves out what takes
minutes, such as networks of millions of parameters, and most tests on SwiftShader;
\`deno task test:runtimes\` leaves out only those of large WebGPU programs, which SwiftShader takes
minutes for, one by one. In Deno all of these run, on both backends.

What all of them give is the same: \`tests/equal_predictions_test.ts\` has one bundle decode, resize,
normalize, batch and classify pictures by two checkpoints in Deno, Node, Chromium and Firefox, and
in Deno and Chromium on WebGPU besides; no logit differs from that of Deno on WASM by more than
0.0001.

SwiftShader's arithmetic is all that WGSL asks for, and less than three tests do: its \`sin\` and
\`cos\` are right to 11 bits, and its \`exp\` and \`log\` give numbers for NaN and for \`log(0)\`.

`;

/** What is optional: nothing is missing where it isn't. */
const OPTIONAL = /^the WebGPU adapter (?:has|is)|^no relaxed SIMD$/;

/** Formats the second part of `docs/support.md`, on models, from what came of the tests in each place. */
export function formatModels(
  files: readonly ModelTests[],
  found: ReadonlyMap<Place, TestResults>,
): string {
  const subjects = [...new Set(files.map(({ path }) => subjectOf(path)))].sort();
  const listed = [...found].filter(([{ isNightly }]) => !isNightly);
  const rows = subjects.map((subject) => [
    subject,
    ...listed.map(([place, results]) =>
      summarize(
        Object.entries(results).flatMap(([path, tests]) => subjectOf(path) === subject ? tests : [])
          .filter(({ usesWebgpu }) => usesWebgpu === place.webgpu),
      )
    ),
  ]);
  const head = ["tests of", ...listed.map(([{ name }]) => name)];
  const stay = Object.entries(STAY).map(([path, reason]) => `- \`${path}\` ${reason}`);
  return `${HEAD}${formatTable(head, rows)}\n\nThese stay in Deno:\n\n${stay.join("\n")}\n`;
}

/** The folder of a file in `tests/models/`. */
const subjectOf = (path: string): string => {
  const [, , folder = ""] = path.split("/");
  return folder.endsWith(".ts") ? "the rest" : `\`${folder}\``;
};

function summarize(tests: readonly TestResult[]): string {
  const counted = tests.filter((test) => !OPTIONAL.test(reasonOf(test)));
  if (counted.length === 0) return "not tried";
  if (counted.some(({ outcome }) => outcome === "failed")) return "no";
  const ignored = counted.filter(({ outcome }) => outcome === "ignored");
  const reasons = [...new Set(ignored.map(reasonOf))].sort().join(", ");
  if (ignored.length === 0) return "yes";
  return ignored.length === counted.length ? reasons : `partly: ${reasons}`;
}

const reasonOf = ({ name, outcome }: TestResult): string =>
  outcome === "ignored" ? /\(ignored: ([^()]*)\)$/.exec(name)?.[1] ?? name : "";

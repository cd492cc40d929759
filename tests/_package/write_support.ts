// Writes `docs/support.md`, and prints what stages were found to do in each runtime as JSON.

import type { Results } from "../consumer/report.ts";
import { root } from "./list_packed_files.ts";
import { makeProject } from "./project.ts";
import { findRuntimes, type Runtime } from "./runtimes.ts";
import { formatSupportPage, MODELS } from "./format_support_page.ts";
import { bundleTests } from "../_runtimes/bundle_tests.ts";
import { formatModels } from "../_runtimes/format_models.ts";
import { findPlaces, type Place } from "../_runtimes/places.ts";
import type { TestResults } from "../_runtimes/run_tests.ts";

const dir = await Deno.makeTempDir({ prefix: "rill-consumer-" });
try {
  const { modules } = await makeProject(dir);
  const found = new Map<Runtime, Results>();
  for (const runtime of await findRuntimes()) {
    if (runtime.missing) throw new Error(`Cannot write docs/support.md: ${runtime.missing}`);
    found.set(runtime, await runtime.run(dir));
  }
  const places = new Map<Place, TestResults>();
  await Deno.mkdir(`${dir}/models`);
  const tests = await bundleTests(`${dir}/models`);
  for (const place of await findPlaces()) {
    if (place.missing) throw new Error(`Cannot write docs/support.md: ${place.missing}`);
    places.set(place, await place.run(tests));
  }
  await Deno.writeTextFile(
    `${root}docs/support.md`,
    formatSupportPage(modules, found) + MODELS + formatModels(tests.files, places),
  );
  const byName = [...found].map(([{ name }, results]) => [name, results]);
  console.log(JSON.stringify(Object.fromEntries(byName)));
} finally {
  await Deno.remove(dir, { recursive: true });
}

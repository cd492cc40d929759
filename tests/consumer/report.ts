import "./stream_from.ts";

/** By module, what tries it: each function loads a program that fails where the module doesn't work. */
export type Probes = Readonly<
  Record<string, readonly (() => Promise<unknown>)[]>
>;

/** By module, whether it works here, or else why not. */
export type Results = Readonly<Record<string, true | string>>;

/**
 * Runs all probes, and hands the results over as JSON: to the server that the page came from where this is a page, and to
 * standard output elsewhere.
 */
export async function report(probes: Probes): Promise<void> {
  const results: Record<string, true | string> = {};
  // After two imports that failed Deno takes a third that waits for a file for one that will never be done.
  const awake = setInterval(() => {}, 1000);
  for (const [name, programs] of Object.entries(probes)) {
    try {
      for (const run of programs) await run();
      results[name] = true;
    } catch (error) {
      results[name] = String(error);
    }
  }
  clearInterval(awake);
  const json = JSON.stringify(results);
  if ("document" in globalThis) {
    await fetch("/results", { method: "POST", body: json });
  } else console.log(json);
}

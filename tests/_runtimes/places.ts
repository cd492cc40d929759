import { type ChromiumOptions, runInChromium } from "../_package/chromium.ts";
import { findProgram } from "../_package/find_program.ts";
import { runInFirefox } from "../_package/firefox.ts";
import { runForOutput } from "../_package/process.ts";
import { ISOLATED } from "../_package/run_page.ts";
import type { BundledTests } from "./bundle_tests.ts";
import { chooseTests } from "./choose_tests.ts";
import type { Config } from "./host.ts";
import type { ModelTests } from "./model_tests.ts";
import type { TestResults } from "./run_tests.ts";

/** A place without Deno where the tests of `models/` run. */
export interface Place {
  /** Its name, for people. */
  readonly name: string;
  /** What is missing to use it here, if anything. */
  readonly missing?: string | undefined;
  /** Whether it is for the tests that use WebGPU, which have an adapter there; if not, for all others. */
  readonly webgpu: boolean;
  /** Whether it is tried each night only, as another place has what it has. */
  readonly isNightly?: boolean;
  /** Whether its engine is V8, as Deno's: it has its turn each night, and Firefox at each change. */
  readonly isV8?: boolean;
  /** Runs those of the bundled tests that `chooseTests` chooses. */
  run(tests: BundledTests): Promise<TestResults>;
}

/** The longest that tests may take in a place: much, as those of each night are many. */
const PATIENCE = 3 * 3600_000;

/** Finds the places that there are, whether installed or not, but for those that are left to the night. */
export async function findPlaces(): Promise<Place[]> {
  const all = Deno.env.get("RILL_RUNTIMES") === "all";
  return (await findAllPlaces()).filter(({ isNightly }) => all || !isNightly);
}

async function findAllPlaces(): Promise<Place[]> {
  const node = await findProgram("node");
  const chromium = await findProgram("chromium", "google-chrome");
  const firefox = await findProgram("firefox-esr", "firefox");
  const chromiumPlace = (name: string, options: ChromiumOptions): Place => ({
    name,
    missing: chromium ? undefined : "no Chromium",
    webgpu: options.webgpu ?? false,
    isV8: true,
    run: ({ dirs: { browser }, files }) =>
      runIn(
        browser,
        files,
        options.webgpu ?? false,
        () => runInChromium(chromium!.name, browser, "main.js", { ...options, patience: PATIENCE }),
      ),
  });
  return [
    {
      name: "Node",
      missing: node && Number(/^v(\d+)/.exec(node.version)?.[1]) >= 20 ? undefined : "no Node 20+",
      webgpu: false,
      isV8: true,
      run: ({ dirs, files }) =>
        runIn(
          dirs.node,
          files,
          false,
          () => runForOutput(node!.name, ["main.js"], dirs.node, PATIENCE),
        ),
    },
    { ...chromiumPlace("Chromium", {}), isNightly: true },
    chromiumPlace("Chromium, isolated page", { headers: ISOLATED }),
    {
      name: "Firefox",
      missing: firefox ? undefined : "no Firefox",
      webgpu: false,
      run: ({ dirs: { browser }, files }) =>
        runIn(
          browser,
          files,
          false,
          () => runInFirefox(firefox!.name, browser, "main.js", { patience: PATIENCE }),
        ),
    },
    chromiumPlace("Chromium, WebGPU", { webgpu: true }),
  ];
}

async function runIn(
  dir: string,
  files: readonly ModelTests[],
  webgpu: boolean,
  run: () => Promise<string>,
): Promise<TestResults> {
  const config: Config = { ...chooseTests(files, webgpu), webgpu };
  await Deno.writeTextFile(`${dir}/config.json`, JSON.stringify(config));
  // What tests print comes before.
  return JSON.parse((await run()).trimEnd().split("\n").at(-1)!);
}

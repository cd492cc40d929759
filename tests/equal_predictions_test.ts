// The same pictures by the same checkpoints, decoded, resized, normalized, batched and classified by one bundle in Deno, in Node and
// in pages, on WASM and on WebGPU: all give the logits that Deno gives on WASM.
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  build,
  encodeSafetensors,
  exportParams,
  getOrThrow,
  openBackend,
  randomKey,
  type StoredTensor,
} from "@rill/rill/models";
import { describeChromium } from "./_package/chromium.ts";
import { findProgram } from "./_package/find_program.ts";
import { runInFirefox } from "./_package/firefox.ts";
import { root } from "./_package/list_packed_files.ts";
import { runForOutput } from "./_package/process.ts";
import { keepBrowser } from "./_package/run_page.ts";
import { type Case, CASES, type Logits, PICTURES } from "./_runtimes/equal_cases.ts";
import { testUnless } from "./_test_unless.ts";
import { numbers } from "./models/_helpers.ts";
import { findAdapter } from "./models/_webgpu_process.ts";
import { imageFile } from "./pipelines/_sources.ts";

/** The most by which logits of about 1 may differ. */
const TOLERANCE = 1e-4;

const NODE = await findProgram("node");
const CHROMIUM = await findProgram("chromium", "google-chrome");
const FIREFOX = await findProgram("firefox-esr", "firefox");

const PROGRAM = "classify_pictures.js";
const SIMD = "tfjs-backend-wasm-simd.wasm";

/** What PICTURES are, of those that Pillow made. */
const SOURCES: Readonly<Record<string, string>> = {
  "rgb.png": "PNG RGB",
  "palette.png": "PNG palette, 8 bits, interlaced",
  "progressive.jpg": "JPEG progressive",
  "turned.jpg": "JPEG upside down",
};

let making: Promise<string> | undefined;
let predicting: Promise<Logits> | undefined;

/** Makes, once, a folder with the program, bundled, and what it reads beside it. */
const getFolder = (): Promise<string> =>
  making ??= Deno.makeTempDir({ prefix: "rill-equal-" }).then(async (dir) => {
    await runForOutput(Deno.execPath(), [
      ...["bundle", "--quiet", "--no-lock", "--platform=browser", "--external=node:*"],
      `--output=${dir}/${PROGRAM}`,
      "tests/_runtimes/classify_pictures.ts",
    ], root);
    await Deno.writeTextFile(`${dir}/package.json`, '{ "type": "module" }');
    const program = import.meta.resolve(`@tensorflow/tfjs-backend-wasm/wasm-out/${SIMD}`);
    await Deno.copyFile(new URL(program), `${dir}/${SIMD}`);
    for (const path of PICTURES) await Deno.writeFile(`${dir}/${path}`, imageFile(SOURCES[path]!));
    await using _backend = await openBackend("wasm");
    for (const one of CASES) {
      const file = ReadableStream.from(encodeSafetensors(await drawVariables(one)));
      await Deno.writeFile(`${dir}/${one.file}`, file);
    }
    return dir;
  });

/** Draws parameters, and running statistics as of some training. */
async function drawVariables(
  { model, side, channels }: Case,
): Promise<Record<string, StoredTensor>> {
  const network = getOrThrow(build(model(), [side, side, channels]));
  const drawn = await exportParams(network, network.init(randomKey(3), "kaiming"));
  return Object.fromEntries(
    Object.entries(drawn).map(([name, tensor], i) => {
      const [, statistic] = /\.running_(mean|var)$/.exec(name) ?? [];
      if (!statistic) return [name, tensor];
      const data = numbers(tensor.data.length, i).map((x) => statistic === "var" ? 1 + x / 2 : x);
      return [name, { ...tensor, data }];
    }),
  );
}

const inDeno = async (backend: string): Promise<string> => {
  const dir = await getFolder();
  return await runForOutput(Deno.execPath(), ["run", "-A", PROGRAM, backend], dir);
};

/** Gets what Deno computes on WASM, once. */
const getExpected = (): Promise<Logits> => predicting ??= inDeno("wasm").then(JSON.parse);

/** Chromium, for both of its backends. */
const chromium = keepBrowser(describeChromium(CHROMIUM?.name ?? "", true));

Deno.test.afterAll(async () => {
  await chromium.close();
  if (making) await Deno.remove(await making, { recursive: true });
});

Deno.test("pictures are told apart by logits of about 1, in Deno on WASM", async () => {
  const { description, logits } = await getExpected();
  assertMatch(description, /^WASM \(/);
  assertEquals(Object.keys(logits), CASES.map(({ file }) => file));
  for (const [file, all] of Object.entries(logits)) {
    const size = all.length / PICTURES.length;
    const rows = PICTURES.map((_, i) => all.slice(i * size, (i + 1) * size));
    const largest = Math.max(...all.map(Math.abs));
    assert(largest > 0.5 && largest < 10, `${file}: ${largest}`);
    for (const [i, row] of rows.entries()) {
      for (const other of rows.slice(i + 1)) {
        const difference = Math.max(...row.map((logit, k) => Math.abs(logit - other[k]!)));
        assert(difference > 100 * TOLERANCE, `${file}: ${difference}`);
      }
    }
  }
});

/** A place where they are classified, too. */
interface Place {
  readonly name: string;
  readonly missing: string | undefined;
  /** The backend's description. */
  readonly backend: RegExp;
  run(dir: string): Promise<string>;
}

const missing = (found: unknown, name: string) => found ? undefined : `no ${name}`;

const PLACES: readonly Place[] = [
  {
    name: "in Deno on WebGPU",
    missing: missing(findAdapter(), "WebGPU adapter"),
    backend: /^WebGPU on /,
    run: () => inDeno("webgpu"),
  },
  {
    name: "in Node",
    missing: missing(NODE && Number(/^v(\d+)/.exec(NODE.version)?.[1]) >= 20, "Node 20+"),
    backend: /^WASM \((?:relaxed )?SIMD\)$/,
    run: (dir) => runForOutput(NODE!.name, [PROGRAM, "wasm"], dir),
  },
  {
    name: "in Chromium on WASM",
    missing: missing(CHROMIUM, "Chromium"),
    backend: /^WASM \(relaxed SIMD\)$/,
    run: (dir) => chromium.run(dir, `${PROGRAM}?backend=wasm`),
  },
  {
    name: "in Chromium on WebGPU",
    missing: missing(CHROMIUM, "Chromium"),
    backend: /^WebGPU on google swiftshader/,
    run: (dir) => chromium.run(dir, `${PROGRAM}?backend=webgpu`, { patience: 300_000 }),
  },
  {
    name: "in Firefox",
    missing: missing(FIREFOX, "Firefox"),
    backend: /^WASM \((?:relaxed )?SIMD\)$/,
    run: (dir) => runInFirefox(FIREFOX!.name, dir, `${PROGRAM}?backend=wasm`),
  },
];

for (const place of PLACES) {
  // The browser stays for the next test.
  testUnless(place.missing, `pictures get the same logits ${place.name}`, async () => {
    const expected = await getExpected();
    const { description, logits }: Logits = JSON.parse(await place.run(await getFolder()));
    assertMatch(description, place.backend);
    assertEquals(Object.keys(logits), Object.keys(expected.logits));
    for (const [file, all] of Object.entries(expected.logits)) {
      const found = logits[file]!;
      assertEquals(found.length, all.length);
      const differences = all.map((logit, i) => Math.abs(logit - found[i]!));
      assert(differences.every((difference) => difference <= TOLERANCE), `${file}: ${differences}`);
    }
  }, { sanitizeResources: false, sanitizeOps: false });
}

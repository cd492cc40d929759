// Models in pages: where the WASM program is, what security policy they need, threads, workers, devices of one's own. What
// else runs there is in other tests.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openBackend, type TrainEpochsOptions } from "@rill/rill/models";
import { describeChromium } from "./_package/chromium.ts";
import { findProgram } from "./_package/find_program.ts";
import { describeFirefox } from "./_package/firefox.ts";
import { root } from "./_package/list_packed_files.ts";
import { ISOLATED, keepBrowser, type PageOptions } from "./_package/run_page.ts";
import { bundlePages } from "./_runtimes/bundle_pages.ts";
import { bundleGuide, bundleGuideByEsbuild, readGuide } from "./_runtimes/guide.ts";
import { nightly } from "./_nightly.ts";
import { testUnless } from "./_test_unless.ts";
import createPlan from "./consumer/runtimes/plan.ts";
import { predict, train } from "./consumer/runtimes/predict.ts";
import type { Answer } from "./consumer/runtimes/post.ts";
import type { OwnDevice } from "./consumer/runtimes/own_device.ts";
import { assertClose } from "./models/_helpers.ts";

const chromium = await findProgram("chromium", "google-chrome");
const firefox = await findProgram("firefox-esr", "firefox");

/** The browsers, each kept for all tests here; Chromium a second time with an adapter. */
const plain = keepBrowser(describeChromium(chromium?.name ?? "", false));
const withWebgpu = keepBrowser(describeChromium(chromium?.name ?? "", true));
const browsers = [
  { name: "Chromium", found: chromium, browser: plain },
  { name: "Firefox", found: firefox, browser: keepBrowser(describeFirefox(firefox?.name ?? "")) },
];

/** The policy that docs/browsers.md names. */
const policy = (scripts: string) => ({
  "content-security-policy":
    `default-src 'none'; script-src ${scripts}; connect-src 'self'; worker-src 'self'`,
});
const POLICY = policy("'self' 'wasm-unsafe-eval'");

const SIMD = "tfjs-backend-wasm-simd.wasm";
const PLAIN = "tfjs-backend-wasm.wasm";
const programUrl = (name: string) =>
  new URL(import.meta.resolve(`@tensorflow/tfjs-backend-wasm/wasm-out/${name}`));

const dirs: string[] = [];

/** Makes something in an empty folder, once for all tests here. */
function once<T>(make: (dir: string) => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    made ??= Deno.makeTempDir({ prefix: "rill-pages-" }).then((dir) => {
      dirs.push(dir);
      return make(dir);
    });
}

const getPages = once(bundlePages);
const getGuide = once(bundleGuide);

/** Registers a test of pages, whose browser and last page stay for the next one. */
const testInBrowser = (missing: string | undefined, name: string, fn: () => Promise<void>): void =>
  testUnless(missing, name, fn, { sanitizeResources: false, sanitizeOps: false });

Deno.test.afterAll(async () => {
  for (const browser of [withWebgpu, ...browsers.map(({ browser }) => browser)]) {
    await browser.close();
  }
  for (const dir of dirs) await Deno.remove(dir, { recursive: true });
});

/** Registers a test of a page in each browser; in Firefox unless something is against it. */
function pageTest<T>(
  name: string,
  program: string,
  options: (pages: string) => PageOptions | Promise<PageOptions>,
  check: (result: T) => void | Promise<void>,
  lackOfFirefox?: string,
): void {
  for (const { name: where, found, browser } of browsers) {
    testInBrowser(
      found ? where === "Firefox" ? lackOfFirefox : undefined : `no ${where}`,
      `${name}, in ${where}`,
      async () => {
        const pages = await getPages();
        const page = await browser.run(pages, program, await options(pages));
        await check(JSON.parse(page));
      },
    );
  }
}

/** Runs something on WASM in this process, to compare with. */
async function onWasm<T>(
  fn: (backend: TrainEpochsOptions["backend"]) => Promise<T>,
): Promise<T> {
  await using backend = await openBackend("wasm");
  return await fn(backend);
}

interface WasmResult {
  readonly refused: Readonly<Record<string, string>>;
  readonly opened: Readonly<Record<string, Required<Answer>>>;
  readonly worker: Answer;
}

pageTest<WasmResult>(
  "a page under a strict policy and its worker have the WASM program wherever it is",
  "wasm_page.js",
  async (pages) => {
    await Deno.writeTextFile(`${pages}/page.html`, "<!doctype html><p>Not found");
    const whole = await Deno.readFile(programUrl(SIMD));
    await Deno.writeFile(`${pages}/cut.wasm`, whole.subarray(0, 1000));
    return {
      headers: POLICY,
      files: {
        "/another.wasm": new URL(import.meta.resolve("@jsquash/webp/codec/dec/webp_dec.wasm")),
        "/files/renamed.bin": programUrl(SIMD),
        [`/files/${SIMD}`]: programUrl(SIMD),
        [`/files/${PLAIN}`]: programUrl(PLAIN),
        [`/${SIMD}`]: programUrl(SIMD),
      },
    };
  },
  async ({ refused, opened, worker }) => {
    const expected = {
      absent: /\/absent\.wasm: the server answers with status 404$/,
      page: /\/page\.html: it is no WebAssembly program, but text\/html$/,
      another: /\/another\.wasm: it is another program than tfjs-backend-wasm-simd\.wasm$/,
      cut: /\/cut\.wasm: it is damaged, or made for an engine that can do more than this one$/,
      // Forbidden by the policy.
      elsewhere: /127\.0\.0\.1:1\/a\.wasm: TypeError: /,
    };
    assertEquals(Object.keys(refused), Object.keys(expected));
    for (const [name, message] of Object.entries(expected)) {
      assertMatch(refused[name]!, /^BackendError: Cannot open the WASM backend with http:/);
      assertMatch(refused[name]!, message);
    }
    const logits = await onWasm(predict);
    assertEquals(Object.keys(opened), ["file", "folder", "plain", "usual"]);
    for (const [name, answer] of Object.entries({ ...opened, worker })) {
      assertEquals(answer.description, "WASM (relaxed SIMD)", `${name}: ${answer.error}`);
      assertClose(answer.logits!, logits, 1e-6, name);
    }
  },
  nightly,
);

pageTest<string>(
  "a page beside which there is no WASM program names the file",
  "lost_page.js",
  () => ({ headers: POLICY }),
  (message) =>
    assertMatch(
      message,
      /^BackendError: Cannot open the WASM backend with http:\/\/[\d.:]+\/tfjs-backend-wasm-simd\.wasm: the server answers with status 404$/,
    ),
);

pageTest<string>(
  "a policy that forbids WASM is what the error is about",
  "lost_page.js",
  () => ({ headers: policy("'self'"), files: { [`/${SIMD}`]: programUrl(SIMD) } }),
  (message) => assertMatch(message, /-simd\.wasm: CompileError: .*(?:Content Security|CSP)/),
);

interface IsolatedResult {
  readonly description: string;
  readonly isolated: boolean;
  readonly one: readonly number[];
  readonly two: readonly number[];
  readonly again: readonly number[];
  readonly byModule: readonly number[];
  readonly withoutPlan: string;
  readonly withoutWorker: string;
}

pageTest<IsolatedResult>(
  "an isolated page trains on several threads, by Rill's kernels",
  "isolated_page.js",
  () => ({
    headers: { ...ISOLATED, ...POLICY },
    files: { [`/files/${SIMD}`]: programUrl(SIMD) },
  }),
  async ({ description, isolated, one, two, again, byModule, ...refused }) => {
    assert(isolated);
    // tfjs's own program for isolated pages has no memory that Rill's kernels could share.
    assertEquals(description, "WASM (relaxed SIMD)");
    assertEquals(one.length, 6);
    assertClose(one, await onWasm((backend) => train({ backend, model: createPlan() })), 1e-5);
    assertClose(two, one, 1e-5, "two threads");
    assertEquals(again, two, "the same in each run");
    assertEquals(byModule, two, "by the plan's address");
    assertEquals(
      refused.withoutPlan,
      "ThreadError: Cannot go on as thread 2 failed: Cannot use the plan: it is here only: " +
        "give runTrainingThread the function that gives it, or trainEpochs its module",
    );
    assertEquals(
      refused.withoutWorker,
      "ThreadError: Cannot go on as thread 2 failed: its worker can't be started",
    );
  },
);

interface WebgpuResult {
  readonly own: OwnDevice;
  readonly description: string;
  readonly logits: readonly number[];
  readonly worker: Answer;
}

testInBrowser(
  chromium ? undefined : "no Chromium",
  "a page and its worker compute on WebGPU, on a device of one's own too, under a policy without WASM",
  async () => {
    const headers = policy("'self'");
    const page = await withWebgpu.run(await getPages(), "webgpu_page.js", { headers });
    const { own, description, logits, worker }: WebgpuResult = JSON.parse(page);
    const expected = await onWasm(predict);
    assertMatch(description, /^WebGPU on google swiftshader/);
    assertEquals([own.description, worker.description], [description, description], worker.error);
    const all = { logits, own: own.logits, again: own.again, worker: worker.logits! };
    for (const [name, found] of Object.entries(all)) assertClose(found, expected, 1e-5, name);
    assertOwn(own);
  },
);

/** The programs of the guide that are a page's, and what they print. */
const GUIDE = {
  page: /^10 logits on WASM \(relaxed SIMD\)$/,
  ask_worker: /^10 logits from a worker$/,
  train: /^trained on WASM \(relaxed SIMD\)$/,
  // The guide says that a worker may train, and start the others.
  train_in_worker: /^trained on WASM \(relaxed SIMD\)$/,
  // It trains in a worker, which is closed in the middle and opened again.
  keep_on: /^went on after step [1-9]\d*, to step 50$/,
  own_device: /^WebGPU on google swiftshader.*, as a device was given$/,
} as const;

for (const [name, printed] of Object.entries(GUIDE)) {
  testInBrowser(
    chromium ? undefined : "no Chromium",
    `the guide's program ${name} runs as it stands, isolated, under the guide's policy`,
    async () => {
      const { site } = await getGuide();
      const guide = await readGuide();
      const headers = [...guide.matchAll(/^((?:Cross-Origin|Content)-[\w-]+): (.*)$/gm)]
        .map(([, header, value]) => [header!, value!] as const);
      assertEquals(headers.length, 3);
      const browser = name === "own_device" ? withWebgpu : plain;
      const page = await browser.run(site, `${name}.js`, { headers: Object.fromEntries(headers) });
      assertMatch(JSON.parse(page), printed);
    },
  );
}

testInBrowser(
  chromium ? nightly : "no Chromium",
  "the guide's page runs bundled by esbuild, from node_modules",
  async () => {
    const site = await once(bundleGuideByEsbuild)();
    const page = await plain.run(site, "page.js", { headers: POLICY });
    assertMatch(JSON.parse(page), GUIDE.page);
  },
);

Deno.test("the guide names the version of tfjs's program that the package has", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  assertStringIncludes(
    await readGuide(),
    `import.meta.resolve("${imports["@tensorflow/tfjs-backend-wasm"]}/wasm-out/${SIMD}")`,
  );
});

/** Checks that Rill left a device to its owner. */
function assertOwn({ reason, heard, checked, copied, later, lost }: OwnDevice): void {
  assertEquals(reason, "a device was given");
  assertEquals(heard.length, 1);
  assertMatch(checked, /^BackendError: Cannot go on as WebGPU refused an operation: /);
  assertEquals({ copied, later, lost }, { copied: [1, 2, 3, 4], later: 1, lost: false });
}

// The page of a site in Chromium and Firefox, which is used there by `drive_site.js`.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openBackend } from "@rill/rill/models";
import { idxExamples } from "@rill/rill/pipelines";
import { classes as clothes } from "../../../tasks/_data/fetch/fashion_mnist.ts";
import { adviseDrawing } from "../../../tasks/_pages/advise_drawing.ts";
import type { SiteFiles } from "../../../tasks/_site/build_site.ts";
import { type Classification, classify } from "../../../tasks/_site/classify.ts";
import { openCheckpoint } from "../../../tasks/_site/open_checkpoint.ts";
import { answer } from "../../../tasks/_site/serve_site.ts";
import { FACTS, nameSplit, type SiteFacts } from "../../../tasks/_site/site_facts.ts";
import type { StoredRecord } from "../../../tasks/_data/open_data.ts";
import { runInChromium } from "../../_package/chromium.ts";
import type { PageOptions } from "../../_package/run_page.ts";
import { findProgram } from "../../_package/find_program.ts";
import { runInFirefox } from "../../_package/firefox.ts";
import { nightly } from "../../_nightly.ts";
import { testUnless } from "../../_test_unless.ts";
import { assertClose } from "../../models/_helpers.ts";
import { runTask, withFolder } from "../_task.ts";
import { writeData } from "../_idx_data.ts";
import { encodeLenet, makeGivenFiles } from "./_site_files.ts";

const chromium = await findProgram("chromium", "google-chrome");
const firefox = await findProgram("firefox-esr", "firefox");

/** What a page told of a picture. */
interface Told {
  readonly logits: readonly number[];
  readonly answer: string;
  readonly truth: string;
  readonly advice: string;
  readonly layers: readonly string[];
}

interface Found {
  readonly first: Told;
  readonly picture: Told;
  readonly status: string;
}

interface WholeFound extends Found {
  readonly serious: readonly string[];
  readonly drawn: { readonly cleared: string; readonly pen: string; readonly light: number };
  readonly refused: Readonly<Record<string, string>>;
  readonly hurried: Told & { readonly problem: string };
  readonly trained: {
    readonly withoutStore: string;
    readonly atOnce: readonly string[];
    readonly downloads: number;
    readonly paused: string;
    readonly kept: string;
    readonly offered: string;
    readonly resume: string;
    readonly ended: string;
    readonly problem: string;
    readonly results: number;
    readonly again: { readonly ended: string; readonly results: number };
  };
  readonly narrow: { readonly scrollWidth: number; readonly serious: readonly string[] };
  readonly bare: {
    readonly refused: string;
    readonly shown: number;
    readonly answer: string;
    readonly told: string;
    readonly advice: string;
  };
  readonly offline: Told;
}

/** Predicts in this process, to compare with. */
async function predict(checkpoint: Uint8Array<ArrayBuffer>, record: StoredRecord) {
  await using backend = await openBackend("wasm");
  return await classify(backend, await openCheckpoint(checkpoint, "the test's"), record);
}

/** What the tests here have in common. */
interface Given {
  readonly site: SiteFiles;
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** What is predicted in this process, for the page's example and for the picture. */
  readonly example: Classification;
  readonly picture: Classification;
}

let making: Promise<Given> | undefined;

/** Makes a site, once, with the permissions that the task has. */
const getGiven = (): Promise<Given> =>
  making ??= (async () => {
    const checkpoint = await encodeLenet();
    const model = await encodeLenet({ classNames: clothes });
    const files: Given["files"] = { ...await makeGivenFiles(), model };
    const site = await withFolder(async (dir) => {
      await Deno.writeFile(`${dir}/model.safetensors`, checkpoint);
      const args = ["--weights", `${dir}/model.safetensors`, "--out", `${dir}/site`];
      const data = await writeData(`${dir}/data`);
      const { code, stdout, stderr } = await runTask(["site", "--data", data, ...args]);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^site: \d+ files, \d\.\d MB, in /);
      assertMatch(stderr, /^the same command with --serve shows it/m);
      return await readFiles(`${dir}/site`);
    });
    const example = await predict(checkpoint, await readFirst(site));
    const picture = await predict(checkpoint, { bytes: files.picture!, label: -1 });
    return { site, files, example, picture };
  })();

/** Has a site used in a browser, below a path, until its server is gone. */
async function drive<F extends Found>(
  run: (dir: string, program: string, options: PageOptions) => Promise<string>,
  { site, files: given }: Given,
  { backend, isWhole }: { readonly backend: "wasm" | "webgpu"; readonly isWhole: boolean },
): Promise<F> {
  const files = Object.fromEntries(Object.keys(given).map((name) => [name, `/given/${name}`]));
  let isOffline = false;
  const answerAs = (request: Request): Response | undefined => {
    const { pathname } = new URL(request.url);
    if (pathname === "/drive.json") return Response.json({ backend, isWhole, files });
    if (pathname.startsWith("/given/")) return new Response(given[pathname.slice(7)]);
    if (pathname === "/bare/site.json") return Response.json({ ...readFacts(site), model: null });
    if (pathname === "/offline") isOffline = true;
    const [, path] = /^\/(?:sub\/path|bare)(\/.*)$/.exec(pathname) ?? [];
    if (path === undefined && pathname !== "/offline") return undefined;
    if (path === undefined || isOffline) return new Response(null, { status: 503 });
    return answer(site, new Request(new URL(path, request.url), { method: request.method }));
  };
  const result = await run(new URL(".", import.meta.url).pathname, "drive_site.js", {
    answer: answerAs,
    files: { "/axe.js": new URL(import.meta.resolve("axe-core/axe.min.js")) },
    patience: 300_000,
  });
  return JSON.parse(result);
}

const BROWSERS = [
  {
    name: "Chromium",
    found: chromium,
    run: runInChromium,
    noWebgpu: 'Cannot use backend "webgpu" as no WebGPU adapter was found',
  },
  {
    name: "Firefox",
    found: firefox,
    run: runInFirefox,
    noWebgpu: /^Cannot use backend "webgpu" as /,
  },
];

for (const { name, found: browser, run, noWebgpu } of BROWSERS) {
  testUnless(
    browser ? name === "Firefox" ? nightly : undefined : `no ${name}`,
    `a site classifies, refuses, trains, keeps what is trained, and works without its server, in ${name}`,
    async () => {
      const given = await getGiven();
      const { example, picture } = given;
      const found = await drive<WholeFound>(
        (...args) => run(browser!.name, ...args),
        given,
        { backend: "wasm", isWhole: true },
      );
      assertMatch(found.status, /^Computing on WASM \(.*\): asked for by name\.$/);
      assertClose(found.first.logits, example.logits, 1e-4, "the example");
      assertMatch(found.first.answer, /^tone \d, \d+\.\d %$/);
      assertMatch(found.first.truth, /^An image of /);
      assertEquals(found.first.advice, "");
      assertEquals(found.first.layers, example.layers.map(({ name }) => name));
      assertClose(found.picture.logits, picture.logits, 1e-4, "the picture");

      assertEquals(found.serious, []);
      assertEquals(found.drawn.cleared, "Nothing to tell yet.");
      assertEquals(found.drawn.pen, "Drawing, the pen is down");
      // The pen's edge is soft.
      assert(found.drawn.light > 200, `${found.drawn.light}`);
      const messages: Record<string, string | RegExp> = { ...REFUSED, webgpu: noWebgpu };
      assertEquals(Object.keys(found.refused), Object.keys(messages));
      for (const [name, message] of Object.entries(messages)) {
        if (typeof message === "string") assertEquals(found.refused[name], message);
        else assertMatch(found.refused[name]!, message);
        assert(!found.refused[name]!.includes("\n"), name);
      }

      assertClose(found.hurried.logits, picture.logits, 1e-4, "the second picture");
      assertEquals(found.hurried.problem, "");

      const { paused, kept, offered, withoutStore, ...trained } = found.trained;
      const [, step] = /^Paused after step (\d+)\.$/.exec(paused) ?? [];
      assertEquals(offered, `A training after step ${step}: it can be resumed.`);
      assertEquals(kept, offered);
      assertMatch(
        withoutStore,
        /^Paused after step \d+\. This browser doesn't keep it: save a checkpoint before the page is closed\.$/,
      );
      const ended = "Trained in 160 steps: the model above is this one.";
      assertEquals(trained, {
        atOnce: ["Paused after step 0.", "Train"],
        downloads: 1,
        resume: "Resume",
        ended,
        problem: "",
        results: 40,
        again: { ended, results: 40 },
      });
      assertEquals(found.narrow.serious, []);
      assert(found.narrow.scrollWidth <= 390, `${found.narrow.scrollWidth} pixels wide`);
      assertMatch(found.bare.refused, REFUSED.huge as RegExp);
      assert(found.bare.shown > 10, `${found.bare.shown} tones of the picture on the pad`);
      assertEquals(
        [found.bare.answer, found.bare.told, found.bare.advice],
        [
          "There is no model yet: train LeNet below, or load a checkpoint, and this is classified.",
          "The picture picture.png.",
          adviseDrawing(clothes),
        ],
      );
      assertClose(found.offline.logits, found.first.logits, 1e-6, "without its server");
    },
  );
}

/** What is said of what a page can't use. */
const REFUSED: Readonly<Record<string, string | RegExp>> = {
  text: /^Cannot decode image notes\.txt as it is neither PNG, JPEG nor WebP/,
  huge: /^Cannot decode image huge\.png as its header promises 60000 × 60000 × 1 samples: /,
  empty: /^Cannot decode image empty\.png as /,
  cut: /^Cannot .*cut\.safetensors/,
  nameless:
    "Cannot use nameless.safetensors as it doesn't say its network, as a checkpoint of a run of Rill's does",
  other: /^other\.safetensors: Cannot load the parameters as the tensors don't fit the model/,
  own: "Cannot use own.safetensors as its network is described by a file, net.ts, which isn't here",
  torch:
    "Cannot use model.pth as it is a file of PyTorch's: a page takes safetensors files of Rill's runs",
};

testUnless(
  chromium ? undefined : "no Chromium",
  "a site gives the same on WebGPU, in Chromium",
  async () => {
    const given = await getGiven();
    const found = await drive<Found>(
      (dir, program, options) =>
        runInChromium(chromium!.name, dir, program, { ...options, webgpu: true }),
      given,
      { backend: "webgpu", isWhole: false },
    );
    assertStringIncludes(found.status, "Computing on WebGPU on google swiftshader");
    assertClose(found.first.logits, given.example.logits, 1e-4, "the example on WebGPU");
    assertClose(found.picture.logits, given.picture.logits, 1e-4, "the picture on WebGPU");
  },
);

/** Reads the first image that a page shows. */
async function readFirst(site: SiteFiles): Promise<StoredRecord> {
  const { images, labels } = nameSplit("test");
  const packed = { images: site.get(images)!, labels: site.get(labels)! };
  return (await idxExamples(packed)).get(0);
}

const readFacts = (site: SiteFiles): SiteFacts =>
  JSON.parse(new TextDecoder().decode(site.get(FACTS)));

/** Reads the files in a folder and below it, by their paths from there. */
async function readFiles(dir: string, prefix = ""): Promise<SiteFiles> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name, isDirectory } of Deno.readDir(`${dir}/${prefix}`)) {
    const path = prefix + name;
    if (!isDirectory) files.set(path, await Deno.readFile(`${dir}/${path}`));
    else for (const [below, bytes] of await readFiles(dir, `${path}/`)) files.set(below, bytes);
  }
  return files;
}

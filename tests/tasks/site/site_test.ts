// The page of a site in Chromium, which is used there by `drive_site.js`.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openBackend } from "@rill/rill/models";
import type { SiteFiles } from "../../../tasks/_site/build_site.ts";
import { classify } from "../../../tasks/_site/classify.ts";
import { openCheckpoint } from "../../../tasks/_site/open_checkpoint.ts";
import { answer } from "../../../tasks/_site/serve_site.ts";
import type { StoredRecord } from "../../../tasks/_data/open_data.ts";
import { runInChromium } from "../../_package/chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { testUnless } from "../../_test_unless.ts";
import { assertClose } from "../../models/_helpers.ts";
import { runTask, withFolder } from "../_task.ts";
import { writeData } from "../_idx_data.ts";
import { encodeLenet, makeGivenFiles } from "./_site_files.ts";

const chromium = await findProgram("chromium", "google-chrome");

/** What a page told of a picture. */
interface Told {
  readonly logits: readonly number[];
  readonly answer: string;
  readonly truth: string;
  readonly layers: readonly string[];
}

interface Found {
  readonly first: Told;
  readonly picture: Told;
  readonly status: string;
}

interface WholeFound extends Found {
  readonly serious: readonly string[];
  readonly drawn: { readonly cleared: string; readonly light: number };
  readonly refused: Readonly<Record<string, string>>;
  readonly trained: {
    readonly paused: string;
    readonly offered: string;
    readonly resume: string;
    readonly ended: string;
    readonly problem: string;
    readonly results: number;
  };
  readonly narrow: { readonly scrollWidth: number; readonly serious: readonly string[] };
  readonly offline: Told;
}

/** Predicts in this process, to compare with. */
async function predict(checkpoint: Uint8Array<ArrayBuffer>, record: StoredRecord) {
  await using backend = await openBackend("wasm");
  return await classify(backend, await openCheckpoint(checkpoint, "the test's"), record);
}

/** Has a site used in Chromium, below a path, until its server is gone. */
async function drive<F extends Found>(
  site: SiteFiles,
  given: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  { backend, isWhole }: { readonly backend: "wasm" | "webgpu"; readonly isWhole: boolean },
): Promise<F> {
  const files = Object.fromEntries(Object.keys(given).map((name) => [name, `/given/${name}`]));
  let isOffline = false;
  const answerAs = (request: Request): Response | undefined => {
    const { pathname } = new URL(request.url);
    if (pathname === "/drive.json") return Response.json({ backend, isWhole, files });
    if (pathname.startsWith("/given/")) return new Response(given[pathname.slice(7)]);
    if (pathname === "/offline") isOffline = true;
    else if (!pathname.startsWith("/sub/path/")) return undefined;
    if (isOffline) return new Response(null, { status: 503 });
    const path = pathname.slice("/sub/path".length);
    return answer(site, new Request(new URL(path, request.url), { method: request.method }));
  };
  const result = await runInChromium(
    chromium!.name,
    new URL(".", import.meta.url).pathname,
    "drive_site.js",
    {
      answer: answerAs,
      files: { "/axe.js": new URL(import.meta.resolve("axe-core/axe.min.js")) },
      webgpu: backend === "webgpu",
      patience: 300_000,
    },
  );
  return JSON.parse(result);
}

testUnless(
  chromium ? undefined : "no Chromium",
  "a site classifies, refuses, trains and works without its server, on WASM; on WebGPU it gives the same",
  async () => {
    await withFolder(async (dir) => {
      const checkpoint = await encodeLenet();
      await Deno.writeFile(`${dir}/model.safetensors`, checkpoint);
      const args = ["--weights", `${dir}/model.safetensors`, "--out", `${dir}/site`];
      const data = await writeData(`${dir}/data`);
      // With the permissions that the task has.
      const { code, stdout, stderr } = await runTask(["site", "--data", data, ...args]);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^site: \d+ files, \d\.\d MB, in /);
      assertMatch(stderr, /see it with deno task site --serve --out /);
      const site = await readFiles(`${dir}/site`);
      const given = await makeGivenFiles();

      const found = await drive<WholeFound>(site, given, { backend: "wasm", isWhole: true });
      assertMatch(found.status, /^Computing on WASM \(.*\): asked for by name\.$/);
      // The first of the images to test on, as they are in the site: of one tone, with stripes.
      const example = await predict(checkpoint, readFirst(site));
      assertClose(found.first.logits, example.logits, 1e-4, "the example");
      assertMatch(found.first.answer, /^tone \d, \d+\.\d %$/);
      assertMatch(found.first.truth, /^An image of /);
      assertEquals(found.first.layers, example.layers.map(({ name }) => name));
      const picture = { bytes: given.picture!, label: -1 };
      const expected = await predict(checkpoint, picture);
      assertClose(found.picture.logits, expected.logits, 1e-4, "the picture");

      assertEquals(found.serious, []);
      assertEquals(found.drawn.cleared, "Nothing to tell yet.");
      // The pen's edge is soft.
      assert(found.drawn.light > 200, `${found.drawn.light}`);
      const messages: Record<string, string | RegExp> = {
        text: /^Cannot decode image notes\.txt as it is neither PNG, JPEG nor WebP/,
        huge: /^Cannot decode image huge\.png as its header promises 60000 × 60000 × 1 samples: /,
        nameless:
          "Cannot use nameless.safetensors as it doesn't say its network, as a checkpoint of a run of Rill's does",
        other: /^other\.safetensors: Cannot load the parameters as the tensors don't fit the model/,
        own:
          "Cannot use own.safetensors as its network is described by a file, net.ts, which isn't here",
        torch:
          "Cannot use model.pth as it is a file of PyTorch's: a page takes safetensors files of Rill's runs",
        webgpu: 'Cannot use backend "webgpu" as no WebGPU adapter was found',
      };
      assertEquals(Object.keys(found.refused), Object.keys(messages));
      for (const [name, message] of Object.entries(messages)) {
        if (typeof message === "string") assertEquals(found.refused[name], message);
        else assertMatch(found.refused[name]!, message);
        assert(!found.refused[name]!.includes("\n"), name);
      }

      const { paused, offered, ...trained } = found.trained;
      const [, step] = /^Paused after step (\d+)\.$/.exec(paused) ?? [];
      assertEquals(offered, `A training after step ${step}: it can be resumed.`);
      assertEquals(trained, {
        resume: "Resume",
        ended: "Trained in 160 steps: the model above is this one.",
        problem: "",
        results: 40,
      });
      assertEquals(found.narrow.serious, []);
      assert(found.narrow.scrollWidth <= 390, `${found.narrow.scrollWidth} pixels wide`);
      assertClose(found.offline.logits, found.first.logits, 1e-6, "without its server");

      const webgpu = await drive<Found>(site, given, { backend: "webgpu", isWhole: false });
      assertStringIncludes(webgpu.status, "Computing on WebGPU on google swiftshader");
      assertClose(webgpu.first.logits, example.logits, 1e-4, "the example on WebGPU");
      assertClose(webgpu.picture.logits, expected.logits, 1e-4, "the picture on WebGPU");
    });
  },
);

/** Reads the first image to test on, of what is packed so: it is stored as the data has it. */
function readFirst(site: SiteFiles): StoredRecord {
  assert(site.has("data/test-images.idx.gz"));
  const data = Uint8Array.from({ length: 784 }, (_, i) => i % 29);
  return { image: { data, height: 28, width: 28, channels: 1 }, label: 0 };
}

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

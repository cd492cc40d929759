import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { getOrThrow, openBackend } from "../../../models/mod.ts";
import { isUsageError } from "../../../tasks/_cli/errors.ts";
import { readRunFolders } from "../../../tasks/_report/read_run_folder.ts";
import { prepareReport, writeReport } from "../../../tasks/_report/run_report.ts";
import { driveChromium } from "../../_package/drive_chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { testUnless } from "../../_test_unless.ts";
import { encodeIdx } from "../../pipelines/_helpers.ts";
import { runTask } from "../_task.ts";

const chromium = await findProgram("chromium", "google-chrome");

/** The most bytes of a report. */
const MOST_BYTES = 3e6;

/** Writes images of IDX whose classes differ by brightness, with noise, so that some are confused. */
async function writeImages(dir: string): Promise<void> {
  await Deno.mkdir(dir);
  for (const [name, count] of [["train", 200], ["t10k", 60]] as const) {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
    const data = new Uint8Array(count * 784).map((_, i) =>
      labels[Math.floor(i / 784)]! * 40 + (i * 7919 + (i >> 5) * 104729) % 90
    );
    const file = (kind: string) => `${dir}/${name}-${kind}-ubyte`;
    const images = encodeIdx({ type: "uint8", shape: [count, 28, 28], data });
    await Deno.writeFile(file("images-idx3"), images);
    const encoded = encodeIdx({ type: "uint8", shape: [count], data: labels });
    await Deno.writeFile(file("labels-idx1"), encoded);
  }
}

/** A folder with two runs, and what was printed of the first; made once for all tests. */
let made: Promise<string> | undefined;

async function makeRuns(): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "rill-report-" });
  await writeImages(`${dir}/data`);
  const args = ["train", "--preset", "lenet", "--activation", "relu", "--data", `idx:${dir}/data`]
    .concat("--backend", "wasm", "--threads", "1", "--epochs", "3", "--batch-size", "20")
    .concat("--log-every", "1", "--optimizer", "adam", "--quiet");
  for (const [name, rate] of [["fast", "0.003"], ["slow", "0.0003"]]) {
    const { code, stderr } = await runTask(
      [...args, "--learning-rate", rate!, "--out", `${dir}/${name}`],
    );
    assertEquals(code, 0, stderr);
  }
  return dir;
}

const getRuns = (): Promise<string> => made ??= makeRuns();

Deno.test.afterAll(async () => {
  if (made) await Deno.remove(await made, { recursive: true });
});

/** Copies a run's folder, to change something in the copy. */
async function copyRun(name: string): Promise<string> {
  const dir = await getRuns();
  await Deno.mkdir(`${dir}/${name}`);
  for await (const entry of Deno.readDir(`${dir}/fast`)) {
    if (entry.name === "report.html") continue;
    await Deno.copyFile(`${dir}/fast/${entry.name}`, `${dir}/${name}/${entry.name}`);
  }
  return `${dir}/${name}`;
}

const FLAGS = { backend: "wasm", quiet: true } as const;

/** Reports on runs, to a file or where it is usual. */
async function report(paths: readonly string[], out?: string): Promise<void> {
  const flags = { ...FLAGS, ...out !== undefined && { out } };
  const prepared = getOrThrow(await prepareReport(flags, paths)());
  await using backend = await openBackend("wasm");
  await writeReport(prepared, { backend, flags, note: () => {} });
}

/** Fails to prepare a report, and gives the error's line. */
async function failToPrepare(paths: readonly string[], out?: string): Promise<string> {
  const result = await prepareReport({ ...FLAGS, ...out !== undefined && { out } }, paths)();
  assert(result._tag === "Left");
  assert(!result.left.message.includes("\n"));
  return result.left.message;
}

Deno.test("report writes one page about a run, whole in itself, and about several", async () => {
  const dir = await getRuns();
  const { code, stdout, stderr } = await runTask(
    ["report", `${dir}/fast`, "--backend", "wasm", "--quiet"],
  );
  assertEquals([code, stdout, stderr], [0, `${dir}/fast/report.html\n`, ""]);
  const page = await Deno.readTextFile(`${dir}/fast/report.html`);
  assertMatch(page, /^<!doctype html><!-- A report of Rill -->\n<html lang="en">/);
  for (const part of ["Loss", "Accuracy", "Learning rate", "Speed"]) {
    assertStringIncludes(page, `<figcaption>${part}</figcaption>`);
  }
  for (const title of ["Most often confused", "Surest mistakes", "First filters", "Settings"]) {
    assertStringIncludes(page, title);
  }
  assertStringIncludes(page, "60 test images of idx:");
  assertMatch(page, /6 of 6 filters of net\.0\.weight/);
  assertMatch(page, /<strong>net\.0<\/strong> Conv2d\(1, 6, .*\), 28 × 28 × 6/);
  // Nothing is loaded from elsewhere.
  assertEquals(page.match(/(?:src|href)="(?!data:|#)[^"]*"/g), null);
  // Again over itself, and not over what is no report.
  const out = `${dir}/both.html`;
  for (let i = 0; i < 2; i++) await report([`${dir}/fast`, `${dir}/slow`], out);
  const both = await Deno.readTextFile(out);
  assertStringIncludes(both, "<mark>0.003</mark>");
  assertStringIncludes(both, "<mark>0.0003</mark>");
  assertStringIncludes(both, "slow, training");
  assert(both.length < MOST_BYTES);
  await Deno.writeTextFile(`${dir}/mine.html`, "<!doctype html>my own");
  assertStringIncludes(
    await failToPrepare([`${dir}/fast`], `${dir}/mine.html`),
    "as it would overwrite a file that is not a report",
  );
});

Deno.test("a report without data has what the folder alone gives, and says what is missing", async () => {
  const dir = await copyRun("moved");
  const config = JSON.parse(await Deno.readTextFile(`${dir}/config.json`));
  const path = config.settings.data.slice("idx:".length);
  await Deno.rename(path, `${path}-elsewhere`);
  try {
    await report([dir]);
  } finally {
    await Deno.rename(`${path}-elsewhere`, path);
  }
  const page = await Deno.readTextFile(`${dir}/report.html`);
  assertMatch(page, /<p class="note">moved: There are no predictions: Cannot [^<]*data/);
  assertStringIncludes(page, "<figcaption>Loss</figcaption>");
  assertStringIncludes(page, "6 of 6 filters");
  assert(!page.includes("Surest mistakes"));
});

Deno.test("a report of a run whose first epoch hasn't ended has the newest parameters, and none where they are damaged", async () => {
  const dir = `${await getRuns()}/begun`;
  const train = ["train", "--preset", "lenet", "--data", `idx:${await getRuns()}/data`, "--quiet"]
    .concat("--backend", "wasm", "--threads", "1", "--batch-size", "20", "--log-every", "1");
  const { code, stderr } = await runTask([...train, "--steps", "4", "--out", dir]);
  assertEquals(code, 0, stderr);
  await report([dir]);
  const read = () => Deno.readTextFile(`${dir}/report.html`);
  const begun = await read();
  const note = `begun: No epoch has ended yet: those used are from ${dir}/step-4.safetensors`;
  assertStringIncludes(begun, `<p class="note">${note}.</p>`);
  assertStringIncludes(begun, "Surest mistakes");
  await Deno.truncate(`${dir}/step-4.safetensors`, 5000);
  await report([dir]);
  const damaged = await read();
  assertMatch(damaged, /<p class="note">begun: There are no predictions: Cannot take parameters/);
  assertStringIncludes(damaged, "<figcaption>Loss</figcaption>");
  assert(!damaged.includes("Surest mistakes"));
});

Deno.test("a report says which parameters it has where the best are damaged", async () => {
  const dir = await copyRun("flipped");
  const best = await Deno.readFile(`${dir}/best.safetensors`);
  best[best.length - 100]! ^= 1;
  await Deno.writeFile(`${dir}/best.safetensors`, best);
  const { records } = getOrThrow(await prepareReport(FLAGS, [dir])());
  assertEquals(records[0]?.notes, [
    `The best parameters can't be read: those used are from ${dir}/step-30.safetensors`,
  ]);
});

Deno.test("a report takes a torn log without its bad lines, and epochs from the checkpoint where there is none", async () => {
  const dir = await copyRun("torn");
  const lines = (await Deno.readTextFile(`${dir}/log.jsonl`)).split("\n");
  lines[3] = lines[3]!.slice(0, 20);
  await Deno.writeTextFile(`${dir}/log.jsonl`, lines.join("\n").slice(0, -10));
  const [torn] = await readRunFolders([dir]);
  assertEquals(torn?.notes, [
    `${dir}/log.jsonl has 1 damaged line: the curves are without`,
    `${dir}/log.jsonl ends in the middle of a line, as the run was ended then: it is left out`,
  ]);
  assertEquals(torn?.curves.loss.length, 29);
  const [whole] = await readRunFolders([`${await getRuns()}/fast`]);
  await Deno.remove(`${dir}/log.jsonl`);
  const [without] = await readRunFolders([dir]);
  assertMatch(without!.notes[0]!, /^Cannot read .*log\.jsonl as .*: there are no curves by steps$/);
  assertEquals(
    without?.curves.epochs,
    whole?.curves.epochs.map((row) => ({ ...row, seconds: undefined })),
  );
});

Deno.test("report names in a line what is no run, and a checkpoint of another network", async () => {
  const dir = await getRuns();
  assertEquals(
    await failToPrepare([]),
    "Cannot report without the folder of a run, such as runs/NAME",
  );
  assertEquals(
    await failToPrepare([`${dir}/none`]),
    `Cannot report on ${dir}/none as there is no such folder`,
  );
  assertEquals(
    await failToPrepare([`${dir}/data`]),
    `Cannot report on ${dir}/data as it is no run's folder: it has no config.json`,
  );
  assertEquals(
    await failToPrepare([`${dir}/fast/config.json`]),
    `Cannot report on ${dir}/fast/config.json as it is a file: name the folder of the run`,
  );
  assertEquals(
    await failToPrepare([`${dir}/fast`, `${dir}/fast/`]),
    `Cannot report on ${dir}/fast/ twice`,
  );
  assertEquals(
    await failToPrepare(Array.from({ length: 9 }, (_, i) => `${dir}/${i}`)),
    "Cannot report on 9 runs: up to 8 can be told apart",
  );
  const usage = await prepareReport(FLAGS, [`${dir}/none`])();
  assert(usage._tag === "Left" && isUsageError(usage.left));

  const other = await copyRun("other");
  const config = JSON.parse(await Deno.readTextFile(`${other}/config.json`));
  const model = { ...config.model, name: "alexnet" };
  await Deno.writeTextFile(`${other}/config.json`, JSON.stringify({ ...config, model }));
  assertEquals(
    await failToPrepare([other]),
    `Cannot report on ${other} as ${other}/best.safetensors is of another network than the run: ` +
      "LeNet for 28 x 28 x 1 and 4 classes, not AlexNet for 28 x 28 x 1 and 4 classes",
  );
  await Deno.writeTextFile(`${other}/config.json`, "{");
  assertMatch(await failToPrepare([other]), /^Cannot report on .*config\.json as .*damaged/);
});

testUnless(
  chromium ? undefined : "no Chromium",
  "axe-core finds nothing serious in a report, in light and dark, wide, narrow and in print",
  async () => {
    const dir = await getRuns();
    const out = `${dir}/look.html`;
    await report([`${dir}/fast`, `${dir}/slow`], out);
    await driveChromium(chromium!.name, `file://${out}`, async (page) => {
      const backgrounds: string[] = [];
      for (const dark of [false, true]) {
        for (const width of [1280, 390]) {
          await page.show({ width, dark });
          assertEquals(await page.findObstacles(), [], `${dark ? "dark" : "light"}, ${width} wide`);
          const over = "document.documentElement.scrollWidth > innerWidth";
          assertEquals(await page.evaluate(over), false, `${width} wide`);
        }
        const background = "getComputedStyle(document.body).backgroundColor";
        backgrounds.push(await page.evaluate(background));
      }
      // As wide as paper is between its margins.
      await page.show({ width: 680, dark: true, isPrinted: true });
      assertEquals(await page.findObstacles(), [], "in print");
      // What is scrolled on a screen is not cut off.
      const cut = "({ scrollWidth, clientWidth }) => scrollWidth > clientWidth";
      assertEquals(
        await page.evaluate(
          `[...document.querySelectorAll(".scroll")].filter(${cut}).map(({ ariaLabel }) => ariaLabel)`,
        ),
        [],
      );
      const names =
        `[...document.querySelectorAll("[role=group]")].map(({ ariaLabel }) => ariaLabel)`;
      const groups = await page.evaluate<string[]>(names);
      assertEquals(groups.length, new Set(groups).size, `two of one name: ${groups}`);
      assertEquals(new Set(backgrounds).size, 2);
      // Each picture is there, and each chart says in words what it shows.
      const broken = "image.naturalWidth === 0 || image.alt === ''";
      assertEquals(
        await page.evaluate(`[...document.images].filter((image) => ${broken}).length`),
        0,
      );
      const labels = await page.evaluate<string[]>(
        `[...document.querySelectorAll("svg[role=img]")].map((svg) => svg.getAttribute("aria-label"))`,
      );
      assertEquals(labels.length, 6);
      assertMatch(
        labels[0]!,
        /^Loss\. fast, training: from [\d.]+ at step 1 to [\d.]+ at step 30/,
      );
      assert((await page.print()).length > 10_000);
      assertEquals(page.errors, [], "its policy refuses nothing");
    });
  },
);

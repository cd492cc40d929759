import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { decodeCheckpoint, getOrThrow, openBackend } from "@rill/rill/models";
import { idxExamples } from "@rill/rill/pipelines";
import * as E from "fp-ts/lib/Either.js";
import { writeSite } from "../../../tasks/_site/build_site.ts";
import { runSite } from "../../../tasks/_site/run_site.ts";
import { answer, serveSite } from "../../../tasks/_site/serve_site.ts";
import { UsageError } from "../../../tasks/_cli/errors.ts";
import { checkSettings, chooseSettings } from "../../../tasks/_site/lenet_settings.ts";
import { type LenetEvent, readSavedLenet, trainLenet } from "../../../tasks/_site/train_lenet.ts";
import { readCheckpoint } from "../../../tasks/_model/checkpoint.ts";
import { withFolder } from "../_task.ts";
import { IMAGES, writeData } from "../_idx_data.ts";
import { FACTS } from "./_site_files.ts";

const files = new Map([
  ["index.html", new TextEncoder().encode("<!doctype html>")],
  ["site.json", new TextEncoder().encode("{}")],
  ["service_worker.js", new TextEncoder().encode("")],
  ["data/a.gz", Uint8Array.of(1, 2, 3)],
]);

Deno.test("a site takes the place of a site, and of nothing else", async () => {
  await withFolder(async (dir) => {
    await writeSite(`${dir}/site`, new Map([...files, ["old.js", Uint8Array.of(1)]]));
    // A slash at the end means the same folder.
    await writeSite(`${dir}/site/`, files);
    const names = [...Deno.readDirSync(`${dir}/site`)].map(({ name }) => name).sort();
    assertEquals(names, ["data", "index.html", "service_worker.js", "site.json"]);
    assertEquals(await Deno.readFile(`${dir}/site/data/a.gz`), Uint8Array.of(1, 2, 3));

    await Deno.mkdir(`${dir}/photos`);
    await Deno.writeTextFile(`${dir}/photos/a.txt`, "mine");
    await assertRejects(
      () => writeSite(`${dir}/photos`, files),
      UsageError,
      "as it holds other files: name a new folder with --out",
    );
    await assertRejects(
      () => writeSite(`${dir}/photos/a.txt`, files),
      UsageError,
      "a.txt as it is a file",
    );
    assertEquals(await Deno.readTextFile(`${dir}/photos/a.txt`), "mine");
    assertEquals([...Deno.readDirSync(dir)].length, 2, "nothing half-written");
  });
});

Deno.test("a served site has its files, and nothing beside them", async () => {
  const ask = (path: string, method = "GET") =>
    answer(files, new Request(`http://127.0.0.1${path}`, { method }));
  assertEquals(await ask("/").text(), "<!doctype html>");
  assertEquals(
    ask("/index.html?backend=wasm").headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  assertEquals(await ask("/data/a.gz").bytes(), Uint8Array.of(1, 2, 3));
  assertEquals(ask("/../deno.json").status, 404);
  assertEquals(ask("/%2e%2e/deno.json").status, 404);
  assertEquals(ask("/", "POST").status, 405);
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(),
  );
  const { port } = other.addr;
  const taken = `Cannot serve on port ${port} as another program has it: name another with --port`;
  await assertRejects(() => serveSite(files, port, () => {}), Error, taken);
  await withFolder(async (dir) => {
    // Said before a checkpoint is looked for, or anything is made.
    const flags = { serve: true, port, out: `${dir}/site`, weights: `${dir}/none` };
    const made = await runSite(flags)();
    assert(E.isLeft(made));
    assertStringIncludes(made.left.message, taken);
    assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
  });
  await other.shutdown();
});

Deno.test("a page's training goes on from a pause as if there had been none", async () => {
  await withFolder(async (dir) => {
    await writeData(`${dir}/data`);
    const read = (name: string) => Deno.readFile(`${dir}/data/${name}`);
    const load = async (name: string) =>
      await idxExamples({
        images: await read(`${name}-images-idx3-ubyte`),
        labels: await read(`${name}-labels-idx1-ubyte`),
      });
    const images = { train: await load("train"), test: await load("t10k") };
    const settings = { epochs: 3, batchSize: 2, learningRate: 0.01 };
    await using backend = await openBackend("wasm");
    const train = async (from?: Uint8Array<ArrayBuffer>, pauseAt = Infinity) => {
      const events: LenetEvent[] = [];
      const controller = new AbortController();
      const saved = from && readSavedLenet(getOrThrow(await decodeCheckpoint(from)), FACTS);
      const options = { from: saved, signal: controller.signal };
      for await (const event of trainLenet(backend, images, FACTS, settings, options)) {
        events.push(event);
        if (event.kind === "step" && event.step === pauseAt) controller.abort();
      }
      const checkpoint = events.findLast(({ kind }) => kind === "checkpoint");
      assert(checkpoint?.kind === "checkpoint");
      return { events, bytes: checkpoint.bytes, step: checkpoint.step };
    };
    const whole = await train();
    const steps = 3 * IMAGES / 2;
    assertEquals(whole.step, steps);
    assertEquals(whole.events.at(-1), { kind: "end", isDone: true });
    const losses = whole.events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
    assertEquals(losses.length, steps);
    assert(losses.at(-1)! < losses[0]!, `${losses}`);

    // Some steps are made before the first is told of.
    const paused = await train(undefined, 1);
    assert(paused.step < steps && paused.step % (IMAGES / 2) !== 0, `${paused.step}`);
    assertEquals(paused.events.at(-1), { kind: "end", isDone: false });
    assertNotEquals(paused.bytes, whole.bytes);
    const resumed = await train(paused.bytes);
    assertEquals(resumed.bytes, whole.bytes);

    const decoded = getOrThrow(await decodeCheckpoint(paused.bytes));
    // The tasks take it, too, and leave the optimizer's state.
    await Deno.writeFile(`${dir}/paused.safetensors`, paused.bytes);
    const { tensors } = getOrThrow(await readCheckpoint(`${dir}/paused.safetensors`)());
    assertEquals(tensors, decoded.params);
    assertEquals(readSavedLenet(decoded, FACTS)?.settings, settings);
    assertEquals(readSavedLenet(decoded, { checksum: "another" }), undefined, "on other images");
    const wrong = { site: { ...settings, checksum: FACTS.checksum, epochs: 1e9 } };
    assertEquals(readSavedLenet({ ...decoded, data: wrong }, FACTS), undefined);
  });
});

Deno.test("settings of a page's training that are out of range are named", () => {
  const good = { epochs: 1, batchSize: 32, learningRate: 0.1 };
  assertEquals(checkSettings(good), undefined);
  assertStringIncludes(
    checkSettings({ ...good, batchSize: 2000 })!,
    "the batch size must be an integer from 1 to 1024",
  );
  assertEquals(
    checkSettings({ ...good, learningRate: NaN }),
    "the learning rate must be a number from 0.000001 to 1",
  );
});

Deno.test("a page's training has enough steps to learn from few images", () => {
  const usual = { epochs: 5, batchSize: 32, learningRate: 0.002 };
  assertEquals(chooseSettings(60_000), usual);
  assertEquals(chooseSettings(5000), usual);
  assertEquals(chooseSettings(108), { ...usual, epochs: 20, batchSize: 16 });
  for (const images of [1, 500, 1000, 60_000]) {
    assertEquals(checkSettings(chooseSettings(images)), undefined, `${images}`);
  }
});

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as models from "../../models/mod.ts";
import { createNewFolder } from "../../tasks/_files/files.ts";
import { takePosition } from "../../tasks/_train/read_run.ts";
import { computeNeededBytes } from "../../tasks/_train/check_space.ts";
import { chooseOut } from "../../tasks/_train/choose_out.ts";
import { presets } from "../../tasks/_train/presets.ts";
import type { RunConfig } from "../../tasks/_train/run_config.ts";
import {
  openRunFolder,
  type RunFolder,
  type RunFolderOptions,
} from "../../tasks/_train/run_folder.ts";
import { toModelConfig } from "../../tasks/_train/train_settings.ts";
import { namesIn as names, readTensors } from "./_run_folder.ts";
import { withFolder } from "./_task.ts";

const config: RunConfig = {
  version: 2,
  model: toModelConfig(presets.quick, { classNames: ["a", "b"] }),
  settings: presets.quick,
  data: { images: 1, labels: "0" },
};
const network = models.getOrThrow(models.build(models.linear(2), [3]));
const optimizer = models.adam();

const openFolder = (dir: string, options: RunFolderOptions = {}) =>
  openRunFolder(dir, network, optimizer, config, options);

const stateAt = (step: number): models.TrainState =>
  models.initTrainState(network, optimizer, models.randomKey(step), { step });

/** A checkpoint after so many steps, whose last epoch had that accuracy. */
function checkpointAt(
  step: number,
  { best, accuracy = step / 10 }: { readonly best: boolean; readonly accuracy?: number },
): Parameters<RunFolder["save"]>[0] {
  const state = stateAt(step);
  const means = { loss: 1, accuracy };
  const result = { epoch: 0, step, training: means, validation: means, seconds: 1 };
  const sums = { steps: 0, examples: 0, seconds: 0, metrics: {} };
  const counts = { epoch: 1, index: 0, step, updates: step, seed: 0, seconds: 1 };
  return {
    network,
    state,
    variables: state,
    best,
    permanent: true,
    validates: true,
    position: { ...counts, sums, history: [result] },
    gather: models.singleProcess,
  };
}

/** Runs a body with the WASM backend. */
const withWasm = (body: () => Promise<void>) => async () => {
  const backend = await models.openBackend("wasm");
  await body();
  await backend.close();
};

/** Begins a run in a folder and saves it after so many steps. */
async function saveRun(
  dir: string,
  step: number,
  { best, ...options }: RunFolderOptions & { readonly best: boolean },
) {
  const folder = await openFolder(dir, options);
  await folder.save(checkpointAt(step, { best }));
  return folder;
}

const stepOf = async (path: string): Promise<number> =>
  JSON.parse((await readTensors(path)).metadata["rill_training"] ?? "").position.step;

Deno.test("runs that begin in the same second get folders of their own", () =>
  withFolder(async (dir) => {
    const opened = await Promise.all(
      Array.from({ length: 5 }, () => openFolder(`${dir}/runs/now`, { begin: "numbered" })),
    );
    const expected = ["now", "now-2", "now-3", "now-4", "now-5"];
    assertEquals(
      opened.map((folder) => folder.dir).sort(),
      expected.map((n) => `${dir}/runs/${n}`),
    );
    assertEquals(await names(`${dir}/runs`), expected);
    for (const folder of opened) assertEquals(await names(folder.dir), ["config.json"]);
  }));

Deno.test("createNewFolder() creates a folder in one of several processes", () =>
  withFolder(async (dir) => {
    const files = new URL("../../tasks/_files/files.ts", import.meta.url);
    const script = `import { createNewFolder } from ${JSON.stringify(files.href)};
      while (Date.now() < Number(Deno.args[1]));
      console.log(await createNewFolder(Deno.args[0]));`;
    await Deno.writeTextFile(`${dir}/script.ts`, script);
    const start = String(Date.now() + 1500);
    const outputs = await Promise.all(Array.from({ length: 4 }, async () => {
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--config",
          "deno.json",
          "--no-check",
          "-A",
          `${dir}/script.ts`,
          `${dir}/a/b`,
          start,
        ],
        cwd: new URL("../../", import.meta.url),
        env: { NO_COLOR: "1" },
      }).output();
      return new TextDecoder().decode(stdout).trim();
    }));
    assertEquals(outputs.sort(), ["false", "false", "false", "true"]);
    assertEquals(await createNewFolder(`${dir}/a/b`), false);
  }));

Deno.test("chooseOut() lets no run begin over another unasked, though that has saved nothing yet", () =>
  withFolder(async (dir) => {
    const choose = async (flags: Parameters<typeof chooseOut>[0]) => {
      const chosen = await chooseOut(flags)();
      return chosen._tag === "Left" ? chosen.left.message : chosen.right;
    };
    const out = `${dir}/run`;
    assertEquals(await choose({ out }), { dir: out, begin: "empty" });
    const folder = await openFolder(out);
    assertEquals(
      await choose({ out }),
      `Cannot use --out ${out} as it holds a config.json already, of a run that has not saved yet or of something else: ` +
        "overwrite it with --yes, or name another folder",
    );
    // Also where both have looked before either began.
    await assertRejects(() => openFolder(out), Error, "of a run that has not saved yet");
    assertEquals(await names(out), ["config.json"]);
    assertEquals(await choose({ out, yes: true }), { dir: out, begin: "over" });
    assertEquals(await choose({ out: `${dir}/./run/`, resume: out }), {
      dir: `${dir}/./run/`,
      begin: "over",
    });
    assertEquals(await choose({ resume: out }), { dir: out, begin: "over" });
    await folder.discard();
    const unnamed = await choose({});
    assert(typeof unnamed === "object" && unnamed.begin === "numbered");
    assertMatch(unnamed.dir, /^runs\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/);
  }));

Deno.test(
  "a run that goes on in another folder has its best there, and one that begins over another has only its own",
  withWasm(() =>
    withFolder(async (dir) => {
      await saveRun(`${dir}/a`, 1, { best: true });
      const b = await saveRun(`${dir}/b`, 2, { best: false, resume: `${dir}/a` });
      assertEquals(await b.hasBest(), true);
      assertEquals(await stepOf(`${dir}/b/best.safetensors`), 1);
      assertEquals(await stepOf(`${dir}/b/last.safetensors`), 2);

      const c = await saveRun(`${dir}/a`, 3, { best: false, begin: "over" });
      assertEquals(await c.hasBest(), false);
      assertEquals(await names(`${dir}/a`), [
        "config.json",
        "last.safetensors",
        "optimizer-3.safetensors",
      ]);
      // The same run, that goes on where it is, keeps it.
      const d = await saveRun(`${dir}/b`, 3, { best: false, begin: "over", resume: `${dir}/b/` });
      assertEquals(await d.hasBest(), true);
      // Nothing to take over.
      const e = await saveRun(`${dir}/b`, 4, { best: false, begin: "over", resume: `${dir}/a` });
      assertEquals(await e.hasBest(), false);
    })
  ),
);

Deno.test(
  "a run that begins over another leaves it whole until it saves itself",
  withWasm(() =>
    withFolder(async (dir) => {
      await saveRun(dir + "/a", 1, { best: true });
      await Deno.writeTextFile(`${dir}/a/config.json`, "the older one's");
      const before = await names(`${dir}/a`);
      const over = await openFolder(`${dir}/a`, { begin: "over" });
      assertEquals(await names(`${dir}/a`), before);
      assertEquals(await Deno.readTextFile(`${dir}/a/config.json`), "the older one's");
      // The optimizer's state of the same step, and then a failure.
      const state = { ...stateAt(1), params: {} };
      const failing = { ...checkpointAt(1, { best: true }), state, variables: state };
      await assertRejects(() => over.save(failing));
      await over.discard();
      assertEquals(await names(`${dir}/a`), before);
      await over.save(checkpointAt(1, { best: true }));
      assertEquals(await names(`${dir}/a`), [
        "best.safetensors",
        "config.json",
        "last.safetensors",
        "optimizer-1-1.safetensors",
      ]);
      assertStringIncludes(await Deno.readTextFile(`${dir}/a/config.json`), '"alexnet"');
    })
  ),
);

Deno.test(
  "a best that can't be written is never named in the last",
  withWasm(() =>
    withFolder(async (dir) => {
      const folder = await saveRun(`${dir}/a`, 1, { best: false });
      // A folder of that name lets the write fail.
      await Deno.mkdir(`${dir}/a/best.safetensors/in-the-way`, { recursive: true });
      await assertRejects(
        () => folder.save(checkpointAt(2, { best: true })),
        Error,
        `Cannot write ${dir}/a/best.safetensors as the system refuses`,
      );
      assertEquals(await stepOf(`${dir}/a/last.safetensors`), 1);
      assertEquals(await names(`${dir}/a`), [
        "best.safetensors",
        "config.json",
        "last.safetensors",
        "optimizer-1.safetensors",
      ]);
    })
  ),
);

Deno.test(
  "a folder that is removed in the middle of a run is made again by the next save",
  withWasm(() =>
    withFolder(async (dir) => {
      const folder = await openFolder(`${dir}/deep/run`);
      await Deno.remove(`${dir}/deep`, { recursive: true });
      await folder.save(checkpointAt(1, { best: true }));
      const saved = [
        "best.safetensors",
        "config.json",
        "last.safetensors",
        "optimizer-1.safetensors",
      ];
      assertEquals(await names(folder.dir), saved);
      await Deno.remove(folder.dir, { recursive: true });
      await folder.save(checkpointAt(2, { best: false }));
      assertEquals(await folder.hasBest(), false);
      assertEquals(await names(folder.dir), ["config.json", saved[2], "optimizer-2.safetensors"]);
    })
  ),
);

Deno.test("discarding a folder keeps what is strange to it, and never fails", () =>
  withFolder(async (dir) => {
    const strange = await openFolder(`${dir}/a`);
    await Deno.writeTextFile(`${dir}/a/notes.txt`, "mine");
    await strange.discard();
    assertEquals(await names(`${dir}/a`), ["notes.txt"]);
    const removed = await openFolder(`${dir}/b`);
    await Deno.remove(`${dir}/b`, { recursive: true });
    await removed.discard();
    assertEquals(await names(dir), ["a"]);
    // One that was there stays, without what was written for the run.
    const there = await openFolder(`${dir}/a`);
    await there.discard();
    assertEquals(await names(`${dir}/a`), ["notes.txt"]);
  }));

Deno.test(
  "a save removes what writes that were broken off have left, and nothing else",
  withWasm(() =>
    withFolder(async (dir) => {
      const folder = await openFolder(dir);
      const temporary = "last.safetensors.0123abcd.tmp";
      for (const name of [temporary, "mine.0123abcd.tmp", "optimizer-0.safetensors"]) {
        await Deno.writeTextFile(`${dir}/${name}`, "");
      }
      await folder.save(checkpointAt(1, { best: false }));
      assertEquals(await names(dir), [
        "config.json",
        "last.safetensors",
        "mine.0123abcd.tmp",
        "optimizer-1.safetensors",
      ]);
    })
  ),
);

Deno.test("computeNeededBytes() counts what saves take more than is taken already", () => {
  const [none, written] = [{ optimizer: 0, best: 0, last: 0 }, { optimizer: 2, best: 1, last: 1 }];
  // A run of one save writes each file once; a longer one has the next save's optimizer and last beside the old.
  assertEquals(computeNeededBytes(written, none, 1), 4);
  assertEquals(computeNeededBytes(written, none, Infinity), 7);
  assertEquals(computeNeededBytes(written, written, 1), 3);
  assertEquals(computeNeededBytes(written, written, 5), 3);
  // Interrupted in its first epoch, and so without a best.
  assertEquals(computeNeededBytes(written, { ...written, best: 0 }, 1), 4);
  // Larger files than those that replace them.
  assertEquals(computeNeededBytes(written, { optimizer: 20, best: 10, last: 10 }, 3), 3);
  assertEquals(computeNeededBytes(written, none, 0), 0);
});

Deno.test(
  "takePosition() knows no best epoch where the parameters that were best are missing",
  withWasm(() =>
    withFolder(async (dir) => {
      const { position } = checkpointAt(3, { best: true });
      const take = async () =>
        (await takePosition({ position, settings: presets.quick }, dir)).history[0]?.validation;
      assertEquals(await take(), undefined);
      const folder = await openFolder(dir);
      await folder.save(checkpointAt(3, { best: true }));
      assertEquals((await take())?.accuracy, 0.3);
      // Those of another run, which began over this one and ended before it had saved its last.
      await folder.save(checkpointAt(4, { best: true, accuracy: 0.25 }));
      assertEquals(await take(), undefined);
      await Deno.writeTextFile(`${dir}/best.safetensors`, "");
      assertEquals(await take(), undefined);
    })
  ),
);

Deno.test(
  "a save holds one copy of what it writes, and less with each tensor that is written",
  withWasm(async () => {
    const layers = Array.from({ length: 6 }, () => models.linear(1024));
    const network = models.getOrThrow(models.build(models.sequential(layers), [1024]));
    const state = models.initTrainState(network, optimizer, models.randomKey(0));
    const encode = (contents: "params" | "optimizer") =>
      models.encodeCheckpoint({ network, state }, { contents, release: true });
    const tensor = 4 * 1024 * 1024;
    const measureMost = async (parts: AsyncIterable<Uint8Array>) => {
      const before = Deno.memoryUsage().external;
      let [bytes, most, last] = [0, 0, 0];
      for await (const part of parts) {
        bytes += part.length;
        last = Deno.memoryUsage().external - before;
        most = Math.max(most, last);
      }
      return [bytes, most, last] as const;
    };
    for (
      const [encoded, count] of [
        [encode("params"), 6],
        [encode("optimizer"), 12],
      ] as const
    ) {
      const [bytes, most, last] = await measureMost(encoded);
      assert(bytes > count * tensor);
      assert(most < (count + 1.5) * tensor, `${most} bytes were held`);
      // A part is there until the next is asked for.
      assert(last < 2.5 * tensor, `${last} bytes were held at the end`);
    }
  }),
);

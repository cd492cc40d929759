import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import * as models from "../../models/mod.ts";
import { LockedError } from "../../tasks/_files/lock.ts";
import { createNewFolder } from "../../tasks/_files/files.ts";
import { folderFiles } from "../../tasks/_files/folder_files.ts";
import { checkBest, readRun, takePosition } from "../../tasks/_train/read_run.ts";
import { computeNeededBytes } from "../../tasks/_train/saving/check_space.ts";
import { chooseOut } from "../../tasks/_train/choose_out.ts";
import { openRequest } from "../../tasks/_train/open_request.ts";
import { presets } from "../../tasks/_train/settings/presets.ts";
import { openRunFolder, type RunFolderOptions } from "../../tasks/_train/run_folder.ts";
import {
  checkpointAt,
  createConfig,
  filesOf,
  namesIn as names,
  readFolder,
  readTensors,
} from "./_run_folder.ts";
import { withFolder } from "./_task.ts";

const config = createConfig();
const network = models.getOrThrow(models.build(models.linear(2), [3]));
const optimizer = models.adam();

const openFolder = (dir: string, options: RunFolderOptions = {}) =>
  openRunFolder(dir, network, optimizer, config, options);

/** Begins a run in a folder, saves it after so many steps, and gives the folder free. */
async function saveRun(
  dir: string,
  step: number,
  { best, ...options }: RunFolderOptions & { readonly best: boolean },
) {
  const folder = await openFolder(dir, options);
  await folder.save(checkpointAt(step, { best }));
  await folder.close();
  return folder;
}

/** Runs a body with the WASM backend. */
const withWasm = (body: () => Promise<void>) => async () => {
  const backend = await models.openBackend("wasm");
  await body();
  await backend.close();
};

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
    for (const folder of opened) {
      await folder.close();
      assertEquals(await names(folder.dir), ["config.json"]);
    }
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

Deno.test("chooseOut() lets no run begin over checkpoints that have lost all else of theirs", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/step-30.safetensors`, "");
    const chosen = await chooseOut({ out: dir })();
    assertEquals(
      chosen._tag === "Left" ? chosen.left.message : chosen.right,
      `Cannot use --out ${dir} as it holds a run already: go on with it by --resume ${dir}, ` +
        "overwrite it with --yes, or name another folder",
    );
    await Deno.mkdir(`${dir}/other`);
    await Deno.writeTextFile(`${dir}/other/best-3.safetensors`, "mine");
    const other = await chooseOut({ out: `${dir}/other` })();
    assertEquals(
      other._tag === "Left" ? other.left.message : other.right,
      `Cannot use --out ${dir}/other as it holds a best-3.safetensors already: ` +
        "overwrite it with --yes, or name another folder",
    );
    // A pipe of such a name is not waited for.
    const { success } = await new Deno.Command("mkfifo", { args: [`${dir}/step-31.safetensors`] })
      .output();
    assertEquals(success, true);
    assertEquals(await folderFiles(dir).list(), ["step-30.safetensors"]);
  }));

Deno.test("chooseOut() says what is no folder, and where there can be none", () =>
  withFolder(async (dir) => {
    const choose = async (out: string) => {
      const chosen = await chooseOut({ out })();
      return chosen._tag === "Left" ? chosen.left.message : chosen.right.begin;
    };
    const [file, link, folder] = [`${dir}/file`, `${dir}/link`, `${dir}/there`];
    await Deno.writeTextFile(file, "");
    await Deno.symlink(folder, link);
    assertEquals(await choose(file), `Cannot use --out ${file} as it is not a folder`);
    assertEquals(await choose(link), `Cannot use --out ${link} as it is a link that leads nowhere`);
    for (const out of [`${file}/run`, `${file}/deep/run`]) {
      assertEquals(await choose(out), `Cannot use --out ${out} as ${file} is not a folder`);
    }
    await Deno.mkdir(folder);
    for (const out of [link, folder, `${dir}/new/run`]) assertEquals(await choose(out), "empty");
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
    await assertRejects(() => openFolder(out), LockedError, "as another run is saving to it");
    await folder.close();
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

Deno.test("a run that goes on in another folder has its best there, and one that begins over another has only its own", () =>
  withFolder(async (dir) => {
    await saveRun(`${dir}/a`, 1, { best: true });
    const b = await saveRun(`${dir}/b`, 2, { best: false, resume: `${dir}/a` });
    assertEquals(await b.hasBest(), true);
    assertEquals(await stepOf(`${dir}/b/best.safetensors`), 1);
    assertEquals(await stepOf(`${dir}/b/step-2.safetensors`), 2);

    const c = await saveRun(`${dir}/a`, 3, { best: false, begin: "over" });
    assertEquals(await c.hasBest(), false);
    assertEquals(await names(`${dir}/a`), ["config.json", ...filesOf(3)]);
    // The same run, that goes on where it is, keeps it.
    const d = await saveRun(`${dir}/b`, 3, { best: false, begin: "over", resume: `${dir}/b/` });
    assertEquals(await d.hasBest(), true);
    // Nothing to take over.
    const e = await saveRun(`${dir}/b`, 4, { best: false, begin: "over", resume: `${dir}/a` });
    assertEquals(await e.hasBest(), false);
  }));

Deno.test("a run that begins over another leaves it whole until it saves itself", () =>
  withFolder(async (dir) => {
    await saveRun(dir + "/a", 1, { best: true });
    await Deno.writeTextFile(`${dir}/a/config.json`, "the older one's");
    const before = await readFolder(`${dir}/a`);
    const over = await openFolder(`${dir}/a`, { begin: "over" });
    assertEquals(await readFolder(`${dir}/a`, ["lock"]), before);
    // A folder in the way of the pointer, once all else is written.
    await Deno.mkdir(`${dir}/a/last.json.tmp/in-the-way`, { recursive: true });
    await assertRejects(
      () => over.save(checkpointAt(7, { best: true })),
      Error,
      `Cannot write ${dir}/a/last.json as the system refuses: `,
    );
    await Deno.remove(`${dir}/a/last.json.tmp`, { recursive: true });
    assertEquals(await readFolder(`${dir}/a`, ["lock"]), before);
    await over.save(checkpointAt(1, { best: true }));
    await over.close();
    assertEquals((await names(`${dir}/a`)).filter((name) => !name.includes("optimizer")), [
      "best.safetensors",
      "config.json",
      "last.json",
      "step-1.safetensors",
    ]);
    assertStringIncludes(await Deno.readTextFile(`${dir}/a/config.json`), '"alexnet"');
  }));

Deno.test("a save that fails keeps what was saved before, leaves nothing behind, and says how to go on", () =>
  withFolder(async (dir) => {
    const folder = await openFolder(`${dir}/a`);
    await Deno.mkdir(`${dir}/a/step-1.next.safetensors.tmp/in-the-way`, { recursive: true });
    const first = await assertRejects(() => folder.save(checkpointAt(1, { best: true })), Error);
    assertMatch(
      first.message,
      /^Cannot write .*\/a\/step-1.safetensors as the system refuses: [^;]+$/,
    );
    await Deno.remove(`${dir}/a/step-1.next.safetensors.tmp`, { recursive: true });
    await folder.save(checkpointAt(2, { best: false }));
    const before = await readFolder(`${dir}/a`);
    await Deno.mkdir(`${dir}/a/best-3.safetensors.tmp/in-the-way`, { recursive: true });
    const second = await assertRejects(() => folder.save(checkpointAt(3, { best: true })), Error);
    assertMatch(
      second.message,
      /what was saved after step 2 is whole, so make room .* deno task train --resume .*\/a$/,
    );
    await Deno.remove(`${dir}/a/best-3.safetensors.tmp`, { recursive: true });
    assertEquals(await readFolder(`${dir}/a`), before);
    await folder.close();
  }));

Deno.test("a folder that is removed in the middle of a run is made and locked again by the next save, and it is told", () =>
  withFolder(async (dir) => {
    const run = `${dir}/deep/run`;
    const warnings: string[] = [];
    let renewed = 0;
    const folder = await openFolder(run, {
      warn: (line) => warnings.push(line),
      renew: () => renewed++,
    });
    const remove = (path: string) => Deno.removeSync(path, { recursive: true });
    const told: string[][] = [];
    /** Saves, and looks at what is there when that begins. */
    const save = (step: number, best: boolean) =>
      folder.save(checkpointAt(step, { best }), () => {
        told.push([...Deno.readDirSync(run)].map(({ name }) => name).sort());
      });
    remove(`${dir}/deep`);
    await save(1, true);
    assertEquals(
      await names(run),
      ["best.safetensors", "config.json", ...filesOf(1), "lock"].sort(),
    );
    await assertRejects(() => openFolder(run, { begin: "over" }), LockedError);
    remove(run);
    await save(2, false);
    assertEquals(await folder.hasBest(), false);
    assertEquals(await names(run), ["config.json", ...filesOf(2), "lock"].sort());
    // The lock alone.
    remove(`${run}/lock`);
    await save(3, false);
    assertEquals(
      await names(run),
      ["config.json", ...filesOf(2).slice(1), ...filesOf(3), "lock"].sort(),
    );
    await assertRejects(() => openFolder(run, { begin: "over" }), LockedError);
    assertEquals([told.slice(0, 2), renewed], [
      [["config.json", "lock"], ["config.json", "lock"]],
      3,
    ]);
    const warning =
      `warning: ${run} was removed while the run saved to it: it is made again, with what is saved and logged from now on`;
    assertEquals(warnings, [warning, warning]);
    await folder.close();
    assertEquals((await names(run)).includes("lock"), false);
  }));

Deno.test("a save that fails as its folder is removed is tried once more, and ends with a line after that", () =>
  withFolder(async (dir) => {
    const run = `${dir}/run`;
    const folder = await openFolder(run);
    let left = 1;
    const remove = () => {
      if (left-- > 0) Deno.removeSync(run, { recursive: true });
    };
    const saving = folder.save(checkpointAt(1, { best: true }), remove);
    assertEquals(left, 0, "it is told at once");
    await saving;
    assertEquals(
      await names(run),
      ["best.safetensors", "config.json", ...filesOf(1), "lock"].sort(),
    );
    const read = async () => models.getOrThrow(await readRun(run)()).saved?.params;
    assertEquals(await read(), checkpointAt(1, { best: true }).training.params);
    left = 2;
    await assertRejects(
      () => folder.save(checkpointAt(2, { best: false }), remove),
      Error,
      `Cannot save to ${run} as it was removed while the run saved to it, and removed again; ` +
        "what was saved before is gone: begin the run anew, in a folder that stays",
    );
    // Another run has it by now: its files stay.
    const other = await openFolder(run);
    await assertRejects(() => folder.save(checkpointAt(3, { best: false })), LockedError);
    await folder.discard();
    await folder.close();
    assertEquals(await names(run), ["config.json", "lock"]);
    await other.close();
    // Something else has its name.
    await Deno.remove(run, { recursive: true });
    await Deno.writeTextFile(run, "");
    await assertRejects(
      () => folder.save(checkpointAt(3, { best: false })),
      Error,
      `Cannot make ${run} again, which was removed while the run saved to it, as the system refuses: `,
    );
  }));

Deno.test("a finished run that was killed at the end of its last save has its files when somebody asks for more", () =>
  withFolder(async (dir) => {
    const folder = await openFolder(dir);
    const { training: { position, ...training }, ...rest } = checkpointAt(3, { best: true });
    const { epochs } = config.settings;
    const [result] = position!.history;
    const history = Array.from({ length: epochs }, (_, epoch) => ({ ...result!, epoch, step: 3 }));
    const end = { ...position!, step: epochs + 3, epoch: epochs, history };
    await folder.save({ ...rest, training: { ...training, position: end } });
    await folder.close();
    const before = await readFolder(dir);
    const name = `step-${epochs + 3}`;
    await Deno.rename(`${dir}/${name}.safetensors`, `${dir}/${name}.next.safetensors`);
    for (
      const left of ["step-1.safetensors", "README.md.0123abcd.tmp", "config.json.0123abcd.tmp"]
    ) {
      await Deno.writeTextFile(`${dir}/${left}`, "");
    }
    const held: { release(): void }[] = [];
    const flags = { resume: dir } as Parameters<typeof openRequest>[0];
    const { finished } = await openRequest(flags, () => {}, (lock) => void held.push(lock));
    assertStringIncludes(finished ?? "", "finished: nothing is left");
    held.forEach((lock) => lock.release());
    assertEquals(await readFolder(dir), before);
  }));

Deno.test("what runs saved before there were generations goes with the first save, and nothing else", () =>
  withFolder(async (dir) => {
    const folder = await openFolder(dir);
    const old = ["last.safetensors", "optimizer-3.safetensors"];
    const torn = ["last.safetensors.0123abcd.tmp", "README.md.0123abcd.tmp"];
    for (const name of [...old, ...torn, "mine.0123abcd.tmp", "mine.tmp"]) {
      await Deno.writeTextFile(`${dir}/${name}`, "");
    }
    await folder.save(checkpointAt(1, { best: false }));
    await folder.close();
    assertEquals(await names(dir), [
      "config.json",
      "last.json",
      "mine.0123abcd.tmp",
      "mine.tmp",
      ...filesOf(1).slice(1),
    ]);
  }));

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

Deno.test("computeNeededBytes() counts what saves take more than is taken already", () => {
  const written = { generation: 3, best: 1 };
  const count = (taken: number, keep: number, saves: number) =>
    computeNeededBytes(written, taken, { keep, saves });
  assertEquals(count(0, 2, 1), 4);
  assertEquals(count(0, 2, 2), 8);
  // As many as are kept and one that is being written, and the best beside the one before.
  assertEquals(count(0, 2, Infinity), 11);
  assertEquals(count(0, 1, Infinity), 8);
  assertEquals(count(7, 2, Infinity), 4);
  assertEquals(count(9, 2, Infinity), 4);
  assertEquals(count(0, 2, 0), 0);
});

Deno.test("takePosition() knows no best epoch where the parameters that were best are missing", () =>
  withFolder(async (dir) => {
    const { training: { position } } = checkpointAt(3, { best: true });
    const take = async () => {
      const taken = await takePosition({ position: position!, settings: presets.quick }, dir);
      return [taken.position.history[0]?.validation?.accuracy, taken.warnings.length];
    };
    assertEquals(await take(), [undefined, 0]);
    const folder = await openFolder(dir);
    await folder.save(checkpointAt(3, { best: true }));
    assertEquals(await take(), [0.3, 0]);
    // Those of another run.
    await folder.save(checkpointAt(4, { best: true, accuracy: 0.25 }));
    assertEquals(await take(), [undefined, 0]);
    await folder.close();
    await Deno.writeTextFile(`${dir}/best.safetensors`, "");
    assertEquals(await take(), [undefined, 1]);
  }));

Deno.test("a run that goes on from before its best epoch, whose own checkpoint is damaged, keeps its history", () =>
  withFolder(async (dir) => {
    const folder = await openFolder(dir);
    const first = checkpointAt(3, { best: true });
    const { training: { position, ...training }, ...rest } = checkpointAt(5, { best: true });
    const history = [first, { training: { position } }].flatMap(({ training }, epoch) =>
      training.position!.history.map((result) => ({ ...result, epoch }))
    );
    await folder.save(first);
    await folder.save({
      ...rest,
      training: { ...training, position: { ...position!, epoch: 2, history } },
    });
    await folder.close();
    await Deno.writeTextFile(`${dir}/step-5.optimizer.safetensors`, "");
    const { saved, warnings } = models.getOrThrow(await readRun(dir)());
    assertEquals([saved?.position, warnings.length], [first.training.position, 1]);
    assertEquals(await takePosition(saved!, dir), { position: saved!.position, warnings: [] });
    // Where the run has no epochs to come, nothing takes the place of a best that is damaged.
    assertEquals(await checkBest(dir, saved!.position), []);
    await Deno.writeTextFile(`${dir}/best.safetensors`, "");
    const [line = ""] = await checkBest(dir, saved!.position);
    assertMatch(
      line,
      /^warning: Cannot read .*best.safetensors as .*; evaluate and predict take step-3.safetensors instead$/,
    );
  }));

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

import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createResultPrinter } from "../../tasks/_text/print.ts";
import { checkJsonLog, createJsonLog, openJsonLog } from "../../tasks/_train/json_log.ts";
import { openLog } from "../../tasks/_train/prepare_run.ts";
import { withFolder } from "./_task.ts";

Deno.test("checkJsonLog() refuses a folder and a file that is not a log", () =>
  withFolder(async (dir) => {
    const [log, out] = [`${dir}/log`, `${dir}/run`];
    const refused = (reason: string) =>
      assertRejects(() => checkJsonLog(log, out), Error, `Cannot use --log ${log} as ${reason}`);
    await checkJsonLog(undefined, out);
    await checkJsonLog(log, out);
    await checkJsonLog(`${out}/./log`, `${out}/`);
    await assertRejects(
      () => checkJsonLog(`${dir}/absent/log`, out),
      Error,
      `Cannot write the log ${dir}/absent/log as there is no such folder`,
    );
    for (const text of ["", '{"event":"run"}\n{"event":"step"}\n']) {
      await Deno.writeTextFile(log, text);
      await checkJsonLog(log, out);
      assertEquals(await Deno.readTextFile(log), text, "it is not written to");
    }
    for (const text of ["mine", "null\n", '{"model":{}}\n', "\x00\x01\x02"]) {
      await Deno.writeTextFile(log, text);
      await refused("there is a file that is not a log");
      assertEquals(await Deno.readTextFile(log), text);
    }
    await Deno.remove(log);
    await Deno.mkdir(log);
    await refused("it is a folder");
    const link = `${dir}/link`;
    await Deno.symlink(link, link);
    await assertRejects(
      () => checkJsonLog(link, out),
      Error,
      `Cannot write the log ${link} as the system refuses: `,
    );
  }));

Deno.test("openJsonLog() replaces a log, or appends to it as a run goes on", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log`;
    for (const [append, lines] of [[false, 1], [true, 2], [false, 1]] as const) {
      const log = await openJsonLog(path, append, () => {});
      log.write({ event: "run" });
      assertEquals((await Deno.readTextFile(path)).trim().split("\n").length, lines);
    }
    await assertRejects(
      () => openJsonLog(`${dir}/absent/log`, false, () => {}),
      Error,
      `Cannot write the log ${dir}/absent/log as the system refuses`,
    );
  }));

Deno.test("a log whose disk is full leaves out events, says so once, and has whole lines", () => {
  let content = "";
  let room = 20;
  const warnings: string[] = [];
  const file = {
    writeSync(bytes: Uint8Array) {
      const taken = bytes.subarray(0, room - content.length);
      if (taken.length === 0) throw new Error("No space left on device");
      content += new TextDecoder().decode(taken);
      return taken.length;
    },
    truncateSync: (length = 0) => void (content = content.slice(0, length)),
  };
  const log = createJsonLog(file, { end: 0, path: "log", warn: (line) => warnings.push(line) });
  for (const event of ["one", "two", "three"]) log.write({ event });
  assertEquals(content, '{"event":"one"}\n');
  room = 100;
  log.write({ event: "four" });
  assertEquals(content, '{"event":"one"}\n{"event":"four"}\n');
  assertEquals(warnings, [
    "warning: Cannot write the log log, and goes on without: No space left on device",
  ]);
});

Deno.test("createResultPrinter() warns once where standard output is full, and goes on", () => {
  const printed: string[] = [];
  const warnings: string[] = [];
  let full = false;
  const print = createResultPrinter((line) => {
    if (full) throw new Error("No space left on device");
    printed.push(line);
  }, (line) => warnings.push(line));
  print("a");
  full = true;
  print("b");
  print("c");
  full = false;
  print("d");
  assertEquals(printed, ["a", "d"]);
  assertEquals(warnings, [
    "warning: Cannot print results, and goes on without: No space left on device",
  ]);
});

Deno.test("openLog() opens a log in the run's folder, but not in the place of what is saved there", () =>
  withFolder(async (dir) => {
    const saved = undefined;
    const names = ["last", "best", "optimizer-12", "optimizer-12-1"].map((n) => `${n}.safetensors`);
    for (const name of ["config.json", ...names]) {
      await assertRejects(
        () => openLog({ saved, flags: { log: `${dir}/./${name}` } }, `${dir}/`),
        UsageError,
        `Cannot use --log ${dir}/./${name} as the run saves to a file of that name`,
      );
    }
    for (const log of [`${dir}/log.jsonl`, `${dir}/best`]) {
      (await openLog({ saved, flags: { log } }, dir)).write({ event: "run" });
      assertEquals(await Deno.readTextFile(log), '{"event":"run"}\n');
    }
  }));

import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createResultPrinter } from "../../tasks/_text/print.ts";
import { checkJsonLog, createJsonLog, openJsonLog } from "../../tasks/_train/report/json_log.ts";
import { openLogs } from "../../tasks/_train/prepare_run.ts";
import { isUntested } from "../../tasks/_train/report/run_log.ts";
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
    const start = { epoch: 0, step: 0 };
    for (const [position, lines] of [[undefined, 1], [start, 2], [undefined, 1]] as const) {
      const { log } = await openJsonLog(path, position, () => {});
      log.write({ event: "run" });
      log.close();
      assertEquals((await Deno.readTextFile(path)).trim().split("\n").length, lines);
    }
    await assertRejects(
      () => openJsonLog(`${dir}/absent/log`, undefined, () => {}),
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
    close() {},
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

/** A log of two epochs of two steps, saved after each step. */
const EVENTS = [
  { event: "run" },
  { event: "step", step: 1, epoch: 1, seconds: 1 },
  { event: "save", step: 1, epoch: 1, seconds: 2 },
  { event: "step", step: 2, epoch: 1, seconds: 3 },
  { event: "save", step: 2, epoch: 1, seconds: 4 },
  { event: "epoch", epoch: 1, seconds: 6 },
  { event: "save", step: 2, epoch: 2, seconds: 7 },
  { event: "run" },
  { event: "step", step: 3, epoch: 2, seconds: 8 },
  { event: "save", step: 3, epoch: 2, seconds: 9 },
  { event: "step", step: 4, epoch: 2, seconds: 12 },
  { event: "epoch", epoch: 2, seconds: 13 },
  { event: "save", step: 4, epoch: 3, seconds: 14 },
  { event: "test", accuracy: 0.5 },
];

const format = (events: readonly object[]) =>
  events.map((event) => JSON.stringify(event) + "\n").join("");

Deno.test("openJsonLog() cuts a log back to where a run goes on, and tells the time until then", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log`;
    const text = format(EVENTS);
    for (
      const [epoch, step, lines, seconds, epochSeconds] of [
        [0, 0, 1, 0, 0],
        [0, 1, 3, 2, 2],
        // The same step, before the epoch has ended and after.
        [0, 2, 5, 4, 4],
        [1, 2, 8, 7, 1],
        [1, 3, 10, 9, 3],
        [2, 4, 13, 14, 1],
      ] as const
    ) {
      // Whatever a killed process has left of the last line.
      for (const torn of ["", '{"event":"step","st', "\0\0\0"]) {
        await Deno.writeTextFile(path, text + torn);
        const { log, facts } = await openJsonLog(path, { epoch, step }, () => {});
        log.close();
        assertEquals(facts, { seconds, epochSeconds, retried: false, damaged: 0 });
        assertEquals(await Deno.readTextFile(path), format(EVENTS.slice(0, lines)));
      }
    }
  }));

Deno.test("openJsonLog() names a log with damaged lines, and keeps them", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log`;
    const text = format(EVENTS.slice(0, 3)) + '{"event:"\n' + format(EVENTS.slice(3, 7));
    await Deno.writeTextFile(path, text);
    const warnings: string[] = [];
    const { log, facts } = await openJsonLog(path, { epoch: 1, step: 2 }, (w) => warnings.push(w));
    log.close();
    assertEquals(warnings, [`warning: ${path} has 1 damaged line`]);
    assertEquals(facts, { seconds: 7, epochSeconds: 1, retried: false, damaged: 1 });
    assertEquals(await Deno.readTextFile(path), text);
  }));

Deno.test("isUntested() tells whether the best are still to be scored", () => {
  const log = (images: object, ...events: object[]) =>
    isUntested(new TextEncoder().encode(format([{ event: "run", ...images }, ...events])));
  const both = { validationImages: 2, testImages: 3 };
  assertEquals(log(both, { event: "epoch", epoch: 1 }), true);
  assertEquals(log(both, { event: "test" }), false);
  assertEquals(log({ validationImages: 0, testImages: 3 }), false);
});

Deno.test("openLogs() has a run's log in its folder and where it was asked for, but not in the place of what is saved", () =>
  withFolder(async (dir) => {
    const open = async (flags: { readonly log?: string; readonly resume?: string }, to = dir) => {
      const { log } = await openLogs(
        { flags },
        to,
        flags.resume ? { epoch: 0, step: 1 } : undefined,
      );
      log.write({ event: "step", step: 1, epoch: 1, seconds: 1 });
      log.close();
    };
    const old = ["last", "optimizer-12", "optimizer-12-1"];
    const names = [...old, "best", "step-3", "step-3.optimizer", "best-3"];
    for (
      const name of [
        "config.json",
        "last.json",
        "lock",
        ...names.map((n) => `${n}.safetensors`),
      ]
    ) {
      await assertRejects(
        () => open({ log: `${dir}/./${name}` }),
        UsageError,
        `Cannot use --log ${dir}/./${name} as the run saves to a file of that name`,
      );
    }
    const line = format([{ event: "step", step: 1, epoch: 1, seconds: 1 }]);
    for (const log of [undefined, `${dir}/./log.jsonl`, `${dir}/best`]) {
      await open({ ...log !== undefined && { log } });
      assertEquals(await Deno.readTextFile(`${dir}/log.jsonl`), line);
      if (log) assertEquals(await Deno.readTextFile(log), line);
    }
    // One that goes on in another folder has what was made in the first.
    await Deno.mkdir(`${dir}/other`);
    await open({ resume: dir }, `${dir}/other`);
    assertEquals(await Deno.readTextFile(`${dir}/other/log.jsonl`), line + line);
    assertEquals(await Deno.readTextFile(`${dir}/log.jsonl`), line);
  }));

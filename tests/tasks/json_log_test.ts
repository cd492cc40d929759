import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createResultPrinter } from "../../tasks/_text/print.ts";
import { createJsonLog, openJsonLog } from "../../tasks/_train/report/json_log.ts";
import { checkJsonLog, checkOwnLog } from "../../tasks/_train/report/log_file.ts";
import { openLogs } from "../../tasks/_train/prepare_run.ts";
import { isUntested } from "../../tasks/_train/report/run_log.ts";
import { withFolder } from "./_task.ts";

/** The first line of a log. */
const LINE = '{"event":"run","rill":"0.1.0"}\n';

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
    for (const text of ["", LINE, LINE + '{"event":"step"}\n', LINE.slice(0, 9)]) {
      await Deno.writeTextFile(log, text);
      await checkJsonLog(log, out);
      assertEquals(await Deno.readTextFile(log), text, "it is not written to");
    }
    for (
      const text of ["mine", "null\n", '{"model":{}}\n', '{"event":"login"}\n', "\x00\x01\x02"]
    ) {
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
      const { log } = await openJsonLog(path, position, { warn: () => {} });
      log.write({ event: "run" });
      log.close();
      assertEquals((await Deno.readTextFile(path)).trim().split("\n").length, lines);
    }
    await assertRejects(
      () => openJsonLog(`${dir}/absent/log`, undefined, { warn: () => {} }),
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
  { event: "save", step: 1, epoch: 1, reason: "interval", seconds: 2 },
  { event: "step", step: 2, epoch: 1, seconds: 3 },
  { event: "save", step: 2, epoch: 1, reason: "interval", seconds: 4 },
  { event: "epoch", epoch: 1, seconds: 6 },
  { event: "save", step: 2, epoch: 1, reason: "epoch", seconds: 7 },
  { event: "run" },
  { event: "step", step: 3, epoch: 2, seconds: 8 },
  { event: "save", step: 3, epoch: 2, reason: "interval", seconds: 9 },
  { event: "step", step: 4, epoch: 2, seconds: 12 },
  { event: "epoch", epoch: 2, seconds: 13 },
  { event: "save", step: 4, epoch: 2, reason: "epoch", seconds: 14 },
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
        const { log, facts } = await openJsonLog(path, { epoch, step }, { warn: () => {} });
        log.close();
        assertEquals(facts, { seconds, epochSeconds, retried: false, damaged: 0 });
        assertEquals(await Deno.readTextFile(path), format(EVENTS.slice(0, lines)));
      }
    }
  }));

Deno.test("openJsonLog() keeps no line of a save that was made only as the run ended there, but the time", () =>
  withFolder(async (dir) => {
    const path = `${dir}/my log`;
    await Deno.symlink(path, `${dir}/link`);
    const saveAt = (reason: string, seconds: number) => ({
      event: "save",
      step: 3,
      epoch: 2,
      reason,
      seconds,
    });
    const [before, after] = [EVENTS.slice(0, 9), EVENTS.slice(10)];
    for (const reason of ["aborted", "steps"]) {
      await Deno.writeTextFile(path, format([...before, saveAt(reason, 20), ...after]));
      const open = async () => {
        const opened = await openJsonLog(`${dir}/link`, { epoch: 1, step: 3 }, { warn: () => {} });
        assertEquals(opened.facts, { seconds: 20, epochSeconds: 14, retried: false, damaged: 0 });
        return opened.log;
      };
      const first = await open();
      assertEquals(await Deno.readTextFile(path), format(before));
      const run = { event: "run", seconds: 20 };
      first.write(run);
      first.close();
      // Once more, before there was another line.
      (await open()).close();
      assertEquals(await Deno.readTextFile(path), format([...before, run]));
      assert((await Deno.lstat(`${dir}/link`)).isSymlink);
    }
  }));

Deno.test("a log that was removed begins again with the line of its run", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log`;
    const warnings: string[] = [];
    const { log } = await openJsonLog(path, undefined, {
      warn: (line) => warnings.push(line),
      isOwn: true,
    });
    const [run, one, two] = [{ event: "run", rill: "0" }, { event: "one" }, { event: "two" }];
    log.write(run);
    log.write(one);
    log.renew();
    assertEquals(await Deno.readTextFile(path), format([run, one]));
    await Deno.remove(path);
    log.write(two);
    log.renew();
    log.write(two);
    assertEquals(await Deno.readTextFile(path), format([run, two]));
    // What somebody else has put there stays.
    await Deno.remove(path);
    await Deno.writeTextFile(path, "mine");
    log.renew();
    log.write(two);
    log.close();
    assertEquals(await Deno.readTextFile(path), "mine");
    assertEquals(warnings.length, 1);
  }));

Deno.test("a run has its log in no file of somebody else's, and follows no link from its folder", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log.jsonl`;
    const check = (isOwn = false) => checkOwnLog(dir, isOwn);
    await check();
    for (const text of ["", LINE]) {
      await Deno.writeTextFile(path, text);
      await check();
    }
    await Deno.writeTextFile(path, '{"event":"login"}\n');
    await assertRejects(
      () => check(),
      UsageError,
      `Cannot save to ${dir} as its file log.jsonl is not a run's: move it away, or name another folder`,
    );
    // A bit of it may have turned.
    await check(true);
    await Deno.rename(path, `${dir}/other`);
    for (const target of [`${dir}/other`, `${dir}/nowhere`]) {
      await Deno.symlink(target, path);
      for (
        const open of [
          () => check(true),
          () => check(),
          () => openJsonLog(path, undefined, { warn: () => {}, isOwn: true }),
        ]
      ) {
        await assertRejects(open, UsageError, `Cannot use ${path} as it is a link, not a file: `);
      }
      await Deno.remove(path);
    }
    assertEquals(await Deno.readTextFile(`${dir}/other`), '{"event":"login"}\n');
    await Deno.mkdir(path);
    await assertRejects(check, UsageError, `Cannot use ${path} as it is a folder, not a file: `);
  }));

Deno.test("--log takes a pipe that somebody reads, and what a process prints to, and waits for nobody", () =>
  withFolder(async (dir) => {
    const pipe = `${dir}/pipe`;
    const { success } = await new Deno.Command("mkfifo", { args: [pipe] }).output();
    assertEquals(success, true);
    const open = (path: string) => openJsonLog(path, undefined, { warn: () => {} });
    await checkJsonLog(pipe, dir);
    await assertRejects(
      () => open(pipe),
      UsageError,
      `Cannot use --log ${pipe} as it is a pipe that nobody reads`,
    );
    const reading = Deno.readTextFile(pipe);
    const { log } = await open(pipe);
    log.write({ event: "run" });
    log.close();
    assertEquals(await reading, format([{ event: "run" }]));
    // Where a test has all permissions there is nothing to refuse.
    await checkJsonLog("/dev/full", dir).catch((error) => {
      assert(error instanceof UsageError);
      assertStringIncludes(error.message, "Cannot use --log /dev/full as Deno lets a task open no");
    });
    for (const path of ["/dev/stdout", "/dev/null"]) {
      await checkJsonLog(path, dir);
      const { log } = await open(path);
      if (path === "/dev/null") log.write({ event: "run" });
      log.close();
    }
  }));

Deno.test("openJsonLog() names a log with damaged lines, and keeps them", () =>
  withFolder(async (dir) => {
    const path = `${dir}/log`;
    const text = format(EVENTS.slice(0, 3)) + '{"event:"\n' + format(EVENTS.slice(3, 7));
    await Deno.writeTextFile(path, text);
    const warnings: string[] = [];
    const { log, facts } = await openJsonLog(path, { epoch: 1, step: 2 }, {
      warn: (line) => warnings.push(line),
    });
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

import { assert, assertEquals, assertRejects } from "@std/assert";
import { crc32c } from "../../../pipelines/_bytes/crc32.ts";
import { UsageError } from "../../../tasks/_cli/errors.ts";
import {
  checkEventFolder,
  createEventFile,
  openEvents,
} from "../../../tasks/_train/tensorboard/event_file.ts";
import {
  encodeEvent,
  encodeRecord,
  type TensorboardEvent,
} from "../../../tasks/_train/tensorboard/event_record.ts";
import { withFolder } from "../_task.ts";
import { readEvents } from "./_read_events.ts";

Deno.test("crc32c() gives the checksums of RFC 3720", () => {
  const hex = (bytes: Uint8Array) => crc32c(bytes).toString(16);
  assertEquals(hex(new Uint8Array(32)), "8a9136aa");
  assertEquals(hex(new Uint8Array(32).fill(255)), "62a8ab43");
  assertEquals(hex(Uint8Array.from({ length: 32 }, (_, i) => i)), "46dd794e");
  const digits = new TextEncoder().encode("123456789");
  assertEquals(hex(digits), "e3069283");
  assertEquals(crc32c(digits.subarray(3), crc32c(digits.subarray(0, 3))), 0xe3069283);
});

Deno.test("records of events are those of TensorBoard's own writer, byte for byte", () => {
  // tensorboard 2.21.0: RecordWriter(file).write(Event(…).SerializeToString())
  const cases: [TensorboardEvent, string][] = [
    [
      { wallTime: 1.5, fileVersion: "brain.Event:2" },
      "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c",
    ],
    [
      { wallTime: 1.5, step: 21, isStart: true },
      "0f000000000000006d532b0909000000000000f83f10153a020801768d7cfc",
    ],
    [
      { wallTime: 1795828620.668, step: 300, scalars: { "loss/step": 0.25, é: NaN } },
      "2b00000000000000861bc34b0983c02ae38ac2da4110ac022a1d0a100a096c6f73732f73746570150000803e" +
      "0a090a02c3a9150000c07f6f19277d",
    ],
  ];
  for (const [event, hex] of cases) assertEquals(encodeRecord(encodeEvent(event)).toHex(), hex);
});

/** Makes a file in memory that takes so many bytes at once, and `room` in all. */
function createFile({ atOnce = Infinity, room = Infinity } = {}) {
  const bytes: number[] = [];
  let closed = 0;
  return {
    bytes,
    get closed() {
      return closed;
    },
    write(data: Uint8Array) {
      const taken = data.subarray(0, Math.min(atOnce, room - bytes.length));
      if (taken.length === 0) return Promise.reject(new Error("No space left on device"));
      bytes.push(...taken);
      return Promise.resolve(taken.length);
    },
    close: () => void closed++,
  };
}

const refuseWarning = (line: string) => {
  throw new Error(line);
};

Deno.test("openEvents() begins with the format and the start, and writes all that it was given", async () => {
  const file = createFile({ atOnce: 7 });
  const events = openEvents(file, 21, { path: "p", warn: refuseWarning });
  for (let step = 21; step < 60; step++) events.write({ wallTime: 2, step, scalars: { a: step } });
  await events.close();
  const read = readEvents(Uint8Array.from(file.bytes));
  assertEquals(read.slice(0, 2).map(({ wallTime: _, ...event }) => event), [
    { step: 0, fileVersion: "brain.Event:2" },
    { step: 21, isStart: true },
  ]);
  assertEquals(
    read.slice(2),
    Array.from({ length: 39 }, (_, i) => ({ wallTime: 2, step: 21 + i, scalars: { a: 21 + i } })),
  );
  assertEquals(file.closed, 1);
});

Deno.test("a full disk is one warning, and what was written before stays", async () => {
  const file = createFile({ room: 100 });
  const warnings: string[] = [];
  const events = openEvents(file, 0, { path: "dir/events", warn: (line) => warnings.push(line) });
  for (let step = 1; step < 9; step++) {
    events.write({ wallTime: 2, step, scalars: { a: step } });
    await new Promise((resolve) => setTimeout(resolve));
  }
  await events.close();
  assertEquals(warnings, [
    "warning: Cannot write events to dir/events, and goes on without: No space left on device",
  ]);
  assertEquals([file.bytes.length, file.closed], [100, 1]);
});

Deno.test("a file that refuses at once, and writes after the end, do no harm", async () => {
  const warnings: string[] = [];
  const file = {
    write(): Promise<number> {
      throw new Error("gone");
    },
    close() {},
  };
  const events = openEvents(file, 0, { path: "p", warn: (line) => warnings.push(line) });
  await events.close();
  events.write({ wallTime: 1 });
  assertEquals(warnings.length, 1);
});

Deno.test("a disk that hangs holds up nothing, and takes no memory without end", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const warnings: string[] = [];
  const file = { write: () => promise, close() {} };
  const events = openEvents(file, 0, { path: "p", warn: (line) => warnings.push(line) });
  const event = { wallTime: 1, step: 1, scalars: { ["x".repeat(1000)]: 1 } };
  for (let i = 0; i < 1000; i++) events.write(event);
  assertEquals(warnings, []);
  for (let i = 0; i < 100; i++) events.write(event);
  assertEquals(warnings, [
    "warning: Cannot write events to p, and goes on without: the disk is too slow",
  ]);
  resolve(1e9);
  await events.close();
});

Deno.test("createEventFile() names files in the order in which they were begun", () =>
  withFolder(async (dir) => {
    const open = async () => await (await createEventFile(`${dir}/a/b`, 0, refuseWarning)).close();
    const list = async () =>
      (await Array.fromAsync(Deno.readDir(`${dir}/a/b`), ({ name }) => name)).sort();
    await open();
    const names = await list();
    for (let i = 0; i < 3; i++) {
      await open();
      const now = await list();
      assertEquals(now.slice(0, -1), names);
      names.push(now.at(-1)!);
    }
    const later = "events.out.tfevents.9999999999.host.1.0";
    await Deno.writeTextFile(`${dir}/a/b/${later}`, "");
    await open();
    assertEquals((await list()).slice(-2), [later, `${later}.rill.000`]);
  }));

Deno.test("what can't hold events is refused in a line", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "mine");
    await checkEventFolder(`${dir}/new`);
    await checkEventFolder(dir);
    await assertRejects(
      () => checkEventFolder(`${dir}/file`),
      UsageError,
      `Cannot use --tensorboard ${dir}/file as it is not a folder`,
    );
    const error = await assertRejects(
      () => createEventFile(`${dir}/file/run`, 0, refuseWarning),
      Error,
      `Cannot write events for TensorBoard to ${dir}/file/run as the system refuses: `,
    );
    assert(!error.message.includes("\n"));
  }));

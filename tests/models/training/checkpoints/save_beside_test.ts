import { pipe } from "fp-ts/lib/function.js";
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  type CheckpointEvent,
  type CopiedCheckpoint,
  copyTraining,
  encodeCheckpoint,
  listBuffers,
  openCheckpointStore,
  saveBeside,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingCopy,
  type TrainingEvent,
} from "@rill/rill/models";
import { backendTest, withBackend } from "../../_helpers.ts";
import { threadsTest } from "../../_threads.ts";
import createPlan from "../epochs/_plan.ts";
import { createStreams, encode, MODULE } from "../epochs/_trainings.ts";
import { createMemoryFiles } from "./_memory_files.ts";

const options = (
  backend: Backend,
  optimizer: "adam" | "averaged" | "accumulate" = "adam",
): TrainEpochsOptions => ({
  backend,
  model: createPlan({ optimizer }),
  epochs: 2,
  ...createStreams(),
});

async function encodeCopy(
  copy: TrainingCopy,
  options?: Parameters<typeof encodeCheckpoint>[1],
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of encodeCheckpoint(copy, options)) parts.push(part);
  return await new Blob(parts).bytes();
}

/** Asserts that a checkpoint's copy has the bytes of the checkpoint, here and in another place. */
async function assertCopies(event: CheckpointEvent, memory?: ArrayBuffer): Promise<ArrayBuffer> {
  const expected = await encode(event);
  const averaged = await encode(event, { contents: "params", averaged: true });
  const copy = await copyTraining(event, { averages: true, memory });
  const [buffer, ...others] = listBuffers(copy);
  assert(buffer && others.length === 0);
  if (memory) assertEquals(buffer, memory);
  const posted = structuredClone(copy, { transfer: [buffer] });
  assertEquals(buffer.byteLength, 0);
  assertEquals(await encodeCopy(posted), expected);
  // It is brought to rest once.
  assertEquals(await encodeCopy(posted), expected);
  assertEquals(await encodeCopy(posted, { contents: "params", averaged: true }), averaged);
  return listBuffers(posted)[0]!;
}

for (const optimizer of ["adam", "averaged", "accumulate"] as const) {
  backendTest(`a copy has what the training has, with ${optimizer}`, async (backend) => {
    let memory: ArrayBuffer | undefined;
    for await (const event of trainEpochs(options(backend, optimizer))) {
      if (event.kind === "checkpoint") memory = await assertCopies(event, memory);
    }
    assert(memory);
  });
}

threadsTest(3, "a copy has what all threads have", () =>
  withBackend("wasm", async (backend) => {
    let memory: ArrayBuffer | undefined;
    const training = { ...options(backend), model: MODULE, options: { optimizer: "averaged" } };
    for await (const event of trainEpochs({ ...training, threads: 3, saveEvery: 3 })) {
      if (event.kind === "checkpoint") memory = await assertCopies(event, memory);
    }
    assert(memory);
  }));

/** Lists what comes when: events, and saves that begin and end. */
function createDiary() {
  const diary: string[] = [];
  let end = () => {};
  return {
    diary,
    /** Lets the save that is under way end. */
    end: () => end(),
    save: async ({ training }: CopiedCheckpoint) => {
      const step = training.position?.step;
      diary.push(`begin ${step}`);
      await new Promise<void>((resolve) => end = resolve);
      diary.push(`end ${step}`);
    },
  };
}

Deno.test("a training goes on while a checkpoint is saved, and waits with the next, and at its end", () =>
  withBackend("wasm", async (backend) => {
    const { diary, end, save } = createDiary();
    const events = pipe(trainEpochs({ ...options(backend), saveEvery: 3 }), saveBeside(save));
    for await (const event of events) {
      if (event.kind === "validation") continue;
      diary.push(event.kind === "step" ? `step ${event.metrics.step}` : event.kind);
      // Two steps later, or where nothing else would come.
      if (event.kind === "epoch" || event.kind === "checkpoint" && event.reason === "epoch") {
        setTimeout(end);
      }
    }
    const isEnd = (entry: string) => entry.startsWith("end ");
    assertEquals(diary.filter((entry) => !isEnd(entry)), [
      ...["step 1", "step 2", "step 3", "begin 3", "checkpoint", "step 4", "epoch"],
      ...["begin 4", "checkpoint", "step 5", "step 6", "begin 6", "checkpoint"],
      ...["step 7", "step 8", "epoch", "begin 8", "checkpoint", "end"],
    ]);
    assertEquals(diary.filter(isEnd), ["end 3", "end 4", "end 6", "end 8"]);
    // A save ends before the next begins, or the training; this one could not end before.
    for (
      const [before, end, after] of [
        ["step 4", "end 3", "begin 4"],
        ["begin 4", "end 4", "begin 6"],
        ["step 8", "end 6", "begin 8"],
        ["begin 8", "end 8", "end"],
      ]
    ) {
      const [first, at, last] = [before, end, after].map((entry) => diary.indexOf(entry!));
      assert(first! < at! && at! < last!, `${end} in ${diary}`);
    }
  }));

Deno.test("an error of saving ends the training at its next event, and what else it ends with says more", () =>
  withBackend("wasm", async (backend) => {
    const failing = () => Promise.reject(new TypeError("the disk is full"));
    const run = async (
      save: () => void | Promise<void>,
      more: Partial<TrainEpochsOptions> = {},
      body: (event: TrainingEvent) => void = () => {},
    ) => {
      const kinds: string[] = [];
      const events = pipe(trainEpochs({ ...options(backend), ...more }), saveBeside(save));
      const ended = (async () => {
        for await (const event of events) {
          kinds.push(event.kind);
          body(event);
          if (event.kind === "checkpoint") await new Promise((resolve) => setTimeout(resolve));
        }
      })();
      await ended.catch(() => {});
      return { kinds, ended };
    };
    const first = await run(failing);
    await assertRejects(() => first.ended, TypeError, "the disk is full");
    assertEquals(first.kinds.at(-1), "checkpoint");
    // At the last there is no further event but the end, which doesn't come.
    const last = await run(failing, { epochs: 1 });
    await assertRejects(() => last.ended, TypeError, "the disk is full");
    assertEquals(last.kinds.at(-1), "checkpoint");
    const sync = await run(() => {
      throw new TypeError("no luck");
    });
    await assertRejects(() => sync.ended, TypeError, "no luck");
    const own = await run(failing, {}, ({ kind }) => {
      if (kind === "checkpoint") throw new RangeError("of whoever asks");
    });
    await assertRejects(() => own.ended, RangeError, "of whoever asks");
    const { train } = createStreams();
    const streams = await run(failing, {
      train: ({ epoch, index }) => {
        if (epoch === 1) throw new RangeError("of the stream");
        return train({ epoch, index });
      },
    });
    await assertRejects(() => streams.ended, RangeError, "of the stream");
  }));

Deno.test("whoever stops asking waits for what is being saved, and hears of its error", () =>
  withBackend("wasm", async (backend) => {
    let saved = false;
    const stop = async (save: () => Promise<void>) => {
      for await (const event of saveBeside(save)(trainEpochs(options(backend)))) {
        if (event.kind === "checkpoint") break;
      }
    };
    await stop(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      saved = true;
    });
    assert(saved);
    await assertRejects(
      () => stop(() => Promise.reject(new TypeError("the disk is full"))),
      TypeError,
      "the disk is full",
    );
  }));

Deno.test("the memory of a copy is taken for the next, or that which saving gives", () =>
  withBackend("wasm", async (backend) => {
    const run = async (save: (checkpoint: CopiedCheckpoint) => ArrayBuffer | undefined) => {
      const buffers: ArrayBuffer[] = [];
      const training = trainEpochs({ ...options(backend), saveEvery: 1 });
      const events = saveBeside((checkpoint) => {
        buffers.push(...listBuffers(checkpoint.training));
        return save(checkpoint);
      })(training);
      for await (const _ of events);
      return buffers;
    };
    const own = await run(() => undefined);
    assert(own.length > 4 && own.every((buffer) => buffer === own[0]));
    const handed: ArrayBuffer[] = [];
    const given = await run(({ training }) => {
      const posted = structuredClone(training, { transfer: listBuffers(training) });
      handed.push(...listBuffers(posted));
      return handed.at(-1);
    });
    assertEquals(given.slice(1), handed.slice(0, -1));
    // A worker that gives nothing back.
    const lost = await run(({ training }) => {
      structuredClone(training, { transfer: listBuffers(training) });
      return undefined;
    });
    assert(lost[1] !== lost[0]);
  }));

Deno.test("a checkpoint comes when time has passed, and gives way in a store", () =>
  withBackend("wasm", async (backend) => {
    const seen: unknown[] = [];
    const timed = { ...options(backend), saveEvery: { seconds: 1e-9 } };
    const memory = createMemoryFiles();
    const store = await openCheckpointStore(memory);
    const save = saveBeside(async ({ training, reason, permanent, best }) => {
      await store.save(training, { permanent, best });
      seen.push([training.position?.step, reason, permanent]);
    });
    for await (const _ of save(trainEpochs(timed)));
    assertEquals(seen, [
      ...[1, 2, 3, 4].map((step) => [step, "interval", false]),
      [4, "epoch", true],
      ...[5, 6, 7].map((step) => [step, "interval", false]),
      [8, "interval", false],
      [8, "epoch", true],
    ]);
    const quiet = createMemoryFiles();
    const other = await openCheckpointStore(quiet);
    const saveOther = saveBeside(({ training, permanent, best }) =>
      other.save(training, { permanent, best })
    );
    for await (const _ of saveOther(trainEpochs(options(backend))));
    assertEquals(
      memory.files,
      new Map([...memory.files.keys()].map((name) => [name, quiet.files.get(name)!])),
    );
    const never = { ...options(backend), saveEvery: { seconds: 1000 } };
    const reasons: string[] = [];
    for await (const event of trainEpochs(never)) {
      if (event.kind === "checkpoint") reasons.push(event.reason);
    }
    assertEquals(reasons, ["epoch", "epoch"]);
  }));

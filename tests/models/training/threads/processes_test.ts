// Trainings that processes share, which workers stand for: communicators are tested by themselves.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { sharedMemory } from "@rill/rill/models";
import { threadsTest } from "../../_threads.ts";
import type { ProcessAnswer, ProcessJob } from "./_process.ts";

type Job = Omit<ProcessJob, "memory" | "rank">;

/** Runs processes, each by a job of its own, and counts the numbers that each takes of others. */
async function countNumbers(jobs: readonly Job[]): Promise<ProcessAnswer[]> {
  const memory = sharedMemory(jobs.length);
  const workers = jobs.map(() =>
    new Worker(new URL("./_process.ts", import.meta.url), { type: "module" })
  );
  try {
    return await Promise.all(
      workers.map((worker, rank) =>
        new Promise<ProcessAnswer>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
          worker.postMessage({ ...jobs[rank]!, memory, rank } satisfies ProcessJob);
        })
      ),
    );
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** Runs processes, each by a job of its own. */
const runProcesses = async (jobs: readonly Job[]) =>
  (await countNumbers(jobs)).map(({ taken: _, ...outcome }) => outcome);

/** Gives processes the same job. */
const alike = (processes: number, job: Job): Job[] => Array.from({ length: processes }, () => job);

threadsTest(
  4,
  "any number of processes and threads trains and validates to the same bits, and threads of a process take no more of others " +
    "than it takes alone",
  async () => {
    const job = { plan: { optimizer: "averaged" }, epochs: 2, saveEvery: 3 } as const;
    const [alone] = await runProcesses(alike(1, { ...job, threads: 1 }));
    assertEquals(alone!.error, undefined);
    // Steps after which it saves, and epochs.
    assertEquals(alone!.saved.length, 4);
    const mosts: number[] = [];
    for (const [processes, threads, inParts] of [[2, 1, true], [2, 2, false]] as const) {
      const counts: number[] = [];
      const outcomes = await countNumbers(alike(processes, { ...job, threads, inParts }));
      for (const { taken, ...outcome } of outcomes) {
        assertEquals(outcome, alone);
        counts.push(taken);
      }
      mosts.push(Math.max(...counts));
    }
    assert(mosts[1]! <= mosts[0]!, `${mosts}`);
  },
);

threadsTest(3, "the first process saves all of the state, whichever wants to", async () => {
  const job = { plan: {}, epochs: 1, threads: 1, beside: true } as const;
  const [alone] = await runProcesses([{ ...job, saveAfter: 2 }]);
  const [first, ...others] = await runProcesses([job, job, { ...job, saveAfter: 2 }]);
  assertEquals(alone!.saved.length, 2);
  assertEquals(first, alone);
  for (const { saved, told } of others) assertEquals([saved, told], [[], alone!.told]);
});

threadsTest(
  4,
  "processes go on from where others were, each with its parts of batches",
  async () => {
    const job = { plan: { optimizer: "accumulate" }, epochs: 1, saveEvery: 2, threads: 2 } as const;
    const [alone] = await runProcesses([{ ...job, threads: 1 }]);
    // After two steps, in the middle of an accumulation.
    const [from, ...rest] = alone!.saved;
    const [first, second] = await runProcesses([
      { ...job, inParts: true, from: from! },
      { ...job, inParts: true },
    ]);
    assertEquals(first!.error, undefined);
    assertEquals([first!.saved, second!.saved], [rest, rest]);
  },
);

threadsTest(3, "processes end after the same step, whichever is told to", async () => {
  // First where numbers aren't finite: the first process alone has the examples by which a checkpoint is judged, and reads metrics
  // long before the other one wants to.
  const job = { plan: {}, epochs: 1, threads: 1, inParts: true } as const;
  const before = { ...job, saveEvery: 1, plan: { optimizer: "sgd", learningRate: 1e25 } } as const;
  const spoilt = { ...job, isSpoilt: true, before };
  const jobs = [{ ...job, epochs: 1000, before: spoilt }, {
    ...{ ...job, epochs: 1000, endAfter: 30 },
    before: { ...spoilt, stalls: 300 },
  }];
  const [first, second] = await runProcesses(jobs);
  const tell = (subject: string, arose = "") => ({
    name: "NotFiniteError",
    message:
      `Cannot go on as ${subject} after step 1 is not finite, but NaN${arose}: try a lower learning rate`,
  });
  for (const { before } of [first!, second!]) assertEquals(before!.error, tell("the loss"));
  const judged = [first, second].map((outcome) => outcome!.before!.before!.error);
  assertEquals(judged, [
    tell("the loss of validation", ": it arose in the output of 1, BatchNorm2d(4)"),
    tell("the loss of validation"),
  ]);
  // Then they train on by the same communicator.
  assertEquals(first!.error, undefined);
  assertEquals(first!.told.slice(-2), ["aborted", "end"]);
  assertEquals([second!.told, second!.saved, second!.error], [
    first!.told,
    first!.saved,
    undefined,
  ]);
});

threadsTest(2, "a process that fails ends the others, which name it", async () => {
  const job = { plan: {}, epochs: 9, threads: 1 } as const;
  const [first, second] = await runProcesses([job, { ...job, failsIn: 1 }]);
  assertEquals([first!.error, second!.error], [
    { name: "CommunicatorError", message: "Cannot go on as rank 1 failed: no luck" },
    { name: "RangeError", message: "no luck" },
  ]);
});

threadsTest(2, "processes that are to train otherwise are refused by name", async () => {
  const job = { plan: {}, epochs: 2, threads: 1 } as const;
  const outcomes = await runProcesses([job, { ...job, epochs: 3 }]);
  for (const { error, told } of outcomes) {
    assertEquals(told, []);
    assertStringIncludes(
      error!.message,
      "Cannot use the plan: it must be the same in every process, " +
        "and that of rank 1 has epochs of 3 in the place of epochs of 2",
    );
  }
});

threadsTest(2, "a process that lacks some of its part of a batch is named", async () => {
  const job = { plan: {}, epochs: 1, threads: 1, inParts: true } as const;
  const [first, second] = await runProcesses([job, { ...job, lacks: 1 }]);
  assertEquals([first!.error?.message, second!.error?.message], [
    "Cannot go on as rank 1 failed: Cannot take examples 2 to 5 of a batch of 5, the share of " +
    "rank 1 of 2, of a part with examples 2 to 4",
    "Cannot take examples 2 to 5 of a batch of 5, the share of rank 1 of 2, of a part with " +
    "examples 2 to 4",
  ]);
});

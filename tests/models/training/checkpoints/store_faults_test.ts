// Checkpoints on a disk that loses power, is full, or fails, at every moment of it.
import { assertInstanceOf, assertMatch } from "@std/assert";
import fc from "fast-check";
import { FileSystemError, openCheckpointStore } from "@rill/rill/models";
import { CrashError, createDraw, createFaultyFiles, type Fault } from "./_faulty_files.ts";
import {
  assertHolds,
  assertTidy,
  type Expected,
  listExpected,
  type Save,
  saves,
} from "./_scenario.ts";

/** Tells whether a store ended with its process. */
const isCrash = (error: unknown): boolean =>
  error instanceof CrashError ||
  error instanceof FileSystemError && error.cause instanceof CrashError;

/** How many scenarios are tried; by hand more of them. */
const numRuns = Number(Deno.env.get("RILL_FAULTS") ?? 4);

/** Has power lost at each call of a scenario, and asserts what is there then. */
async function losePower(
  scenario: readonly Save[],
  keep: number,
  seed: number,
  again: number,
): Promise<void> {
  const expected = listExpected(scenario);
  for (let at = 0, ended = false; !ended; at++) {
    const draw = createDraw(seed + at);
    let files = createFaultyFiles(draw);
    files.setFault({ at, kind: "crash" });
    let saved = 0;
    try {
      const store = await openCheckpointStore(files, { keep });
      for (const [i, { training }] of expected.entries()) {
        await store.save(training, scenario[i]);
        saved++;
      }
      ended = true;
    } catch (error) {
      if (!isCrash(error)) throw error;
    }
    // It may be lost once more while it is cleaned up.
    files = files.restart();
    files.setFault({ at: again, kind: "crash" });
    await openCheckpointStore(files, { keep }).catch((error) => {
      if (!isCrash(error)) throw error;
    });
    files = files.restart();
    const store = await openCheckpointStore(files, { keep });
    const before: Expected = expected[saved - 1]?.after ?? {};
    const next = expected[saved]?.after;
    const found = await assertHolds(files, store, [before, ...next ? [next] : []]);
    await assertTidy(files, store);
    // The training goes on from there.
    for (const [i, { training, after }] of expected.entries()) {
      if (i < saved + found) continue;
      await store.save(training, scenario[i]);
      await assertHolds(files, store, [after]);
    }
    await assertTidy(files, store);
  }
}

Deno.test("at whatever call power is lost, the last checkpoint that was saved is there, and nothing is left over", async () => {
  const keep = fc.integer({ min: 1, max: 3 });
  await fc.assert(fc.asyncProperty(saves, keep, fc.integer(), fc.nat(40), losePower), { numRuns });
});

Deno.test("a file that waits for its name isn't written over before it has it", async () => {
  const one: Save = { steps: 0, best: true, permanent: true, other: false };
  const scenario = [one, { ...one, other: true }, one];
  for (let seed = 0; seed < 2; seed++) await losePower(scenario, 1, 1000 * seed, 0);
});

Deno.test("after an error at whatever call, what was saved before is whole, and the store goes on", async () => {
  const kind = fc.constantFrom<Fault["kind"]>("fail", "fail late", "full");
  await fc.assert(
    fc.asyncProperty(saves, fc.integer(), kind, async (scenario, seed, kind) => {
      const expected = listExpected(scenario);
      for (let at = 0, ended = false; !ended; at++) {
        const files = createFaultyFiles(createDraw(seed + at));
        const store = await openCheckpointStore(files);
        files.setFault({ at, kind });
        const end = files.calls + at;
        for (const [i, { training, after }] of expected.entries()) {
          const before: Expected = expected[i - 1]?.after ?? {};
          let error: unknown;
          await store.save(training, scenario[i]).catch((caught) => error = caught);
          if (error === undefined) continue;
          assertInstanceOf(error, FileSystemError);
          assertMatch(error.message, /^Cannot \w+ [\w. -]+: (?:No space left|Input\/output)/);
          files.setFault(undefined);
          // It may have counted before something failed.
          await assertHolds(files, store, [before, after]);
          await store.save(training, scenario[i]);
          await assertHolds(files, store, [after]);
        }
        ended = files.calls <= end;
        files.setFault(undefined);
        await assertHolds(files, store, [expected.at(-1)!.after]);
        // What couldn't be removed is, by the next save or the next store.
        await assertTidy(files, await openCheckpointStore(files));
      }
    }),
    { numRuns },
  );
});

const save = { steps: 0, best: false, permanent: false, other: false };

/** The last two are of one step, whose optimizer's state once was lost where its parameters couldn't be read for a moment. */
const savedTwice: Save[] = [
  save,
  { ...save, best: true },
  { ...save, steps: 1, best: true },
  { ...save, other: true },
];

Deno.test("an error while a store is opened changes nothing that counts", async () => {
  await fc.assert(
    fc.asyncProperty(saves, fc.integer(), fc.nat(), async (scenario, seed, at) => {
      const draw = createDraw(seed);
      let files = createFaultyFiles(draw);
      files.setFault({ at: at % 60, kind: "crash" });
      const expected = listExpected(scenario);
      let saved = 0;
      try {
        const store = await openCheckpointStore(files);
        for (const [i, { training }] of expected.entries()) {
          await store.save(training, scenario[i]);
          saved++;
        }
      } catch (error) {
        if (!isCrash(error)) throw error;
      }
      files = files.restart();
      for (const kind of ["fail", "fail late", "full"] as const) {
        for (let at = 0; at < 12; at++) {
          files.setFault({ at, kind });
          await openCheckpointStore(files).catch((error) =>
            assertInstanceOf(error, FileSystemError)
          );
        }
      }
      files.setFault(undefined);
      const store = await openCheckpointStore(files);
      const next = expected[saved]?.after;
      await assertHolds(files, store, [expected[saved - 1]?.after ?? {}, ...next ? [next] : []]);
      await assertTidy(files, store);
    }),
    { numRuns: 2 * numRuns, examples: [[savedTwice, -643627990, 2105766713]] },
  );
});

// Checkpoints on a disk that loses power, is full, or fails, at every moment of it.
import fc from "fast-check";
import { FileSystemError, openCheckpointStore } from "@rill/rill/models";
import { CrashError, createDraw, createFaultyFiles } from "./_faulty_files.ts";
import { assertHolds, assertTidy, type Expected, listExpected, saves } from "./_scenario.ts";

/** Tells whether a store ended with its process. */
const isCrash = (error: unknown): boolean =>
  error instanceof CrashError ||
  error instanceof FileSystemError && error.cause instanceof CrashError;

/** How many scenarios are tried; by hand more of them. */
const numRuns = Number(Deno.env.get("RILL_FAULTS") ?? 6);

Deno.test("at whatever call power is lost, the last checkpoint that was saved is there, and nothing is left over", async () => {
  const keep = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(saves, keep, fc.integer(), fc.nat(40), async (scenario, keep, seed, again) => {
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
    }),
    { numRuns },
  );
});

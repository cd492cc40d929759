import { assert, assertEquals } from "@std/assert";
import { testUnless } from "../_test_unless.ts";
import { flipBits } from "./_kill/flip_bits.ts";
import { killRuns } from "./_kill/kill_runs.ts";
import { nightly } from "../_nightly.ts";
import { withFolder } from "./_task.ts";

const noSignals = Deno.build.os === "windows" && "no signals to other processes on Windows";

testUnless(
  noSignals,
  "a run that is killed at any moment goes on as if nothing had happened",
  () =>
    withFolder(async (dir) => {
      const lines: string[] = [];
      const options = { kills: 4, threads: 2, seed: 11, dir };
      const report = await killRuns({ ...options, print: (line) => lines.push(line) });
      assertEquals(report.problems, [], lines.join("\n"));
      assertEquals(report.kills, 4);
    }),
);

testUnless(
  nightly,
  "a run goes on though a bit is turned in any of its files, and names the file",
  () =>
    withFolder(async (dir) => {
      const report = await flipBits({ flips: 1, threads: 1, seed: 5, dir, print: () => {} });
      assertEquals(report.problems, []);
      assert(report.flips >= 8);
    }),
);

import { attempt } from "./_cli/errors.ts";
import { choiceFlag, integerFlag, pathFlag } from "./_cli/flags.ts";
import { runTask } from "./_cli/run_task.ts";
import { decoders } from "./_fuzz/decoders.ts";
import { computeRate, formatTallies } from "./_fuzz/format_tallies.ts";
import { runFuzz } from "./_fuzz/run_fuzz.ts";
import { saveFailure } from "./_fuzz/save_failure.ts";
import { TargetProcess } from "./_fuzz/target_process.ts";
import { checkFolderOf, joinPath, readOrdinaryFile } from "./_files/files.ts";
import { createProgressLine, formatPercent } from "./_text/progress_line.ts";

const names = decoders.map(({ name }) => name);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

const DEFAULT_SECONDS = 60;

await runTask(
  {
    name: "fuzz",
    about:
      "Feeds the decoders files that were damaged at random. Each must read or refuse them: one that hangs, crashes, fails " +
      "with an error that is not its own or asks for too much memory ends the task, and the smallest input that shows it is " +
      "saved.",
    flags: {
      seconds: integerFlag({
        least: 1,
        help: "How long to go on",
        shownDefault: `${DEFAULT_SECONDS}`,
      }),
      runs: integerFlag({
        least: 1,
        help: "How many inputs to feed them all together, however long it takes",
        shownDefault: "as many as the time allows",
      }),
      seed: integerFlag({
        least: 0,
        most: 2 ** 31 - 1,
        help: "Seed of the damage: the same seed damages the same files",
        shownDefault: "by the clock",
      }),
      decoder: choiceFlag(names, { help: "The only decoder to try", shownDefault: "all" }),
      input: pathFlag({
        placeholder: "FILE",
        help: "The only input to try: a file that was saved",
      }),
      out: pathFlag({ placeholder: "DIR", help: "Where to save an input", shownDefault: "." }),
    },
  },
  (
    {
      runs,
      seconds = runs ? Infinity : DEFAULT_SECONDS,
      seed = Date.now() % 2 ** 31,
      decoder,
      input,
      out = ".",
    },
  ) =>
    attempt(async () => {
      const chosen = decoders.filter(({ name }) => decoder === undefined || name === decoder);
      await using target = new TargetProcess();
      if (input !== undefined) {
        const bytes = await readOrdinaryFile(input);
        for (const { name } of chosen) console.log(`${name}: ${await target.run(name, bytes)}`);
        return;
      }
      await checkFolderOf(joinPath(out, "input"));
      const line = createProgressLine();
      const start = performance.now();
      const { tallies, failure } = await runFuzz({
        decoders: chosen,
        target,
        seed,
        seconds,
        ...runs !== undefined && { runs },
        onRound(tallies) {
          const done = sum(tallies.map(({ runs }) => runs));
          const passed = (performance.now() - start) / 1000;
          const share = Math.max(passed / seconds, done / (runs ?? Infinity));
          line.show(share, `${done.toLocaleString("en-US")} runs, ${formatPercent(share)}`);
        },
      });
      line.clear();
      console.log(formatTallies(tallies));
      const total = sum(tallies.map(({ runs }) => runs));
      const rate = computeRate(total, sum(tallies.map(({ seconds }) => seconds)));
      console.log(
        `seed ${seed}, ${total.toLocaleString("en-US")} runs, ${
          rate.toLocaleString("en-US")
        } runs/s`,
      );
      if (failure) throw await saveFailure(failure, out);
    }),
);

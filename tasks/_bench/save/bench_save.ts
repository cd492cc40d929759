import { pipe } from "fp-ts/lib/function.js";
import {
  openBackend,
  saveBeside,
  trainEpochs,
  type TrainingBatch,
  type TrainingEvent,
} from "../../../models/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import { type FlagValues, integerFlag, pathFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { MOST_THREADS } from "../../_model/choose_threads.ts";
import { openSaver } from "../../_train/saving/saver.ts";
import { chapter, toModelConfig } from "../../_train/settings/train_settings.ts";
import { formatMachine, readMachine } from "../shared/report.ts";
import { median } from "../shared/statistics.ts";

const flags = {
  side: integerFlag({
    least: 67,
    most: 4096,
    help: "Side of the images, in pixels",
    shownDefault: "67",
  }),
  batchSize: integerFlag({ least: 1, help: "Images in a batch", shownDefault: "128" }),
  threads: integerFlag({
    least: 1,
    most: MOST_THREADS,
    help: "Threads that share each batch",
    shownDefault: "2",
  }),
  steps: integerFlag({ least: 1, help: "Steps from one save to the next", shownDefault: "20" }),
  rounds: integerFlag({
    least: 1,
    help: "How often to measure so many steps with a save, and as many without",
    shownDefault: "5",
  }),
  dir: pathFlag({
    placeholder: "DIR",
    help: "The folder to save to, for its disk: a new one in it, which is removed at the end",
    shownDefault: "that of temporary files",
  }),
};

/** `deno task bench save`. */
export const benchSave = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench save",
    about:
      "Measures what saving beside a training takes of its time, on WASM: the chapter's AlexNet with Adam, by steps behind a " +
      "save and as many without one, in turn, in one training.",
    flags,
  }, (flags) =>
    attempt(() => measureSaves(flags)), args);

async function measureSaves(
  { side = 67, batchSize = 128, threads = 2, steps = 20, rounds = 5, dir }: FlagValues<
    typeof flags
  >,
): Promise<void> {
  console.log(formatMachine(readMachine()));
  await using backend = await openBackend("wasm");
  const folder = await Deno.makeTempDir({ prefix: "rill-bench-save-", ...dir && { dir } });
  const saver = await openSaver(folder, { keep: 2, replace: false });
  const classNames = Array.from({ length: 10 }, (_, i) => String(i));
  const settings = { ...chapter, side, batchSize };
  const saves: number[] = [];
  try {
    const events: AsyncIterable<TrainingEvent> = pipe(
      trainEpochs({
        backend,
        model: new URL("../../_train/training_plan.ts", import.meta.url),
        options: { model: toModelConfig(settings, { classNames }), settings },
        threads,
        epochs: 1,
        // The first steps make everything ready.
        steps: 2 * steps * (rounds + 1),
        saveEvery: 2 * steps,
        train: () => ReadableStream.from(repeatBatch(side, batchSize)),
      }),
      saveBeside(async ({ training }) => {
        const begin = performance.now();
        const outcome = await saver.save({ training, options: {} });
        if (outcome.error) throw outcome.error;
        saves.push((performance.now() - begin) / 1000);
        return outcome.memory;
      }),
    );
    const marks: number[] = [];
    for await (const event of events) {
      if (event.kind === "step" && event.metrics.step % steps === 0) marks.push(performance.now());
    }
    print(marks, { steps, saves });
  } finally {
    await saver.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Prints what was measured: the first mark is before the first steps without a save, and each second one is that of a save. */
function print(
  marks: readonly number[],
  { steps, saves }: { readonly steps: number; readonly saves: readonly number[] },
): void {
  const times = marks.slice(1).map((mark, i) => (mark - marks[i]!) / 1000 / steps);
  const [without, behind] = [0, 1].map((which) => times.filter((_, i) => i % 2 === which));
  // Those before the first save had no memory to copy to.
  const pairs = behind!.map((seconds, i) => seconds / without![i]!).slice(1);
  const format = (seconds: readonly number[]) => `${median(seconds).toFixed(4)} s`;
  console.log(`a step without a save: ${format(without!.slice(1))}`);
  console.log(`a step of ${steps} behind a save: ${format(behind!.slice(1))}`);
  console.log(`a save, beside them: ${median(saves).toFixed(2)} s`);
  console.log(
    `ratio: ${median(pairs).toFixed(4)} (${pairs.map((ratio) => ratio.toFixed(3)).join(", ")})`,
  );
}

/** Gives the same batch of noise again and again. */
function* repeatBatch(side: number, size: number): Generator<TrainingBatch> {
  const data = Float32Array.from(
    { length: size * side * side },
    (_, i) => ((i * 2654435761) % 1000) / 1000,
  );
  const labels = Int32Array.from({ length: size }, (_, i) => i % 10);
  while (true) yield { images: { data, shape: [size, side, side, 1] }, labels, size };
}

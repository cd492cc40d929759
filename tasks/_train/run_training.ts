import type { FlagValues } from "../_cli/flags.ts";
import { explain } from "../_model/explain.ts";
import { readTuning } from "../_model/tuning_file.ts";
import { openBackend } from "../../models/mod.ts";
import { checkFlags } from "./choose_settings.ts";
import {
  addSeconds,
  emptySums,
  formatEpoch,
  formatSums,
  type RunCounters,
} from "./run_counters.ts";
import { prepareRun } from "./prepare_run.ts";
import { readRun } from "./read_run.ts";
import type { Position, Run } from "./run.ts";
import { testEpoch } from "./test_epoch.ts";
import { trainEpoch } from "./train_epoch.ts";
import type { trainFlags } from "./train_flags.ts";

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Trains the chapter's AlexNet as the flags say.
 *
 * @returns The exit code.
 */
export async function runTraining(flags: FlagValues<typeof trainFlags>): Promise<number> {
  checkFlags(flags);
  const saved = flags.resume === undefined ? undefined : await readRun(flags.resume);
  const note = flags.quiet ? () => {} : (line: string) => console.error(line);
  const backend = await openBackend(flags.backend, {
    tuning: await readTuning(note),
    kernels: flags.kernels,
    precision: flags.precision,
  });
  using resources = new DisposableStack();
  try {
    const { run, start } = await prepareRun(backend, flags, saved, resources);
    using _interrupt = run.interrupt;
    try {
      return await trainEpochs(run, start);
    } catch (error) {
      await run.folder.discard();
      throw error;
    } finally {
      run.shown.clear();
    }
  } catch (error) {
    throw explain(backend, error);
  }
}

/** Epoch after epoch, from where the run stands to its last step. */
async function trainEpochs(run: Run, position: Position): Promise<number> {
  const { settings: { epochs, images }, interrupt } = run;
  while (position.progress.epoch < epochs && position.progress.step < run.lastStep) {
    const began = performance.now();
    let { state, progress } = await trainEpoch(run, position);
    const done = progress.index === images;
    const tally = done && !interrupt.requested
      ? await testEpoch(run, { state, progress })
      : undefined;
    progress = addSeconds(progress, (performance.now() - began) / 1000);
    if (interrupt.requested) return await endInterrupted(run, { state, progress });
    if (!tally) return await endWithinEpoch(run, { state, progress });
    position = {
      state,
      progress: await endEpoch(run, { state, progress }, tally.correct / tally.examples),
    };
  }
  return endRun(run, position.progress);
}

/** Saves and tells what an epoch gave. */
async function endEpoch(
  run: Run,
  { state, progress }: Position,
  testAccuracy: number,
): Promise<RunCounters> {
  const { epoch, sums, bestAccuracy } = progress;
  const best = bestAccuracy === null || testAccuracy > bestAccuracy;
  const next: RunCounters = {
    ...progress,
    epoch: epoch + 1,
    index: 0,
    sums: emptySums,
    bestAccuracy: best ? testAccuracy : bestAccuracy,
    seconds: run.seconds(),
  };
  await run.folder.save(state, next, { best });
  run.shown.clear();
  console.log(formatEpoch(epoch + 1, sums, testAccuracy));
  run.log.write({
    event: "epoch",
    epoch: epoch + 1,
    loss: sums.losses / sums.images,
    trainAccuracy: sums.correct / sums.images,
    testAccuracy,
    seconds: next.seconds,
  });
  return next;
}

async function endInterrupted(run: Run, { state, progress }: Position): Promise<number> {
  const { folder: { dir, save }, seconds } = run;
  await save(state, { ...progress, seconds: seconds() }, { best: false });
  run.shown.clear();
  console.error(
    `interrupted after step ${progress.step}: saved to ${dir}; ` +
      `go on with: deno task train --resume ${dir}`,
  );
  return INTERRUPTED;
}

async function endWithinEpoch(run: Run, { state, progress }: Position): Promise<number> {
  const { folder: { dir, save }, seconds } = run;
  await save(state, { ...progress, seconds: seconds() }, { best: false });
  run.shown.clear();
  console.log(`step ${progress.step}, ${formatSums(progress.sums)}`);
  run.note(`saved to ${dir}; go on with: deno task train --resume ${dir}`);
  return 0;
}

function endRun(run: Run, { bestAccuracy }: RunCounters): number {
  const { folder: { dir } } = run;
  run.note(
    `saved to ${dir}; best test acc ${bestAccuracy?.toFixed(3)}; ` +
      `look closer with: deno task evaluate --checkpoint ${dir}/best.safetensors`,
  );
  return 0;
}

import { getOrThrow } from "../../models/mod.ts";
import type { Split } from "../_data/open_data.ts";
import { joinPath } from "../_files/files.ts";
import { listConfusedPairs } from "../_model/confused_pairs.ts";
import { evaluateSplit } from "../_model/evaluate_split.ts";
import { loadParams, readCheckpoint } from "../_model/checkpoint.ts";
import { loadEvaluated } from "../_model/load_model.ts";
import { BEST } from "../_model/run_files.ts";
import { MOST_CONFUSED, noteConfusedPairs } from "./report/note_confused.ts";
import type { Run } from "./run.ts";

/**
 * Scores the best parameters of a run on the test images: once, as they were used for no choice. A signal to the run ends it, and
 * the run is scored when it is resumed.
 *
 * @returns Whether there was no such signal.
 */
export async function scoreTest(run: Run, test: Split): Promise<boolean> {
  const { backend, config, data, display, folder, input, log } = run;
  const { model } = config;
  if (!await folder.hasBest()) return true;
  const path = joinPath(folder.dir, BEST);
  const network = getOrThrow(await loadEvaluated(model)());
  const { tensors } = getOrThrow(await readCheckpoint(path)());
  const variables = getOrThrow(await loadParams(network, tensors, path)());
  const tally = await evaluateSplit({
    backend,
    model,
    network,
    kernels: config.runtime.kernels,
    threads: run.threadCount,
    variables,
    batches: input.evaluate(test),
    stepOptions: input.stepOptions,
    classes: data.classes.length,
    signal: run.signal,
    progress: (images) => display.test(Math.min(1, images / test.length)),
  }).catch((error) => {
    if (!run.signal.aborted) throw error;
  });
  if (!tally) return false;
  display.clear();
  const accuracy = tally.correct / tally.examples;
  const loss = tally.loss / tally.examples;
  run.print(
    `test acc ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)}, ` +
      `${tally.examples.toLocaleString("en-US")} images, with the best parameters`,
  );
  const images = `${tally.examples.toLocaleString("en-US")} test images`;
  noteConfusedPairs(run, listConfusedPairs(tally.confusion, MOST_CONFUSED), images);
  log.write({ event: "test", accuracy, loss, images: tally.examples });
  return true;
}

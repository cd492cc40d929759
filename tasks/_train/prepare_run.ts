import type { FlagValues } from "../_cli/flags.ts";
import { ensureDataset } from "../_data/ensure_dataset.ts";
import { fashionMnist } from "../_data/fashion_mnist.ts";
import { openSplit } from "../_data/open_split.ts";
import { buildModel } from "../_model/model_config.ts";
import { type Backend, exportOptimizerState } from "../../models/mod.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { chooseOut } from "./choose_out.ts";
import { chooseSettings, resumeSettings } from "./choose_settings.ts";
import { chooseThreads } from "./choose_threads.ts";
import { describeRun } from "./describe_run.ts";
import { openJsonLog } from "./json_log.ts";
import { chapter, cpuPreset, toModelConfig, totalSteps } from "./train_settings.ts";
import { createProgressDisplay, silentDisplay } from "./progress_display.ts";
import type { SavedRun } from "./read_run.ts";
import type { Position, Run } from "./run.ts";
import { openRunFolder } from "./run_folder.ts";
import { initialCounters } from "./run_counters.ts";
import { chooseOptimizer, createInitialState } from "./initial_state.ts";
import { startThreads } from "./training_threads.ts";
import { TEST_BATCH_SIZE } from "./test_epoch.ts";
import type { trainFlags } from "./train_flags.ts";

import denoJson from "../../deno.json" with { type: "json" };

/**
 * Gets everything ready for a run, from the cheapest check to the dearest: settings, the network's shapes, the files to
 * write, the data, the parameters.
 *
 * @param resources Takes what must be released at the end.
 */
export async function prepareRun(
  backend: Backend,
  flags: FlagValues<typeof trainFlags>,
  saved: SavedRun | undefined,
  resources: DisposableStack,
): Promise<{ readonly run: Run; readonly start: Position }> {
  const began = performance.now();
  const note = flags.quiet ? () => {} : (line: string) => console.error(line);
  const preset = backend.hardware ? chapter : cpuPreset;
  const settings = saved ? resumeSettings(saved.settings, flags) : chooseSettings(preset, flags);
  const threads = chooseThreads(flags.threads, backend, settings.batchSize);
  const { kernels } = flags;
  for (const line of describeRun(backend, settings, saved?.progress, { kernels, threads })) {
    note(line);
  }

  const { images, epochs, batchSize } = settings;
  const model = toModelConfig(settings);
  const network = buildModel(model);
  const out = await chooseOut(flags);
  const dataset = await ensureDataset({ dataDir: flags.dataDir, quiet: flags.quiet, log: note });
  const optimizer = chooseOptimizer(settings);
  const { resume, weights } = flags;
  const team = resources.use(
    startThreads(threads, Math.max(batchSize, TEST_BATCH_SIZE), {
      model,
      settings,
      kernels,
      resume,
      weights,
    }),
  );
  const { communicator } = team;
  const state = await createInitialState(network, optimizer, settings, {
    saved,
    savedDir: resume,
    weights,
    communicator,
  });
  const [trainSet, testSet] = await Promise.all([
    openSplit(dataset, "train", { limit: images }),
    openSplit(dataset, "test", { limit: flags.testImages }),
  ]);
  await team.ready;
  const log = await openJsonLog(flags.log, saved !== undefined);
  const folder = await openRunFolder(out, network, optimizer, { model, settings }, (state) => {
    team.save();
    return exportOptimizerState(network, state.optimizer, communicator);
  });
  note(`run: saved to ${out} after every epoch, and on Ctrl-C`);

  const progress = saved?.progress ?? initialCounters;
  const lastStep = Math.min(flags.steps ?? Infinity, totalSteps(settings));
  const shown = flags.quiet ? silentDisplay : createProgressDisplay({
    epochs,
    steps: lastStep,
    images: Math.min(lastStep * batchSize, images * epochs),
    seen: progress.epoch * images + progress.index,
  });
  log.write({
    event: "run",
    rill: denoJson.version,
    deno: Deno.version.deno,
    task: ["train", ...Deno.args],
    backend: { name: backend.name, description: backend.description },
    kernels: kernels ?? "rill",
    precision: flags.precision ?? "float32",
    threads,
    settings,
    steps: lastStep,
    testImages: testSet.length,
    weights: flags.weights ?? null,
    resumed: saved ? { dir: flags.resume, step: progress.step } : null,
    out,
    data: Object.fromEntries(
      Object.values(fashionMnist.files).map(({ name, sha256 }) => [name, sha256]),
    ),
    time: new Date().toISOString(),
  });
  const interrupt = listenForInterrupt(() => {
    shown.clear();
    note("interrupted: finishing the step and saving (Ctrl-C again ends at once, unsaved)");
  });
  return {
    run: {
      backend,
      model,
      network,
      optimizer,
      team,
      settings,
      trainSet,
      testSet,
      lastStep,
      folder,
      log,
      logEvery: flags.logEvery ?? 10,
      shown,
      note,
      interrupt,
      seconds: () => progress.seconds + (performance.now() - began) / 1000,
    },
    start: { state, progress },
  };
}

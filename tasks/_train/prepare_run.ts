import { basename, dirname } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import {
  foldIn,
  getOrThrow,
  importParams,
  type Optimizer,
  randomKey,
  type TrainingPosition,
  type TrainingStart,
} from "../../models/mod.ts";
import { adaptNames } from "../../models/weights/_adapt_names.ts";
import { UsageError } from "../_cli/errors.ts";
import { getTaskArgs } from "../_cli/program.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { chooseWorkers, createBadRecords } from "../_data/prepare_images.ts";
import { watchData } from "../_data/watch_data.ts";
import { copyFileAtomically, isSameFolder, joinPath } from "../_files/files.ts";
import { listNames, requireFinite } from "../_model/checkpoint.ts";
import { describeNeed, warnOfMemory } from "../_memory/describe_memory.ts";
import { estimateMemory } from "../_memory/estimate_memory.ts";
import { findFreeMemory } from "../_memory/free_memory.ts";
import { exists, explainOptimizerFile, isRunFile, LOG } from "../_model/run_files.ts";
import { createResultPrinter, printNote } from "../_text/print.ts";
import type { Dashboard } from "./dashboard/dashboard.ts";
import { showBefore, showLog } from "./dashboard/dashboard_log.ts";
import { type ParsedLog, parseLog } from "./report/run_log.ts";
import { joinLogs, type OpenedLog, openJsonLog } from "./report/json_log.ts";
import { countSteps, planOptimizer, planStepRate } from "./settings/plan_optimizer.ts";
import type { RunPlan } from "./plan_run.ts";
import { createProgressDisplay, silentDisplay } from "./report/progress_display.ts";
import { countNeighbours } from "./ranks.ts";
import { takePosition } from "./read_run.ts";
import type { Run } from "./run.ts";
import { openRunFolder } from "./run_folder.ts";
import { formatSaveEvery } from "./saving/save_flags.ts";
import { planTrainInput } from "./train_input.ts";

/** A run that is ready for its next step. */
export interface PreparedRun {
  readonly run: Run;
  /** Where it begins; at drawn parameters without it. */
  readonly from: (() => TrainingStart) | undefined;
  /** Opens that anew, as it is used up. */
  readonly reopen: () => Promise<PreparedRun["from"]>;
}

/**
 * Prepares a run as planned: its start, folder and log.
 *
 * @param before The run that goes back, whose folder and images it keeps. What there is to say at the beginning was said.
 * @param dashboard The page on which it is looked at.
 */
export async function prepareRun(
  plan: RunPlan,
  before?: Run,
  dashboard: Dashboard | undefined = before?.dashboard,
): Promise<PreparedRun> {
  const { backend, config, data, flags, network, retried, saved } = plan;
  const note = before ? () => {} : plan.note;
  const { settings } = config;
  const began = performance.now();
  const taken = saved && await takePosition(saved, String(flags.resume));
  const { position } = taken ?? {};
  taken?.warnings.forEach(printNote);
  const from = await openStart({ ...plan, note }, position);
  const { epoch = 0, index = 0 } = position ?? {};
  const { images, epochs, batchSize } = settings;
  const lastStep = Math.min(flags.steps ?? Infinity, countSteps(settings));
  const optimizer = planOptimizer(settings, network.parameters.map(({ name }) => name));
  const { input, badRecords, findChange, folder, logs } = before ??
    await openKept(plan, { optimizer, lastStep, position });
  const { dir } = folder;
  const discard = async (error: unknown) => {
    await folder.discard();
    throw error;
  };
  const { log: written, facts } = await openLogs(plan, dir, position).catch(discard);
  const secondsBefore = facts.seconds || (saved?.seconds ?? 0);
  const rate = planStepRate(settings);
  const isShown = dashboard !== undefined || flags.tensorboard !== undefined;
  const told = position && isShown ? await readTold(joinPath(dir, LOG)) : [];
  const kept = flags.tensorboard === undefined ? written : joinLogs([
    written,
    await (await import("./tensorboard/tensorboard_log.ts")).openTensorboardLog(flags.tensorboard, {
      out: dir,
      course: { ...settings, learningRate: rate },
      start: { step: position?.step ?? 0, epoch, seconds: secondsBefore, before: told },
      warn: printNote,
    }).catch(discard),
  ]);
  logs.splice(0, logs.length, kept);
  if (dashboard && !before) showBefore(told, dashboard, rate);
  const log = dashboard ? showLog(kept, dashboard, rate) : kept;
  // Before the line that says so.
  let display = silentDisplay;
  if (plan.ranks) {
    plan.ranks.tellDelay = (line) => {
      display.clear();
      printNote(line);
    };
  }
  const controller = new AbortController();
  const interrupt = listenForInterrupt(() => {
    display.clear();
    plan.note("interrupted: finishing the step and saving (Ctrl-C again ends at once, unsaved)");
    controller.abort();
  });
  const { saveEvery } = config.runtime;
  note(`run: saved to ${dir} ${formatSaveEvery(saveEvery)}, after every epoch, and on Ctrl-C`);
  const need = estimateMemory(network, optimizer, {
    backend: backend.name,
    batchSize,
    threads: plan.threadCount,
  });
  const { ranks } = plan;
  note(describeNeed(need, ranks?.communicator.size));
  const neighbours = ranks ? countNeighbours(ranks) : 1;
  const warning = warnOfMemory(need, findFreeMemory(), !backend.hardware, neighbours);
  if (warning !== undefined && !before) printNote(warning);

  const fingerprint = await data.train.fingerprint();
  if (facts.data?.spec === data.spec && facts.data.fingerprint !== fingerprint) {
    printNote(
      `warning: the files of ${data.spec} have other sizes or times than before; if their contents are others, ` +
        "the run goes on with other images than it was made with",
    );
  }
  if (!flags.quiet) {
    display = createProgressDisplay({
      epochs,
      steps: lastStep,
      images: Math.min(lastStep * batchSize, images * epochs),
      seen: epoch * images + index,
    });
  }
  log.write({
    event: "run",
    rill: denoJson.version,
    deno: Deno.version.deno,
    task: ["train", ...getTaskArgs()],
    backend: { name: backend.name, description: backend.description },
    kernels: config.runtime.kernels,
    precision: config.runtime.precision,
    threads: plan.threadCount,
    ...ranks && { ranks: ranks.communicator.size, hosts: ranks.hosts },
    saveEvery,
    keep: config.runtime.keep,
    settings,
    steps: lastStep,
    testImages: data.test?.length ?? 0,
    validationImages: data.validation?.length ?? 0,
    classes: data.classes,
    weights: flags.weights ?? null,
    resumed: saved ? { dir: flags.resume, step: saved.position.step } : null,
    out: dir,
    data: { spec: data.spec, fingerprint },
    seconds: secondsBefore,
    time: new Date().toISOString(),
  });
  if (retried && !facts.retried) {
    const { step: failedStep, subject, place } = retried;
    const { learningRate } = settings;
    const step = position?.step ?? 0;
    log.write({ event: "retry", failedStep, subject, place, step, learningRate });
  }
  return {
    run: {
      ...plan,
      position,
      input,
      badRecords,
      findChange,
      folder,
      logs,
      lastStep,
      log,
      logEvery: config.runtime.logEvery,
      display,
      print: createResultPrinter(),
      interrupt,
      dashboard,
      signal: dashboard
        ? AbortSignal.any([controller.signal, dashboard.stopped])
        : controller.signal,
      seconds: () => secondsBefore + (performance.now() - began) / 1000,
      epochSeconds: facts.epochSeconds,
    },
    from,
    reopen: () => openStart({ ...plan, note: () => {} }, position),
  };
}

/** Reads what the log of a run that goes on tells of the time before. Damaged lines are left out, as whoever opens it says so. */
const readTold = (path: string): Promise<ParsedLog["events"]> =>
  Deno.readFile(path).then((bytes) => parseLog(bytes).events, () => []);

/** What a run has for all its time, whether it goes back or not. */
type KeptParts = Pick<Run, "input" | "badRecords" | "findChange" | "folder" | "logs">;

/** Opens the images of a run and its folder, in which nothing is written where something else is wrong. */
async function openKept(
  { backend, config, data, flags, network, note, out, isLocked, ranks, workers }: RunPlan,
  { optimizer, lastStep, position }: {
    readonly optimizer: Optimizer;
    readonly lastStep: number;
    readonly position: TrainingPosition | undefined;
  },
): Promise<KeptParts> {
  const { model, settings, runtime: { saveEvery } } = config;
  const badRecords = createBadRecords(settings.onBadRecord);
  const input = await planTrainInput(backend, data, settings, model, {
    workers: chooseWorkers(flags.workers ?? "auto", data.train),
    pool: workers.pool,
    badRecords,
    cache: flags.cache,
    quiet: flags.quiet,
    note,
  });
  const findChange = await watchData(data, flags.cache !== undefined);
  const { epoch = 0, step = 0 } = position ?? {};
  const stepsOfEpoch = countSteps({ ...settings, epochs: 1 });
  const within = typeof saveEvery === "number"
    ? Math.floor((lastStep - step) / saveEvery)
    : Infinity;
  const logs: KeptParts["logs"] = [];
  const folder = await openRunFolder(out.dir, network, optimizer, config, {
    begin: out.begin,
    resume: flags.resume,
    step: position?.step,
    isLocked,
    ranks,
    saves: Math.ceil(lastStep / stepsOfEpoch) - epoch + within,
    warn: printNote,
    renew: () => logs.forEach((log) => log.renew()),
    takeSaver: workers.takeSaver,
  });
  return { input, badRecords, findChange, folder, logs };
}

/** Opens where a run begins: where the one that goes on was, at the parameters of a file, or at drawn ones. */
async function openStart(
  { saved, weights, network, config: { settings }, note, flags }: RunPlan,
  position: TrainingPosition | undefined,
): Promise<PreparedRun["from"]> {
  if (saved && position) {
    const { params, optimizer } = saved;
    return () => ({ params, optimizer, position });
  }
  if (!weights) return undefined;
  const { tensors, path } = weights;
  getOrThrow(requireFinite(tensors, path));
  const whole = importParams(network, tensors);
  const tell = (kept: number, drawn: readonly string[], leftOver: readonly string[]) => {
    note(`weights: kept ${kept} of ${kept + drawn.length} tensors of ${flags.weights}`);
    note(`weights: drawn anew: ${listNames(drawn)}; left over: ${listNames(leftOver)}`);
  };
  if (whole._tag === "Right") {
    const { parameters, buffers } = network;
    tell(parameters.length + buffers.length, [], adaptNames(network, tensors).leftOver);
    return () => ({ variables: whole.right });
  }
  const explained = await explainOptimizerFile(whole.left, path);
  if (explained) throw explained;
  const partial = importParams(network, tensors, {
    partial: true,
    key: foldIn(randomKey(settings.seed), 0),
    initializer: settings.init,
  });
  if (partial._tag === "Left") throw partial.left.withSource(path);
  const { kept, missing, misshaped, extra, variables } = partial.right;
  tell(kept.length, [...misshaped.map(({ name }) => name), ...missing], extra);
  return () => ({ variables });
}

/** Opens the run's log in its folder, and the one that `--log` names, which may not lie in the place of what is saved there. */
export async function openLogs(
  { flags }: { readonly flags: { readonly log?: string; readonly resume?: string } },
  dir: string,
  position: Pick<TrainingPosition, "epoch" | "step"> | undefined,
): Promise<OpenedLog> {
  const { log, resume } = flags;
  const isInside = log !== undefined && await isSameFolder(dirname(log), dir);
  if (isInside && isRunFile(basename(log))) {
    throw new UsageError(
      `Cannot use --log ${log} as the run saves to a file of that name: name another one`,
    );
  }
  const own = joinPath(dir, LOG);
  if (position && resume !== undefined && !await isSameFolder(resume, dir)) {
    // What was made in another folder belongs to the run.
    const before = joinPath(resume, LOG);
    if (await exists(before)) await copyFileAtomically(before, own);
  }
  const first = await openJsonLog(own, position, { warn: printNote, isOwn: true });
  if (log === undefined || isInside && basename(log) === LOG) return first;
  const second = await openJsonLog(log, position, { warn: printNote }).catch((error) => {
    first.log.close();
    throw error;
  });
  const { facts } = first.facts.seconds > 0 ? first : second;
  return { log: joinLogs([first.log, second.log]), facts };
}

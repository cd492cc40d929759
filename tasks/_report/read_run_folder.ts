import { type CheckpointError, getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";
import { describeReadError, joinPath } from "../_files/files.ts";
import { CONFIG, findRunFolder, isFolder, LOG, openRunReader } from "../_model/run_files.ts";
import { RUN_METADATA } from "../_model/model_config.ts";
import { parseRun, type RunFacts } from "../_train/parse_run.ts";
import { parseLog } from "../_train/report/run_log.ts";
import { type EpochRow, readCurves, type RunCurves } from "./read_curves.ts";

/** What a run's folder has, without its parameters. */
export interface RunRecord {
  /** The folder, as it was named. */
  readonly dir: string;
  /** Its name for people, another for each run. */
  readonly name: string;
  readonly facts: RunFacts;
  readonly curves: RunCurves;
  /** What is missing or damaged, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads the folders of runs.
 *
 * @throws {UsageError} If one is missing, is no run's, or is named twice.
 */
export async function readRunFolders(paths: readonly string[]): Promise<RunRecord[]> {
  const dirs = paths.map(findRunFolder);
  const real: string[] = [];
  for (const dir of dirs) {
    const path = await Deno.realPath(dir).catch(() => dir);
    if (real.includes(path)) throw new UsageError(`Cannot report on ${dir} twice`);
    real.push(path);
  }
  const names = real.map((path) => path.split(/[/\\]/).findLast((part) => part !== "") ?? path);
  const records: RunRecord[] = [];
  for (const [i, dir] of dirs.entries()) {
    const isAlone = names.filter((name) => name === names[i]).length === 1;
    records.push(await readRunFolder(dir, isAlone ? names[i]! : dir));
  }
  return records;
}

async function readRunFolder(dir: string, name: string): Promise<RunRecord> {
  if (!await isFolder(dir)) {
    const found = await Deno.stat(dir).catch(() => undefined);
    throw new UsageError(
      `Cannot report on ${dir} as ${
        found ? "it is a file: name the folder of the run" : "there is no such folder"
      }`,
    );
  }
  const facts = await readFacts(dir);
  const { events, notes } = await readEvents(dir);
  const curves = readCurves(events, facts.settings);
  if (curves.epochs.length > 0) return { dir, name, facts, curves, notes };
  // The checkpoint has the results of each epoch, too.
  const history = await readHistory(dir);
  return { dir, name, facts, curves: readCurves(events, facts.settings, history), notes };
}

async function readFacts(dir: string): Promise<RunFacts> {
  const path = joinPath(dir, CONFIG);
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new UsageError(
      error instanceof Deno.errors.NotFound
        ? `Cannot report on ${dir} as it is no run's folder: it has no ${CONFIG}`
        : describeReadError(path, error),
    );
  });
  const { raw: _, ...facts } = getOrThrow<CheckpointError, RunFacts & { raw: unknown }>(
    parseRun({ [RUN_METADATA]: text }, path, "report on"),
  );
  return facts;
}

async function readEvents(dir: string) {
  const path = joinPath(dir, LOG);
  try {
    const { events, damaged, isTorn } = parseLog(await Deno.readFile(path));
    const lines = `${damaged} damaged line${damaged === 1 ? "" : "s"}`;
    return {
      events,
      notes: [
        ...damaged > 0 ? [`${path} has ${lines}: the curves are without`] : [],
        ...isTorn
          ? [`${path} ends in the middle of a line, as the run was ended then: it is left out`]
          : [],
      ],
    };
  } catch (error) {
    const reason = describeReadError(path, error);
    return { events: [], notes: [`${reason}: there are no curves by steps`] };
  }
}

/** Reads the results of epochs from the newest checkpoint; none where there is none. */
async function readHistory(dir: string): Promise<EpochRow[]> {
  const { checkpoint } = await openRunReader(dir).load({ optimizer: false })
    .catch(() => ({ checkpoint: undefined }));
  const history = checkpoint?.position?.history ?? [];
  return history.map(({ epoch, step, training, validation }) => ({
    epoch: epoch + 1,
    step,
    loss: training.loss,
    accuracy: training.accuracy,
    judgedLoss: validation?.loss,
    judgedAccuracy: validation?.accuracy,
    seconds: undefined,
  }));
}
